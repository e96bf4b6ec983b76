package dev.sluice.rollout.core;

import dev.sluice.events.Event;
import dev.sluice.events.EventData;
import dev.sluice.events.ReleaseContext;
import dev.sluice.events.RevisionRef;
import dev.sluice.events.RolloutEvent.RolloutAborted;
import dev.sluice.events.RolloutEvent.RolloutBlocked;
import dev.sluice.events.RolloutEvent.RolloutCompleted;
import dev.sluice.events.RolloutEvent.RolloutPaused;
import dev.sluice.events.RolloutEvent.RolloutResumed;
import dev.sluice.events.RolloutEvent.RolloutStarted;
import dev.sluice.events.RolloutEvent.StepCompleted;
import dev.sluice.events.RolloutEvent.StepReached;
import dev.sluice.events.Shares;
import dev.sluice.events.StepRef;
import dev.sluice.events.TrafficPlanRef;
import dev.sluice.events.WorkloadRef;
import dev.sluice.rollout.core.RolloutStatus.Condition;
import dev.sluice.rollout.core.RolloutStatus.PauseCondition;
import dev.sluice.rollout.core.RolloutStatus.Release;
import dev.sluice.rollout.core.RolloutStatus.Why;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// The facts that a stored status implies. A pure function of the present state: calling it
/// again gives the same ids, so a crash loses no fact and repeats none (V1, V2).
public final class Facts {
    private final Rollout rollout;
    private final RolloutStatus status;
    private final Release release;
    private final String cluster;
    private final String source;
    private final List<Event> events = new ArrayList<>();

    private Facts(
            Rollout rollout, RolloutStatus status, Release release, String cluster, String source) {
        this.rollout = rollout;
        this.status = status;
        this.release = release;
        this.cluster = cluster;
        this.source = source;
    }

    /// @param cluster the installation's name for the cluster
    /// @param source event source, `/sluice/<cluster>/rollout-service`
    public static List<Event> of(
            Rollout rollout, RolloutStatus status, String cluster, String source) {
        if (status.release().isEmpty()) {
            return List.of();
        }
        Facts facts = new Facts(rollout, status, status.release().get(), cluster, source);
        facts.collect();
        return List.copyOf(facts.events);
    }

    private void collect() {
        boolean isCanary = rollout.spec().strategy() instanceof Strategy.Canary;
        add(
                "started",
                release.startedAt(),
                new RolloutStarted(context(), isCanary ? "canary" : "blueGreen", steps().size()));
        completedSteps();
        reached();
        pauses();
        blocked();
        ends();
    }

    private void add(String what, Instant time, EventData data) {
        String uid = rollout.meta().uid();
        String correlation = uid + "/" + release.attempt();
        events.add(
                Event.fact(correlation + "/" + what, source, time, uid, data)
                        .withCorrelation(Optional.of(correlation), Optional.empty()));
    }

    private List<Step> steps() {
        return rollout.spec().strategy() instanceof Strategy.Canary canary
                ? canary.steps()
                : List.of();
    }

    private int index() {
        int count = steps().size();
        return Math.max(0, Math.min(count, status.currentStepIndex().orElse(count)));
    }

    private boolean isStable() {
        return !status.stableRS().isEmpty() && status.stableRS().equals(status.currentPodHash());
    }

    /// Steps that were walked through, not skipped by a first deployment, a rollback or a full
    /// promotion.
    private void completedSteps() {
        boolean isWalk =
                !release.fromHash().isEmpty()
                        && !release.fromHash().equals(release.toHash())
                        && !status.abort()
                        && !status.promoteFull()
                        && status.duration()
                                .map(d -> !d.completionStatus().startsWith("Fast"))
                                .orElse(true);
        if (!isWalk) {
            return;
        }
        for (int i = 0; i < index(); i++) {
            boolean isLast = i == index() - 1;
            if (!isRouted()) {
                addReached(i);
            }
            add(
                    "step-completed/" + i,
                    lastMove(),
                    new StepCompleted(context(), step(i), isLast ? observed() : Optional.empty()));
        }
    }

    private Optional<Shares> observed() {
        return status.trafficPlan()
                .filter(TrafficPlan::isObserved)
                .flatMap(
                        p ->
                                p.weights()
                                        .map(
                                                w ->
                                                        new Shares(
                                                                w.canary(),
                                                                w.stable(),
                                                                p.maxWeight())));
    }

    private void reached() {
        status.trafficPlan()
                .filter(p -> !p.isObserved())
                .ifPresent(
                        p -> {
                            Optional<Shares> wanted =
                                    p.weights()
                                            .map(
                                                    w ->
                                                            new Shares(
                                                                    w.canary(),
                                                                    w.stable(),
                                                                    p.maxWeight()));
                            TrafficPlanRef ref = new TrafficPlanRef(p.id(), p.abort(), wanted);
                            add(
                                    "step-reached/" + index() + "/plan-" + p.id(),
                                    p.writtenAt(),
                                    new StepReached(context(), step(index()), Optional.of(ref)));
                        });
        boolean waitsForPlan =
                isRouted()
                        && index() < steps().size()
                        && steps().get(index()) instanceof Step.SetWeight;
        boolean walks = !release.fromHash().isEmpty() && !status.abort() && !isStable();
        if (walks && index() < steps().size() && !waitsForPlan) {
            addReached(index());
        }
    }

    private boolean isRouted() {
        return rollout.spec().strategy() instanceof Strategy.Canary canary && canary.isRouted();
    }

    private void addReached(int index) {
        add(
                "step-reached/" + index,
                lastMove(),
                new StepReached(context(), step(index), Optional.empty()));
    }

    private void pauses() {
        for (PauseCondition pause : status.pauseConditions()) {
            add(
                    "paused/" + pause.reason() + "/" + pause.startTime().getEpochSecond(),
                    pause.startTime(),
                    new RolloutPaused(
                            context(),
                            Optional.of(step(index())),
                            pause.reason(),
                            pause.startTime()));
        }
        status.condition(Conditions.PROGRESSING)
                .filter(c -> c.reason().equals(Conditions.ROLLOUT_RESUMED))
                .ifPresent(
                        c ->
                                add(
                                        "resumed/" + c.lastUpdateTime().getEpochSecond(),
                                        c.lastUpdateTime(),
                                        new RolloutResumed(
                                                context(), c.reason(), c.lastTransitionTime())));
    }

    private void blocked() {
        status.why()
                .filter(w -> w.state() == Why.State.Blocked)
                .ifPresent(
                        w ->
                                add(
                                        "blocked/" + w.reason() + "/" + w.since().getEpochSecond(),
                                        w.since(),
                                        new RolloutBlocked(context(), w.reason(), w.message())));
    }

    private void ends() {
        if (status.abort() && !isStable()) {
            String reason =
                    status.condition(Conditions.PROGRESSING)
                            .filter(c -> c.reason().equals(Conditions.ABORTED))
                            .map(Condition::message)
                            .orElse("Rollout aborted");
            add(
                    "aborted",
                    status.abortedAt().orElse(lastMove()),
                    new RolloutAborted(context(), Optional.of(step(index())), reason));
        }
        if (isStable() && status.phase().equals("Healthy")) {
            String reason =
                    steps().isEmpty()
                            ? "The new revision is stable"
                            : "Completed all " + steps().size() + " canary steps";
            add("completed", lastMove(), new RolloutCompleted(context(), reason));
        }
    }

    private StepRef step(int index) {
        int count = steps().size();
        String text = index < count ? steps().get(index).text() : "promote";
        return new StepRef(index, count, status.abort() ? "abort" : text);
    }

    private Instant lastMove() {
        return status.condition(Conditions.PROGRESSING)
                .map(Condition::lastUpdateTime)
                .orElse(release.startedAt());
    }

    private ReleaseContext context() {
        RolloutMeta meta = rollout.meta();
        List<String> images = new ArrayList<>();
        rollout.spec()
                .template()
                .path("spec")
                .path("containers")
                .forEach(c -> images.add(c.path("image").asText("")));
        Optional<RevisionRef> from =
                text(release.fromHash()).map(h -> new RevisionRef(h, List.of()));
        return new ReleaseContext(
                new WorkloadRef(cluster, meta.namespace(), "Rollout", meta.name(), meta.uid()),
                release.attempt(),
                from,
                new RevisionRef(release.toHash(), images),
                text(release.application()),
                text(release.repository()),
                text(release.commit()),
                text(release.actor()));
    }

    private static Optional<String> text(String value) {
        return value.isEmpty() ? Optional.empty() : Optional.of(value);
    }
}
