package dev.sluice.bench;

import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import java.io.PrintStream;
import java.time.Duration;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/// Hand-shakes as a watch sees them: from a new traffic plan in a Rollout's status to its complete
/// evidence there.
///
/// What a hand-shake takes besides the services' own time depends on the plan, so each kind counts
/// by itself: new pods have to start, and a Service is re-pointed only when no proxy sends to it
/// any
/// more.
final class Handshakes {
    private record Plan(String id, boolean repoints, String services, Instant seen, boolean open) {
        Plan answered() {
            return new Plan(id, repoints, services, seen, false);
        }
    }

    private final Map<String, Plan> plans = new ConcurrentHashMap<>();

    /// Of plans that only move weights.
    final Percentiles weights = new Percentiles();

    /// The part of these until router-service had written the evidence.
    final Percentiles untilEvidence = new Percentiles();

    /// The part of these until rollout-service had recorded it.
    final Percentiles untilRecorded = new Percentiles();

    /// Of plans that lead a Service to another revision.
    final Percentiles repointed = new Percentiles();

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
                untilRecorded.add(Duration.between(evidence, now));
            }
        }
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
        out.printf("    until recorded    %s%n", untilRecorded);
        out.printf("    Service led on    %s%n", repointed);
    }
}
