package dev.sluice.router.app;

import dev.sluice.router.app.Cluster.Endpoints;
import dev.sluice.router.app.Cluster.RevisionPods;
import dev.sluice.router.core.Move;
import dev.sluice.router.core.ObjectRef;
import dev.sluice.router.core.Situation;
import dev.sluice.router.core.Snapshot;
import dev.sluice.router.core.provider.Provider;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// One fresh look at everything that a plan concerns.
///
/// @param providers who programs each route
/// @param subsets who selects pods by itself, by the subset's name
/// @param pods the capacity that the situation rests on
/// @param unusable why a router can't carry any plan; then nothing is written but the evidence
record Observation(
        Snapshot snapshot,
        Situation situation,
        Map<ObjectRef, Provider> providers,
        Map<String, Provider> subsets,
        Optional<Move.Partial> unusable,
        Duration drain,
        Pods pods) {
    Observation {
        providers = new LinkedHashMap<>(providers);
        subsets = new LinkedHashMap<>(subsets);
    }

    /// Pods as they were read.
    ///
    /// @param behind what stands behind each Service
    record Pods(List<RevisionPods> revisions, Map<String, Endpoints> behind, Instant readAt) {
        Pods {
            revisions = List.copyOf(revisions);
            behind = Map.copyOf(behind);
        }
    }
}
