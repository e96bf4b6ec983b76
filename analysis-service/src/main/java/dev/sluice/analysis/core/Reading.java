package dev.sluice.analysis.core;

import dev.sluice.analysis.core.expr.Value;
import java.time.Instant;
import java.util.Map;

/// What a provider brings back, before it is judged.
public sealed interface Reading {

    /// A result for the conditions.
    ///
    /// @param shown what is stored as the measurement's value
    record Result(Value value, String shown, Map<String, String> metadata) implements Reading {
        public Result {
            metadata = Map.copyOf(metadata);
        }
    }

    /// Not ready: look again later.
    record UnderWay(Map<String, String> metadata, Instant resumeAt) implements Reading {
        public UnderWay {
            metadata = Map.copyOf(metadata);
        }
    }

    /// The provider itself knows the outcome; conditions are not asked.
    record Verdict(Phase phase, String message, Map<String, String> metadata) implements Reading {
        public Verdict {
            metadata = Map.copyOf(metadata);
        }
    }

    /// Nothing could be measured. Never a pass (G1).
    record Broken(String message) implements Reading {}
}
