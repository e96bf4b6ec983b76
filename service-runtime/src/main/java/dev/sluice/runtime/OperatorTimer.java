package dev.sluice.runtime;

import io.javaoperatorsdk.operator.Operator;
import java.util.concurrent.ScheduledThreadPoolExecutor;

/// The timer of the Java Operator SDK, in which every object waits for its next regular look.
public final class OperatorTimer {
    private OperatorTimer() {}

    /// Gives the timer a thread of its own. The SDK makes it without one: whichever thread it
    /// starts is about to end and looks at the queue every 10 ms for as long as anything waits
    /// there, which took 0.6 % of a core in a service that has nothing to do.
    ///
    /// @param started an operator that was started
    public static void keepThread(Operator started) {
        if (started.getConfigurationService().getExecutorServiceManager().scheduledExecutorService()
                instanceof ScheduledThreadPoolExecutor timer) {
            timer.setCorePoolSize(1);
        }
    }
}
