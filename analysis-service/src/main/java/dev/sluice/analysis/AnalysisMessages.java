package dev.sluice.analysis;

import java.lang.invoke.MethodHandles;
import org.jboss.logging.BasicLogger;
import org.jboss.logging.Logger;
import org.jboss.logging.annotations.LogMessage;
import org.jboss.logging.annotations.Message;
import org.jboss.logging.annotations.MessageLogger;

/// Log messages of analysis-service, ids 3001 to 3999. Listed in the service's README.
@MessageLogger(projectCode = "SLUICE", length = 5)
public interface AnalysisMessages extends BasicLogger {
    /// The logger.
    AnalysisMessages LOG =
            Logger.getMessageLogger(
                    MethodHandles.lookup(), AnalysisMessages.class, "dev.sluice.analysis");

    @LogMessage(level = Logger.Level.INFO)
    @Message(id = 3001, value = "Measuring for AnalysisRuns %s in %s")
    void started(String partition, String namespaces);

    @LogMessage(level = Logger.Level.WARN)
    @Message(
            id = 3002,
            value =
                    "Could not start watching the cluster: %s. Trying again in %s. Check the connection to the API"
                            + " server and that the CRDs are installed.")
    void cannotWatch(String reason, String delay);

    @LogMessage(level = Logger.Level.INFO)
    @Message(id = 3003, value = "%s/%s: %s: %s")
    void announced(String namespace, String name, String reason, String message);

    @LogMessage(level = Logger.Level.WARN)
    @Message(
            id = 3004,
            value =
                    "%s/%s: the status cannot be written: %s. Check the CRD and the service account.")
    void rejected(String namespace, String name, String reason);

    @LogMessage(level = Logger.Level.INFO)
    @Message(id = 3005, value = "%s/%s: deleted, its time to live is over")
    void expired(String namespace, String name);
}
