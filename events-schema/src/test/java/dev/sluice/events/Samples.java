package dev.sluice.events;

import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/// One filled-in body per event type.
final class Samples {

    static final Instant TIME = Instant.parse("2026-11-01T10:15:30Z");
    private static final WorkloadRef WORKLOAD =
            new WorkloadRef("in-cluster", "checkout", "Rollout", "checkout", "7f0c");
    private static final ReleaseContext RELEASE =
            new ReleaseContext(
                    WORKLOAD,
                    2,
                    Optional.of(new RevisionRef("7955d9d556", List.of("checkout:1.8.0"))),
                    new RevisionRef("66d7b6f948", List.of("checkout:1.9.0")),
                    Optional.of("argocd/checkout"),
                    Optional.of("https://git.example.com/platform.git"),
                    Optional.of("0a1b2c3d"),
                    Optional.of("automated sync"));
    private static final StepRef STEP = new StepRef(0, 6, "setWeight: 10");
    private static final Shares SHARES = new Shares(10, 90, 100);
    private static final SyncEvent.ApplicationRef APPLICATION =
            new SyncEvent.ApplicationRef(
                    "in-cluster",
                    "argocd",
                    "checkout",
                    "aa11",
                    "default",
                    "https://git.example.com/platform.git",
                    "main",
                    "apps/checkout");
    private static final AnalysisEvent.AnalysisRef RUN =
            new AnalysisEvent.AnalysisRef(
                    "in-cluster",
                    "checkout",
                    "checkout-66d7b6f948-2-2",
                    "bb22",
                    Optional.of("Step"),
                    Optional.of(WORKLOAD),
                    Optional.of("66d7b6f948"),
                    Optional.of(2));
    private static final RolloutCommand.CommandTarget TARGET =
            new RolloutCommand.CommandTarget(WORKLOAD, 2, Optional.of(1));

    private Samples() {}

    static List<Event> all() {
        return Arrays.stream(EventType.values()).map(Samples::of).toList();
    }

    static Event of(EventType type) {
        return Event.fact(
                        "7f0c/2/0/" + type.wireName(),
                        "/sluice/in-cluster/sample",
                        TIME,
                        "7f0c",
                        body(type))
                .withSequence(7)
                .withCorrelation(Optional.of("7f0c/2"), Optional.empty());
    }

    private static EventData body(EventType type) {
        return switch (type) {
            case SYNC_STARTED ->
                    new SyncEvent.SyncStarted(APPLICATION, "aa11/1", "0a1b", true, actor());
            case SYNC_COMPLETED ->
                    new SyncEvent.SyncCompleted(
                            APPLICATION,
                            "aa11/1",
                            "0a1b",
                            true,
                            actor(),
                            5,
                            List.of(
                                    new SyncEvent.SyncedRollout(
                                            "checkout", "checkout", "7f0c", 3)));
            case SYNC_FAILED -> new SyncEvent.SyncFailed(APPLICATION, "aa11/1", "0a1b", "no");
            case SYNC_DRIFTED ->
                    new SyncEvent.Drifted(
                            APPLICATION, "0a1b", List.of("apps/Deployment/checkout/web"));
            case SYNC_REVISION_REJECTED ->
                    new SyncEvent.RevisionRejected(APPLICATION, "0a1b", WORKLOAD, 2, "aborted");
            case ROLLOUT_STARTED -> new RolloutEvent.RolloutStarted(RELEASE, "canary", 6);
            case ROLLOUT_STEP_REACHED ->
                    new RolloutEvent.StepReached(
                            RELEASE,
                            STEP,
                            Optional.of(new TrafficPlanRef(7, false, Optional.of(SHARES))));
            case ROLLOUT_STEP_COMPLETED ->
                    new RolloutEvent.StepCompleted(RELEASE, STEP, Optional.of(SHARES));
            case ROLLOUT_PAUSED ->
                    new RolloutEvent.RolloutPaused(
                            RELEASE, Optional.of(STEP), "CanaryPauseStep", TIME);
            case ROLLOUT_RESUMED -> new RolloutEvent.RolloutResumed(RELEASE, "Elapsed", TIME);
            case ROLLOUT_COMPLETED ->
                    new RolloutEvent.RolloutCompleted(RELEASE, "Completed all 6 canary steps");
            case ROLLOUT_ABORTED ->
                    new RolloutEvent.RolloutAborted(RELEASE, Optional.of(STEP), "metric failed");
            case ROLLOUT_BLOCKED ->
                    new RolloutEvent.RolloutBlocked(RELEASE, "TrafficNotObserved", "waiting");
            case ROLLOUT_COMMAND_ANSWERED ->
                    new RolloutEvent.CommandAnswered(
                            RELEASE, "c-1", RolloutEvent.CommandOutcome.DONE, "promoted");
            case ANALYSIS_STARTED ->
                    new AnalysisEvent.AnalysisStarted(RUN, List.of("success-rate"));
            case ANALYSIS_MEASUREMENT_TAKEN ->
                    new AnalysisEvent.MeasurementTaken(
                            RUN,
                            "success-rate",
                            1,
                            "Successful",
                            "[0.99]",
                            Optional.of("ok"),
                            TIME);
            case ANALYSIS_RESULT ->
                    new AnalysisEvent.AnalysisResult(
                            RUN,
                            "Successful",
                            Optional.of("done"),
                            List.of(
                                    new AnalysisEvent.MetricVerdict(
                                            "success-rate",
                                            "Successful",
                                            5,
                                            0,
                                            0,
                                            0,
                                            false,
                                            Optional.of("[0.99]"),
                                            Optional.of("ok"))));
            case TRAFFIC_SHIFTED ->
                    new TrafficEvent.TrafficShifted(
                            WORKLOAD,
                            2,
                            7,
                            "Written",
                            Optional.of(SHARES),
                            List.of(
                                    new TrafficEvent.ServiceTarget(
                                            "checkout-canary", "66d7b6f948")),
                            TIME,
                            TIME,
                            false,
                            Optional.of("observed"));
            case COMMAND_PROMOTE ->
                    new RolloutCommand.PromoteRollout(TARGET, "jane", true, Optional.of("hotfix"));
            case COMMAND_ABORT ->
                    new RolloutCommand.AbortRollout(TARGET, "jane", Optional.of("errors"));
            case COMMAND_RETRY ->
                    new RolloutCommand.RetryRollout(TARGET, "jane", Optional.of("fixed"));
        };
    }

    private static Optional<String> actor() {
        return Optional.of("automated sync");
    }
}
