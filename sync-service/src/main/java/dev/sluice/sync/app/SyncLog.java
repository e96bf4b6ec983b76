package dev.sluice.sync.app;

import org.jboss.logging.BasicLogger;
import org.jboss.logging.Logger;
import org.jboss.logging.annotations.Cause;
import org.jboss.logging.annotations.LogMessage;
import org.jboss.logging.annotations.Message;
import org.jboss.logging.annotations.MessageLogger;

/// Messages of sync-service, ids 1000 to 1999.
@MessageLogger(projectCode = "SLUICE", length = 4)
public interface SyncLog extends BasicLogger {
    SyncLog LOG =
            Logger.getMessageLogger(
                    java.lang.invoke.MethodHandles.lookup(), SyncLog.class, "dev.sluice.sync");

    @LogMessage(level = Logger.Level.INFO)
    @Message(id = 1001, value = "Application %s/%s: operation %s at revision %s: %s")
    void operationEnded(
            String namespace, String name, String phase, String revision, String message);

    @LogMessage(level = Logger.Level.WARN)
    @Message(
            id = 1002,
            value = "Application %s/%s changes faster than it can be reconciled; trying again")
    void conflicts(String namespace, String name);

    @LogMessage(level = Logger.Level.WARN)
    @Message(id = 1003, value = "Application %s/%s: %s could not be deleted: %s")
    void deletionFailed(String namespace, String name, String object, String problem);

    @LogMessage(level = Logger.Level.WARN)
    @Message(id = 1004, value = "Watch of %s ended (%s); it starts again")
    void watchEnded(String kind, String reason);

    @LogMessage(level = Logger.Level.WARN)
    @Message(id = 1005, value = "Kubernetes Event %s for %s/%s was not written: %s")
    void noteFailed(String reason, String namespace, String name, String problem);

    @LogMessage(level = Logger.Level.INFO)
    @Message(id = 1006, value = "Push to %s (%s): %d applications look at Git again")
    void pushed(String repository, String ref, int applications);

    @LogMessage(level = Logger.Level.WARN)
    @Message(id = 1007, value = "Webhook request refused: %s")
    void webhookRefused(String reason);

    @LogMessage(level = Logger.Level.WARN)
    @Message(id = 1009, value = "Abandoned folder %s was not removed: %s")
    void notRemoved(String folder, String problem);

    @LogMessage(level = Logger.Level.ERROR)
    @Message(id = 1008, value = "Application %s/%s could not be reconciled; trying again")
    void reconcileFailed(String namespace, String name, @Cause Throwable cause);
}
