package dev.sluice.rollout.app;

import com.fasterxml.jackson.databind.JsonNode;
import dev.sluice.events.Event;
import dev.sluice.events.ReleaseContext;
import dev.sluice.events.RevisionRef;
import dev.sluice.events.RolloutEvent;
import dev.sluice.events.Shares;
import dev.sluice.events.StepRef;
import dev.sluice.events.TrafficPlanRef;
import dev.sluice.events.WorkloadRef;
import dev.sluice.rollout.core.Observation;
import dev.sluice.rollout.core.Rollout;
import dev.sluice.rollout.core.RolloutStatus;
import dev.sluice.rollout.core.RolloutStatus.Condition;
import dev.sluice.rollout.core.RolloutStatus.PauseCondition;
import dev.sluice.rollout.core.RolloutStatus.Release;
import dev.sluice.rollout.core.RolloutStatus.Why;
import dev.sluice.rollout.core.Step;
import dev.sluice.rollout.core.Strategy;
import dev.sluice.rollout.core.TrafficPlan;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// The facts that a stored status implies, each with an id that follows from the Rollout's uid, the
/// attempt and what it is about. Deriving them twice gives the same ids, so a crash loses none and
/// repeats none (V1, V2).
public final class ReleaseFacts {
    private final String cluster;
    private final String source;

    public ReleaseFacts(String cluster, String source) {
        this.cluster = cluster;
        this.source = source;
    }

    /// In the order in which they became true.
    public List<Event> of(Observation seen, RolloutStatus status, Instant now) {
        if (status.release().isEmpty()) {
            return List.of();
        }
        Builder facts = new Builder(seen, status, status.release().get(), now);
        facts.started();
        facts.stepCompleted();
        facts.stepReached();
        facts.paused();
        facts.resumed();
        facts.blocked();
        facts.ended();
        return facts.events;
    }

    /// The workload of a Rollout as events name it.
    public WorkloadRef workload(String namespace, String name, String uid) {
        return new WorkloadRef(cluster, namespace, "Rollout", name, uid);
    }

    /// What every event of the release carries.
    public ReleaseContext context(Observation seen, RolloutStatus status) {
        Rollout rollout = seen.rollout();
        Release release =
                status.release()
                        .orElse(
                                new Release(
                                        0,
                                        Instant.EPOCH,
                                        "",
                                        status.currentPodHash(),
                                        0,
                                        "",
                                        "",
                                        "",
                                        ""));
        Optional<RevisionRef> from =
                Optional.of(release.fromHash())
                        .filter(hash -> !hash.isEmpty())
                        .map(hash -> revision(seen, hash));
        return new ReleaseContext(
                workload(rollout.meta().namespace(), rollout.meta().name(), rollout.meta().uid()),
                release.attempt(),
                from,
                new RevisionRef(release.toHash(), images(rollout.spec().template())),
                text(release.application()),
                text(release.repository()),
                text(release.commit()),
                text(release.actor()));
    }

    /// An event of rollout-service about this Rollout.
    public Event event(String id, Instant time, RolloutEvent body) {
        ReleaseContext release = body.release();
        String uid = release.workload().uid();
        return Event.fact(id, source, time, uid, body)
                .withCorrelation(Optional.of(uid + "/" + release.attempt()), Optional.empty());
    }

    private static RevisionRef revision(Observation seen, String hash) {
        return seen.replicaSets().stream()
                .filter(rs -> rs.hash().equals(hash))
                .findFirst()
                .map(rs -> new RevisionRef(hash, images(rs.template())))
                .orElse(new RevisionRef(hash, List.of()));
    }

    private static List<String> images(JsonNode template) {
        List<String> images = new ArrayList<>();
        for (JsonNode container : template.path("spec").path("containers")) {
            images.add(container.path("image").asText(""));
        }
        return images;
    }

    private static Optional<String> text(String value) {
        return value.isEmpty() ? Optional.empty() : Optional.of(value);
    }

    /// Collects the facts of one status.
    private final class Builder {
        private final List<Event> events = new ArrayList<>();
        private final RolloutStatus status;
        private final RolloutStatus stored;
        private final Release release;
        private final ReleaseContext context;
        private final Instant now;
        private final List<Step> steps;
        private final String strategy;

        Builder(Observation seen, RolloutStatus status, Release release, Instant now) {
            this.status = status;
            this.stored = seen.rollout().status();
            this.release = release;
            this.context = context(seen, status);
            this.now = now;
            switch (seen.rollout().spec().strategy()) {
                case Strategy.Canary canary -> {
                    this.steps = canary.steps();
                    this.strategy = "canary";
                }
                case Strategy.BlueGreen _ -> {
                    this.steps = List.of();
                    this.strategy = "blueGreen";
                }
            }
        }

        void started() {
            RolloutEvent body = new RolloutEvent.RolloutStarted(context, strategy, steps.size());
            add("started", release.startedAt(), body);
        }

        /// The index only rises past a step whose effect was observed (P2); a first deployment
        /// and a return to the stable revision set it without running steps.
        void stepCompleted() {
            int index = status.currentStepIndex().orElse(0);
            if (index == 0 || index > steps.size() || !runsSteps()) {
                return;
            }
            StepRef step = step(index - 1);
            Optional<Shares> observed =
                    status.trafficPlan()
                            .flatMap(
                                    plan ->
                                            plan.observed()
                                                    .flatMap(TrafficPlan.Observed::weights)
                                                    .map(w -> shares(plan, w)));
            add(
                    "step/" + step.index() + "/completed",
                    now,
                    new RolloutEvent.StepCompleted(context, step, observed));
        }

        /// One per step, and one per traffic plan that is still to be carried out.
        void stepReached() {
            Optional<TrafficPlan> wanted = status.trafficPlan().filter(plan -> !plan.isObserved());
            if (wanted.isPresent()) {
                TrafficPlan plan = wanted.get();
                TrafficPlanRef reference =
                        new TrafficPlanRef(
                                plan.id(), plan.abort(), plan.weights().map(w -> shares(plan, w)));
                add(
                        "plan/" + plan.id(),
                        plan.writtenAt(),
                        new RolloutEvent.StepReached(
                                context, current(plan.reason()), Optional.of(reference)));
                return;
            }
            int index = status.currentStepIndex().orElse(0);
            if (status.abort() || index >= steps.size() || !runsSteps()) {
                return;
            }
            boolean isRouted = status.trafficPlan().flatMap(TrafficPlan::weights).isPresent();
            if (isRouted && steps.get(index) instanceof Step.SetWeight) {
                return; // announced with its plan, once that is written
            }
            add(
                    "step/" + index + "/reached",
                    now,
                    new RolloutEvent.StepReached(context, step(index), Optional.empty()));
        }

        void paused() {
            for (PauseCondition pause : status.pauseConditions()) {
                add(
                        "paused/" + pause.reason() + "/" + pause.startTime().getEpochSecond(),
                        pause.startTime(),
                        new RolloutEvent.RolloutPaused(
                                context, position(), pause.reason(), pause.startTime()));
            }
        }

        void resumed() {
            Optional<Condition> ended =
                    status.condition("Paused")
                            .filter(c -> c.status().equals("False"))
                            .filter(c -> !c.lastTransitionTime().isBefore(release.startedAt()));
            if (ended.isEmpty() || status.abort()) {
                return;
            }
            Instant at = ended.get().lastTransitionTime();
            Instant since =
                    stored.condition("Paused")
                            .filter(c -> c.status().equals("True"))
                            .map(Condition::lastTransitionTime)
                            .orElse(at);
            add(
                    "resumed/" + at.getEpochSecond(),
                    at,
                    new RolloutEvent.RolloutResumed(context, "Rollout is resumed", since));
        }

        void blocked() {
            Optional<Why> why = status.why().filter(w -> w.state() == Why.State.Blocked);
            why.ifPresent(
                    w ->
                            add(
                                    "blocked/" + w.reason() + "/" + w.since().getEpochSecond(),
                                    w.since(),
                                    new RolloutEvent.RolloutBlocked(
                                            context, w.reason(), w.message())));
        }

        /// Exactly one of both per attempt (V4).
        void ended() {
            boolean isStable = status.stableRS().equals(release.toHash());
            if (isStable && status.currentPodHash().equals(release.toHash())) {
                add("completed", now, new RolloutEvent.RolloutCompleted(context, success()));
                return;
            }
            Optional<Condition> aborted =
                    status.condition("Progressing")
                            .filter(c -> c.reason().equals("RolloutAborted"));
            if (status.abort() && aborted.isPresent()) {
                add(
                        "aborted",
                        status.abortedAt().orElse(now),
                        new RolloutEvent.RolloutAborted(
                                context, position(), aborted.get().message()));
            }
        }

        private String success() {
            if (release.fromHash().isEmpty()) {
                return "Initial deploy";
            }
            return steps.isEmpty()
                    ? "Rollout is fully promoted"
                    : "Completed all " + steps.size() + " canary steps";
        }

        private boolean runsSteps() {
            return !release.fromHash().isEmpty() && !release.fromHash().equals(release.toHash());
        }

        private Optional<StepRef> position() {
            int index = status.currentStepIndex().orElse(0);
            return index < steps.size() ? Optional.of(step(index)) : Optional.empty();
        }

        private StepRef current(TrafficPlan.Reason reason) {
            return position()
                    .filter(_ -> reason == TrafficPlan.Reason.Step)
                    .orElse(
                            new StepRef(
                                    status.currentStepIndex().orElse(0),
                                    steps.size(),
                                    reason.name()));
        }

        private StepRef step(int index) {
            return new StepRef(index, steps.size(), steps.get(index).text());
        }

        private static Shares shares(TrafficPlan plan, TrafficPlan.Weights weights) {
            return new Shares(weights.canary(), weights.stable(), plan.maxWeight());
        }

        private void add(String name, Instant time, RolloutEvent body) {
            String id = context.workload().uid() + "/" + release.attempt() + "/" + name;
            events.add(event(id, time, body));
        }
    }
}
