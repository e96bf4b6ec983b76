package dev.sluice.sync.app;

import dev.sluice.sync.core.AppSpec;
import dev.sluice.sync.core.Comparer;
import dev.sluice.sync.core.Condition;
import dev.sluice.sync.core.KubeObject;
import dev.sluice.sync.core.ObjectKey;
import dev.sluice.sync.core.ProjectRules;
import java.util.List;
import java.util.Map;

/// What was seen of an Application at one revision.
sealed interface Observation {
    record Seen(
            AppSpec spec,
            ProjectRules project,
            AppSpec.Source source,
            String revision,
            String sourceType,
            Comparer.Comparison comparison,
            Map<ObjectKey, KubeObject> live)
            implements Observation {}

    /// Could not be compared; the conditions say why.
    record Blind(List<Condition> conditions) implements Observation {
        public Blind {
            conditions = List.copyOf(conditions);
        }

        String message() {
            return String.join("; ", conditions.stream().map(Condition::message).toList());
        }
    }
}
