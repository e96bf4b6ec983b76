package dev.sluice.rollout.core.gate;

import com.fasterxml.jackson.databind.node.MissingNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sluice.rollout.core.Pass;
import dev.sluice.rollout.core.Rollout;
import dev.sluice.rollout.core.RolloutStatus;
import dev.sluice.rollout.core.RolloutStatus.Release;
import dev.sluice.rollout.core.RolloutStatus.StepPluginStatus;
import dev.sluice.rollout.core.Step;
import dev.sluice.rollout.core.Strategy;
import dev.sluice.rollout.core.status.StatusDraft;
import dev.sluice.rollout.core.status.StatusJson;
import dev.sluice.rollout.core.status.Times;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/// Steps that wait for an event. What was decided by an event stands in
/// `status.canary.stepPluginStatuses`, the place of step plugins: the event itself is gone.
///
/// An event counts for one attempt only: it must be younger than the attempt (X3), and its step
/// must not lie behind the present one. It may come before its step is reached.
public final class EventGates {
    private static final String RUN = "Run";
    private static final String RUNNING = "Running";
    private static final String SUCCESSFUL = "Successful";
    private static final String FAILED = "Failed";
    private static final int SKEW_SECONDS = 300;

    private EventGates() {}

    /// True when a Rollout has a step that waits for an event.
    public static boolean hasAny(Rollout rollout) {
        return steps(rollout).stream().anyMatch(EventGates::isGate);
    }

    private static List<Step> steps(Rollout rollout) {
        return rollout.spec().strategy() instanceof Strategy.Canary canary
                ? canary.steps()
                : List.of();
    }

    private static boolean isGate(Step step) {
        return step instanceof Step.Plugin(String name, _) && name.equals(EventGate.PLUGIN);
    }

    /// The merge patch that records the event at the first step that waits for it; empty when
    /// none does.
    public static Optional<ObjectNode> record(Rollout rollout, GateEvent event, Instant now) {
        RolloutStatus status = rollout.status();
        Optional<Release> release = status.release();
        boolean isMoot =
                release.isEmpty()
                        || status.abort()
                        || rollout.isFullyPromoted()
                        || event.time().isBefore(release.get().startedAt())
                        || event.time().isAfter(now.plusSeconds(SKEW_SECONDS));
        if (isMoot) {
            return Optional.empty();
        }
        List<Step> steps = steps(rollout);
        Map<String, String> values = values(rollout, release.get());
        for (int i = Math.max(0, status.currentStepIndex().orElse(0)); i < steps.size(); i++) {
            if (!(steps.get(i) instanceof Step.Plugin(String name, var config))
                    || !name.equals(EventGate.PLUGIN)
                    || find(status.stepPlugins(), i).filter(EventGates::isOver).isPresent()) {
                continue;
            }
            Optional<Boolean> verdict = EventGate.of(config).judge(event, values);
            if (verdict.isPresent()) {
                return StatusJson.patch(
                        rollout.json().path("status"),
                        recorded(status, i, name, verdict.get(), event, now));
            }
        }
        return Optional.empty();
    }

    private static RolloutStatus recorded(
            RolloutStatus status,
            int index,
            String name,
            boolean passed,
            GateEvent event,
            Instant now) {
        StatusDraft draft = new StatusDraft(status);
        Optional<StepPluginStatus> old = find(draft.stepPlugins, index);
        Optional<Instant> at = Optional.of(Times.seconds(now));
        draft.stepPlugins.removeIf(p -> p.index() == index && p.operation().equals(RUN));
        draft.stepPlugins.add(
                new StepPluginStatus(
                        index,
                        name,
                        RUN,
                        passed ? SUCCESSFUL : FAILED,
                        (passed ? "completed by event " : "failed by event ")
                                + event.id()
                                + " of "
                                + event.source(),
                        old.flatMap(StepPluginStatus::startedAt).or(() -> at),
                        at,
                        at,
                        "",
                        old.map(StepPluginStatus::executions).orElse(0) + 1,
                        false,
                        EventGate.record(event)));
        return draft.freeze();
    }

    private static Map<String, String> values(Rollout rollout, Release release) {
        Map<String, String> values = new TreeMap<>();
        values.put("commit", release.commit());
        values.put("hash", release.toHash());
        values.put("attempt", Long.toString(release.attempt()));
        values.put("image", rollout.spec().template().at("/spec/containers/0/image").asText(""));
        return values;
    }

    private static Optional<StepPluginStatus> find(List<StepPluginStatus> all, int index) {
        return all.stream()
                .filter(p -> p.index() == index && p.operation().equals(RUN))
                .findFirst();
    }

    private static boolean isOver(StepPluginStatus p) {
        return !p.phase().equals(RUNNING);
    }

    /// Begins or watches the wait of the present step; a step that failed, or waited too long,
    /// aborts the release.
    public static void watch(Pass pass, int index, Step.Plugin step) {
        EventGate gate = EventGate.of(step.config());
        Optional<StepPluginStatus> entry = find(pass.next.stepPlugins, index);
        if (entry.isEmpty()) {
            entry = Optional.of(begun(index, step.name(), pass.now));
            pass.next.stepPlugins.add(entry.get());
        }
        switch (entry.get().phase()) {
            case SUCCESSFUL -> {}
            case RUNNING -> await(pass, index, gate, entry.get());
            default -> pass.abort("Step " + (index + 1) + " failed: " + entry.get().message());
        }
    }

    private static StepPluginStatus begun(int index, String name, Instant now) {
        Optional<Instant> at = Optional.of(Times.seconds(now));
        return new StepPluginStatus(
                index,
                name,
                RUN,
                RUNNING,
                "",
                at,
                at,
                Optional.empty(),
                "",
                0,
                false,
                MissingNode.getInstance());
    }

    private static void await(Pass pass, int index, EventGate gate, StepPluginStatus entry) {
        Optional<Instant> end =
                gate.timeoutSeconds().map(s -> entry.startedAt().orElse(pass.now).plusSeconds(s));
        boolean isOverdue = end.map(pass.now::isAfter).orElse(false);
        if (isOverdue && gate.abortsOnTimeout()) {
            pass.abort(
                    "Step "
                            + (index + 1)
                            + " failed: no event "
                            + gate.type()
                            + " of "
                            + gate.source()
                            + " within "
                            + gate.timeoutSeconds().orElse(0)
                            + "s");
            return;
        }
        end.filter(_ -> !isOverdue).ifPresent(e -> pass.wakeAt(e.plusMillis(1)));
        pass.waitingFor = Optional.of(isOverdue ? "EventOverdue" : "WaitingForEvent");
        pass.unblock =
                "an event "
                        + gate.type()
                        + " of "
                        + gate.source()
                        + gate.outcome().map(o -> " with outcome " + o).orElse("")
                        + "; or promote";
    }

    /// True when the step's event came and said what it must.
    public static boolean isPassed(Pass pass, int index) {
        return find(pass.next.stepPlugins, index)
                .filter(p -> p.phase().equals(SUCCESSFUL))
                .isPresent();
    }
}
