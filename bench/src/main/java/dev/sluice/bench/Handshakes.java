package dev.sluice.bench;

import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import java.io.PrintStream;
import java.time.Duration;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.List;
import java.util.Map;
import java.util.NavigableSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentSkipListSet;
import org.jspecify.annotations.Nullable;

/// Hand-shakes as a watch sees them: from a new traffic plan in a Rollout's status to its complete
/// evidence there.
///
/// What a hand-shake takes besides the services' own time depends on the plan, so each kind counts
/// by itself: new pods have to start, and a Service is re-pointed only when no proxy sends to it
/// any more. No weight is given before the cluster says that pods can bear it, so the time after
/// the last change of EndpointSlices is told apart: it is what the services themselves need.
final class Handshakes {
    private record Plan(String id, boolean repoints, String services, Instant seen, boolean open) {
        Plan answered() {
            return new Plan(id, repoints, services, seen, false);
        }
    }

    private final Map<String, Plan> plans = new ConcurrentHashMap<>();
    private final Map<String, NavigableSet<Instant>> endpointChanges = new ConcurrentHashMap<>();

    /// Of plans that only move weights.
    final Percentiles weights = new Percentiles();

    /// The part of these until router-service had written the evidence.
    final Percentiles untilEvidence = new Percentiles();

    /// The end of that part, from when the EndpointSlices of the rollout no longer changed.
    final Percentiles afterCapacity = new Percentiles();

    /// The part of these until rollout-service had recorded it.
    final Percentiles untilRecorded = new Percentiles();

    /// Of plans that lead a Service to another revision.
    final Percentiles repointed = new Percentiles();

    /// An EndpointSlice of this rollout's Services was written.
    void endpointsChanged(String rollout, Instant now) {
        endpointChanges.computeIfAbsent(rollout, _ -> new ConcurrentSkipListSet<>()).add(now);
    }

    void look(GenericKubernetesResource rollout, Instant now) {
        String id = Fields.text(rollout, "status", "trafficPlan", "id");
        if (id == null) {
            return;
        }
        String name = rollout.getMetadata().getName();
        boolean isComplete =
                id.equals(Fields.text(rollout, "status", "trafficPlan", "observed", "plan"))
                        && !"true"
                                .equals(
                                        Fields.text(
                                                rollout,
                                                "status",
                                                "trafficPlan",
                                                "observed",
                                                "partial"));
        Plan plan = plans.get(name);
        if (plan == null || !plan.id().equals(id)) {
            String services = services(rollout);
            boolean repoints = plan == null || !plan.services().equals(services);
            plans.put(name, new Plan(id, repoints, services, now, !isComplete));
        } else if (plan.open() && isComplete) {
            plans.put(name, plan.answered());
            add(plan, rollout, now);
        }
    }

    private void add(Plan plan, GenericKubernetesResource rollout, Instant now) {
        Duration whole = Duration.between(plan.seen(), now);
        if (plan.repoints()) {
            repointed.add(whole);
        } else {
            weights.add(whole);
            Instant evidence = time(rollout);
            if (evidence != null) {
                untilEvidence.add(Duration.between(plan.seen(), evidence));
                Instant capacity = lastChangeUntil(evidence, rollout.getMetadata().getName());
                boolean isLater = capacity != null && capacity.isAfter(plan.seen());
                afterCapacity.add(Duration.between(isLater ? capacity : plan.seen(), evidence));
                untilRecorded.add(Duration.between(evidence, now));
            }
        }
    }

    private @Nullable Instant lastChangeUntil(Instant time, String rollout) {
        NavigableSet<Instant> changes = endpointChanges.get(rollout);
        return changes == null ? null : changes.floor(time);
    }

    private static @Nullable Instant time(GenericKubernetesResource rollout) {
        String at = Fields.text(rollout, "status", "trafficPlan", "observed", "at");
        try {
            return at == null ? null : Instant.parse(at);
        } catch (DateTimeParseException e) {
            return null;
        }
    }

    /// Which Service leads to which revision by the plan.
    private static String services(GenericKubernetesResource rollout) {
        return Fields.find(rollout, "status", "trafficPlan", "services") instanceof List<?> list
                ? list.toString()
                : "";
    }

    void print(PrintStream out) {
        out.printf("  hand-shake          %s%n", weights);
        out.printf("    until evidence    %s%n", untilEvidence);
        out.printf("      of it, with capacity there %s%n", afterCapacity);
        out.printf("    until recorded    %s%n", untilRecorded);
        out.printf("    Service led on    %s%n", repointed);
    }
}
