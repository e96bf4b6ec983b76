package dev.sluice.events;

import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;

/// The CloudEvents types and the record of each. The version is part of the name.
public enum EventType {
    SYNC_STARTED("dev.sluice.sync.started.v1", SyncEvent.SyncStarted.class),
    SYNC_COMPLETED("dev.sluice.sync.completed.v1", SyncEvent.SyncCompleted.class),
    SYNC_FAILED("dev.sluice.sync.failed.v1", SyncEvent.SyncFailed.class),
    SYNC_DRIFTED("dev.sluice.sync.drifted.v1", SyncEvent.Drifted.class),
    SYNC_REVISION_REJECTED(
            "dev.sluice.sync.revision-rejected.v1", SyncEvent.RevisionRejected.class),
    ROLLOUT_STARTED("dev.sluice.rollout.started.v1", RolloutEvent.RolloutStarted.class),
    ROLLOUT_STEP_REACHED("dev.sluice.rollout.step-reached.v1", RolloutEvent.StepReached.class),
    ROLLOUT_STEP_COMPLETED(
            "dev.sluice.rollout.step-completed.v1", RolloutEvent.StepCompleted.class),
    ROLLOUT_PAUSED("dev.sluice.rollout.paused.v1", RolloutEvent.RolloutPaused.class),
    ROLLOUT_RESUMED("dev.sluice.rollout.resumed.v1", RolloutEvent.RolloutResumed.class),
    ROLLOUT_COMPLETED("dev.sluice.rollout.completed.v1", RolloutEvent.RolloutCompleted.class),
    ROLLOUT_ABORTED("dev.sluice.rollout.aborted.v1", RolloutEvent.RolloutAborted.class),
    ROLLOUT_BLOCKED("dev.sluice.rollout.blocked.v1", RolloutEvent.RolloutBlocked.class),
    ROLLOUT_COMMAND_ANSWERED(
            "dev.sluice.rollout.command-answered.v1", RolloutEvent.CommandAnswered.class),
    ANALYSIS_STARTED("dev.sluice.analysis.started.v1", AnalysisEvent.AnalysisStarted.class),
    ANALYSIS_MEASUREMENT_TAKEN(
            "dev.sluice.analysis.measurement-taken.v1", AnalysisEvent.MeasurementTaken.class),
    ANALYSIS_RESULT("dev.sluice.analysis.result.v1", AnalysisEvent.AnalysisResult.class),
    TRAFFIC_SHIFTED("dev.sluice.traffic.shifted.v1", TrafficEvent.TrafficShifted.class),
    COMMAND_PROMOTE("dev.sluice.command.promote.v1", RolloutCommand.PromoteRollout.class),
    COMMAND_ABORT("dev.sluice.command.abort.v1", RolloutCommand.AbortRollout.class),
    COMMAND_RETRY("dev.sluice.command.retry.v1", RolloutCommand.RetryRollout.class);

    /// CloudEvents types that start so are CDEvents.
    static final String CDEVENTS_PREFIX = "dev.cdevents.";

    private static final Map<String, EventType> BY_NAME =
            Arrays.stream(values())
                    .collect(
                            Collectors.toUnmodifiableMap(EventType::wireName, Function.identity()));
    private static final Map<Class<?>, EventType> BY_RECORD =
            Arrays.stream(values())
                    .collect(Collectors.toUnmodifiableMap(t -> t.record, Function.identity()));

    private final String wireName;
    private final Class<? extends EventData> record;

    EventType(String wireName, Class<? extends EventData> record) {
        this.wireName = wireName;
        this.record = record;
    }

    /// The CloudEvents `type`.
    public String wireName() {
        return wireName;
    }

    /// The record that is its body.
    public Class<? extends EventData> record() {
        return record;
    }

    /// The type of a body.
    ///
    /// @throws IllegalArgumentException for a [CiEvent], whose type is its sender's
    public static EventType of(EventData data) {
        EventType type = BY_RECORD.get(data.getClass());
        if (type == null) {
            throw new IllegalArgumentException(
                    "no Sluice event type for " + data.getClass().getSimpleName());
        }
        return type;
    }

    /// The type with this name, if it is one of ours.
    public static Optional<EventType> named(String wireName) {
        return Optional.ofNullable(BY_NAME.get(wireName));
    }
}
