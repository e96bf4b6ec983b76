package dev.sluice.rollout.core;

import com.fasterxml.jackson.databind.JsonNode;
import dev.sluice.rollout.core.Observation.ReplicaSetView;
import dev.sluice.rollout.core.RolloutSpec.ScaleDown;
import dev.sluice.rollout.core.RolloutSpec.WorkloadRef;
import java.util.Optional;

/// Takes the pods of the referenced Deployment down while a Rollout takes over from it. Only its
/// first revision does that; later the Deployment is nobody's concern.
///
/// What remains of the Deployment and the pods of the Rollout that can serve never fall below the
/// wanted count together, short of what was missing before (T5).
final class WorkloadScaling {
    private WorkloadScaling() {}

    static void scale(Pass pass) {
        Optional<WorkloadRef> ref = pass.spec.workloadRef();
        boolean isFirst = "1".equals(pass.rollout.meta().annotations().get(Names.REVISION));
        if (ref.isEmpty()
                || !isFirst
                || !ref.get().kind().equals("Deployment")
                || pass.seen.workload().isEmpty()) {
            return;
        }
        JsonNode workload = pass.seen.workload().get();
        int present = workload.path("spec").path("replicas").asInt(1);
        wanted(pass, ref.get().scaleDown(), present)
                .filter(to -> to != present)
                .ifPresent(
                        to ->
                                pass.doLast(
                                        new Command.ScaleWorkload(
                                                ref.get().name(),
                                                workload.path("metadata").path("uid").asText(""),
                                                workload.path("metadata")
                                                        .path("resourceVersion")
                                                        .asText(""),
                                                to)));
    }

    private static Optional<Integer> wanted(Pass pass, ScaleDown mode, int present) {
        int n = pass.replicas();
        int available = pass.sets.owned().stream().mapToInt(ReplicaSetView::available).sum();
        boolean isOver = pass.stored.phase().equals("Healthy") && available >= n;
        return switch (mode) {
            case NEVER -> Optional.empty();
            case ONSUCCESS -> isOver && pass.isFullyPromoted() ? Optional.of(0) : Optional.empty();
            case PROGRESSIVELY -> {
                if (isOver) {
                    yield Optional.of(0);
                }
                boolean wasOver =
                        present == 0 && pass.stored.condition(Conditions.HEALTHY).isPresent();
                boolean shrinks =
                        pass.sets
                                .newSet()
                                .map(rs -> pass.countOf(rs) < rs.replicas())
                                .orElse(false);
                if (wasOver || (pass.stored.readyReplicas() == 0 && !shrinks)) {
                    yield Optional.empty();
                }
                int least = Math.max(0, n - Math.min(available, pass.stored.readyReplicas()));
                int most = Math.max(0, n - pass.stored.readyReplicas());
                yield Optional.of(present > least ? least : Math.max(present, most));
            }
        };
    }
}
