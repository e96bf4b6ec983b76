package dev.sluice.analysis.core;

import java.util.List;
import java.util.Map;
import java.util.Optional;

/// What came of the tasks of this pass.
public record Observation(List<Outcome> outcomes, Optional<String> argumentFault) {

    /// @param metadata of the metric, such as its resolved query
    public record Outcome(Task task, Measurement measurement, Map<String, String> metadata) {
        public Outcome {
            metadata = Map.copyOf(metadata);
        }
    }

    public static final Observation NOTHING = new Observation(List.of(), Optional.empty());

    public Observation {
        outcomes = List.copyOf(outcomes);
    }

    public static Observation of(List<Outcome> outcomes) {
        return new Observation(outcomes, Optional.empty());
    }

    public static Observation unresolved(String fault) {
        return new Observation(List.of(), Optional.of(fault));
    }
}
