package dev.sluice.router;

import java.lang.invoke.MethodHandles;
import org.jboss.logging.BasicLogger;
import org.jboss.logging.Logger;
import org.jboss.logging.annotations.LogMessage;
import org.jboss.logging.annotations.Message;
import org.jboss.logging.annotations.MessageLogger;

/// Log messages of router-service, ids 4001 to 4999. Listed in the service's README.
@MessageLogger(projectCode = "SLUICE", length = 5)
public interface RouterMessages extends BasicLogger {
    /// The logger.
    RouterMessages LOG =
            Logger.getMessageLogger(
                    MethodHandles.lookup(), RouterMessages.class, "dev.sluice.router");

    @LogMessage(level = Logger.Level.INFO)
    @Message(id = 4001, value = "Routing for Rollouts %s in %s")
    void started(String partition, String namespaces);

    @LogMessage(level = Logger.Level.WARN)
    @Message(
            id = 4002,
            value =
                    "Could not start watching the cluster: %s. Trying again in %s. Check the"
                            + " connection to the API server and that the CRDs are installed.")
    void cannotWatch(String reason, String delay);

    @LogMessage(level = Logger.Level.INFO)
    @Message(id = 4003, value = "%s/%s: plan %s: %s")
    void wrote(String namespace, String name, long plan, String what);

    @LogMessage(level = Logger.Level.INFO)
    @Message(id = 4004, value = "%s/%s: plan %s carried out, evidence %s")
    void carriedOut(String namespace, String name, long plan, String level);

    @LogMessage(level = Logger.Level.WARN)
    @Message(id = 4005, value = "%s/%s: plan %s waits: %s: %s")
    void blocked(String namespace, String name, long plan, String reason, String message);

    @LogMessage(level = Logger.Level.WARN)
    @Message(id = 4006, value = "%s/%s: plan can't be read: %s")
    void unreadablePlan(String namespace, String name, String problem);

    @LogMessage(level = Logger.Level.WARN)
    @Message(id = 4007, value = "%s/%s: %s was changed by somebody else, restoring plan %s")
    void foreignChange(String namespace, String name, String object, long plan);

    @LogMessage(level = Logger.Level.INFO)
    @Message(id = 4008, value = "Service %s/%s is not referred to any more: selector given back")
    void cleaned(String namespace, String name);

    @LogMessage(level = Logger.Level.WARN)
    @Message(id = 4009, value = "Looking for abandoned Services failed: %s. Trying again later.")
    void cleaningFailed(String reason);

    @LogMessage(level = Logger.Level.DEBUG)
    @Message(id = 4010, value = "%s/%s: %s was overtaken by another change, looking again")
    void overtaken(String namespace, String name, String what);
}
