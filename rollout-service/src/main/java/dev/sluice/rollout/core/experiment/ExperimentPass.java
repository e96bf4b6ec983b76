package dev.sluice.rollout.core.experiment;

import dev.sluice.rollout.core.Names;
import dev.sluice.rollout.core.Notice;
import dev.sluice.rollout.core.Observation.ReplicaSetView;
import dev.sluice.rollout.core.RolloutStatus.Condition;
import dev.sluice.rollout.core.TrafficPlan;
import dev.sluice.rollout.core.experiment.ExperimentObservation.Refusal;
import dev.sluice.rollout.core.experiment.ExperimentStatus.RunStatus;
import dev.sluice.rollout.core.experiment.ExperimentStatus.TemplateStatus;
import dev.sluice.rollout.core.status.Times;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;

/// One decision about an Experiment in the making. Lives on the stack of
/// [ExperimentDecider#decide] only.
final class ExperimentPass {
    final ExperimentObservation seen;
    final Experiment experiment;
    final ExperimentSpec spec;
    final ExperimentStatus stored;
    final Instant now;
    final boolean isTerminating;
    String phase;
    String message;
    Optional<Instant> availableAt;
    final Map<String, TemplateStatus> templates = new LinkedHashMap<>();
    final Map<String, RunStatus> runs = new LinkedHashMap<>();
    final List<Notice> notices = new ArrayList<>();
    final List<Notice> ownerNotices = new ArrayList<>();
    private final List<Condition> conditions;
    private final List<ExperimentCommand> commands = new ArrayList<>();
    private Optional<Instant> wakeAt = Optional.empty();

    ExperimentPass(ExperimentObservation seen, Instant now) {
        this.seen = seen;
        this.experiment = seen.experiment();
        this.spec = experiment.spec();
        this.stored = experiment.status();
        this.now = now;
        this.phase = stored.phase();
        this.message = stored.message();
        this.availableAt = stored.availableAt();
        this.conditions = new ArrayList<>(stored.conditions());
        stored.runs().forEach(r -> runs.put(r.name(), r));
        this.isTerminating = isTerminating(spec, stored);
    }

    /// Nothing new is begun, and what runs comes down.
    private static boolean isTerminating(ExperimentSpec spec, ExperimentStatus status) {
        return spec.terminate()
                || status.isCompleted()
                || status.templates().stream().anyMatch(TemplateStatus::isBad)
                || status.runs().stream().anyMatch(RunStatus::isBad)
                || areRequiredSuccessful(spec, status.runs());
    }

    /// At least one analysis is required, and all required ones were successful.
    static boolean areRequiredSuccessful(ExperimentSpec spec, List<RunStatus> runs) {
        return spec.hasRequired()
                && spec.analyses().stream()
                        .filter(ExperimentSpec.Analysis::required)
                        .allMatch(
                                a ->
                                        runs.stream()
                                                .anyMatch(
                                                        r ->
                                                                r.name().equals(a.name())
                                                                        && r.phase()
                                                                                .equals(
                                                                                        Verdicts
                                                                                                .SUCCESSFUL)));
    }

    /// When the Experiment has run for as long as it should; empty without a duration, or before
    /// all templates were available.
    Optional<Instant> end() {
        return spec.durationSeconds().flatMap(s -> availableAt.map(at -> at.plusSeconds(s)));
    }

    boolean isDurationOver() {
        return end().map(now::isAfter).orElse(false);
    }

    void command(ExperimentCommand command) {
        commands.add(command);
    }

    void wakeAt(Instant at) {
        if (wakeAt.isEmpty() || at.isBefore(wakeAt.get())) {
            wakeAt = Optional.of(at);
        }
    }

    Optional<Refusal> refusal(Predicate<ExperimentCommand> of) {
        return seen.refusals().stream().filter(r -> of.test(r.command())).findFirst();
    }

    /// Whether the routing of the Experiment's Rollout may still send requests to these pods: a
    /// share in any plan since the last settled one, a destination in the plan or in what was last
    /// observed, or a stamp for a plan that is not proven yet (D1, D2, R7).
    boolean isReached(ReplicaSetView set, String service) {
        long proven = seen.plan().map(TrafficPlan::provenPlan).orElse(0L);
        boolean isStamped =
                Names.number(set.annotations().get(Names.KEEP_PLAN)) > proven
                        && Names.number(set.annotations().get(Names.KEEP)) > 0;
        return isStamped || seen.plan().map(p -> leadsTo(p, set.hash(), service)).orElse(false);
    }

    private static boolean leadsTo(TrafficPlan plan, String hash, String service) {
        return plan.liveShare(hash) > 0
                || plan.weights().map(w -> leadsTo(w, hash, service)).orElse(false)
                || plan.observed()
                        .flatMap(TrafficPlan.Observed::weights)
                        .map(w -> leadsTo(w, hash, service))
                        .orElse(false);
    }

    private static boolean leadsTo(TrafficPlan.Weights weights, String hash, String service) {
        return weights.additional().stream()
                .anyMatch(
                        d ->
                                d.podTemplateHash().equals(hash)
                                        || (!service.isEmpty() && d.serviceName().equals(service)));
    }

    Optional<Condition> condition(String type) {
        return conditions.stream().filter(c -> c.type().equals(type)).findFirst();
    }

    /// Same status, reason and message as before is no change.
    void setCondition(String type, String status, String reason, String text) {
        Optional<Condition> old = condition(type);
        boolean isSame =
                old.filter(
                                c ->
                                        c.status().equals(status)
                                                && c.reason().equals(reason)
                                                && c.message().equals(text))
                        .isPresent();
        if (isSame) {
            return;
        }
        Instant at = Times.seconds(now);
        Instant transition =
                old.filter(c -> c.status().equals(status))
                        .map(Condition::lastTransitionTime)
                        .orElse(at);
        removeCondition(type);
        conditions.add(new Condition(type, status, reason, text, at, transition));
    }

    void removeCondition(String type) {
        conditions.removeIf(c -> c.type().equals(type));
    }

    ExperimentDecision decision() {
        List<TemplateStatus> all = new ArrayList<>();
        for (ExperimentSpec.Template template : spec.templates()) {
            TemplateStatus status = templates.get(template.name());
            all.add(status == null ? stored.template(template.name()) : status);
        }
        ExperimentStatus next =
                new ExperimentStatus(
                        phase,
                        message,
                        templates.isEmpty() ? stored.templates() : all,
                        availableAt,
                        conditions,
                        List.copyOf(runs.values()));
        return new ExperimentDecision(
                next,
                ExperimentStatusJson.patch(experiment.json().path("status"), next),
                commands,
                notices,
                ownerNotices,
                wakeAt);
    }
}
