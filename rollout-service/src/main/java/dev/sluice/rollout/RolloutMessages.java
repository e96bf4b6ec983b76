package dev.sluice.rollout;

import java.lang.invoke.MethodHandles;
import org.jboss.logging.BasicLogger;
import org.jboss.logging.Logger;
import org.jboss.logging.annotations.LogMessage;
import org.jboss.logging.annotations.Message;
import org.jboss.logging.annotations.MessageLogger;

/// Log messages of rollout-service, ids 2001 to 2999. Listed in the service's README.
@MessageLogger(projectCode = "SLUICE", length = 5)
public interface RolloutMessages extends BasicLogger {
    /// The logger.
    RolloutMessages LOG =
            Logger.getMessageLogger(
                    MethodHandles.lookup(), RolloutMessages.class, "dev.sluice.rollout");

    @LogMessage(level = Logger.Level.INFO)
    @Message(id = 2001, value = "Controlling Rollouts of %s in %s")
    void started(String partition, String namespaces);

    @LogMessage(level = Logger.Level.WARN)
    @Message(
            id = 2002,
            value =
                    "Could not start watching the cluster: %s. Trying again in %s. Check the"
                            + " connection to the API server and that the CRDs are installed.")
    void cannotWatch(String reason, String delay);

    @LogMessage(level = Logger.Level.DEBUG)
    @Message(id = 2003, value = "%s/%s: %s was overtaken by another change, looking again")
    void overtaken(String namespace, String name, String what);

    @LogMessage(level = Logger.Level.WARN)
    @Message(id = 2004, value = "%s/%s: the API server refuses %s: %s")
    void refused(String namespace, String name, String what, String reason);

    @LogMessage(level = Logger.Level.INFO)
    @Message(id = 2005, value = "%s/%s: %s: %s")
    void noticed(String namespace, String name, String reason, String message);
}
