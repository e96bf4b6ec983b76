package dev.sluice.cli;

import dev.sluice.testkit.Progress;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

@Command(
        name = "down",
        description = "Stops the stack and its services; nothing stays behind.",
        mixinStandardHelpOptions = true)
final class Down implements Callable<Integer> {
    private static final int LIMIT_SECONDS = 40;

    @Mixin private NameOption name = new NameOption();

    @Override
    public Integer call() throws InterruptedException, ExecutionException {
        var state = StackState.running(name.value());
        if (state.isEmpty()) {
            StackState.remove(name.value());
            Progress.say("the stack '%s' is not running", name.value());
            return 0;
        }
        var owner = state.get().ownerProcess();
        if (owner.isPresent()) {
            stop(owner.get());
        }
        StackState.remove(name.value());
        Progress.say("the stack '%s' is down", name.value());
        return 0;
    }

    private static void stop(ProcessHandle owner) throws InterruptedException, ExecutionException {
        owner.destroy();
        try {
            owner.onExit().get(LIMIT_SECONDS, TimeUnit.SECONDS);
        } catch (TimeoutException e) {
            owner.destroyForcibly(); // the guards end its processes
            owner.onExit().join();
        }
    }
}
