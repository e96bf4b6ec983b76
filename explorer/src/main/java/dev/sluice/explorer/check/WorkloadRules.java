package dev.sluice.explorer.check;

import com.fasterxml.jackson.databind.JsonNode;
import dev.sluice.explorer.drive.RolloutWorker.Op;
import dev.sluice.explorer.scenario.Option;
import dev.sluice.rollout.core.Command;
import dev.sluice.rollout.core.Names;
import dev.sluice.rollout.core.Observation;
import dev.sluice.rollout.core.Observation.ReplicaSetView;
import java.util.List;
import java.util.Optional;

/// What a Rollout may do with the Deployment that it takes its template from.
final class WorkloadRules {
    static final List<Rule<RolloutWrite>> ALL =
            List.of(
                    new Rule<>("T5", "a take-over leaves as many pods", WorkloadRules::t5),
                    new Rule<>("H1", "a Deployment is scaled as declared", WorkloadRules::h1),
                    new Rule<>("C3", "every write is conditional", WorkloadRules::c3));

    private WorkloadRules() {}

    private static Optional<Command.ScaleWorkload> scale(RolloutWrite w) {
        return w.op() instanceof Op.Do(Command.ScaleWorkload scale) && w.seen().isPresent()
                ? Optional.of(scale)
                : Optional.empty();
    }

    private static int present(Observation seen) {
        return seen.workload().map(d -> d.path("spec").path("replicas").asInt(1)).orElse(0);
    }

    private static int available(Observation seen) {
        return seen.replicaSets().stream().mapToInt(ReplicaSetView::available).sum();
    }

    static Optional<String> t5(RolloutWrite w) {
        if (scale(w).isEmpty()) {
            return Optional.empty();
        }
        Observation seen = w.seen().orElseThrow();
        int to = scale(w).get().to();
        int has = available(seen);
        int n = seen.rollout().replicas();
        return to < present(seen) && to + has < n
                ? Optional.of(
                        "%d of the Deployment are to be left beside %d that can serve, of %d"
                                .formatted(to, has, n))
                : Optional.empty();
    }

    static Optional<String> h1(RolloutWrite w) {
        if (scale(w).isEmpty()) {
            return Optional.empty();
        }
        Observation seen = w.seen().orElseThrow();
        int to = scale(w).get().to();
        JsonNode notes = seen.rollout().json().path("metadata").path("annotations");
        boolean isFirst = notes.path(Names.REVISION).asText().equals("1");
        boolean isOver =
                seen.rollout().status().phase().equals("Healthy")
                        && available(seen) >= seen.rollout().replicas();
        boolean isDeclared =
                w.cluster().scenario().has(Option.WORKLOAD_PROGRESSIVELY)
                        || (w.cluster().scenario().has(Option.WORKLOAD_ONSUCCESS)
                                && isOver
                                && to == 0);
        return isFirst && isDeclared
                ? Optional.empty()
                : Optional.of("the Deployment goes from %d to %d".formatted(present(seen), to));
    }

    static Optional<String> c3(RolloutWrite w) {
        return scale(w).filter(s -> s.resourceVersion().isEmpty()).map(Object::toString);
    }
}
