package dev.sluice.analysis.app;

import dev.sluice.analysis.core.AnalysisRun;
import java.util.Optional;

/// Reads one secret by name, fresh each time: secrets are neither listed nor cached (C11).
public interface Secrets {

    /// The decoded value.
    ///
    /// @return empty if the secret has no such key or does not exist
    Optional<String> value(String namespace, AnalysisRun.SecretKey key);
}
