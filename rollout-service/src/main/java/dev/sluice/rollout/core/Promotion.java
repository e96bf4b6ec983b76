package dev.sluice.rollout.core;

import dev.sluice.rollout.core.Observation.ReplicaSetView;
import dev.sluice.rollout.core.RolloutStatus.Release;
import dev.sluice.rollout.core.RolloutStatus.ReleaseDuration;
import dev.sluice.rollout.core.analysis.Measurement;
import dev.sluice.rollout.core.status.Times;
import java.util.Map;
import java.util.Optional;

/// Begin and end of an attempt.
public final class Promotion {
    private static final String REPOSITORY = "sluice.dev/repository";
    private static final String COMMIT = "sluice.dev/commit";
    private static final String APPLICATION = "sluice.dev/application";
    private static final String ACTOR = "sluice.dev/actor";

    private Promotion() {}

    /// The pod template or the steps changed: whatever the former attempt was doing is void
    /// (X3).
    public static void reset(Pass pass) {
        boolean isNewRevision = !pass.newHash().equals(pass.stored.currentPodHash());
        pass.specChanged = true;
        pass.next.clearPauses();
        pass.next.clearAbort();
        pass.next.promoteFull = false;
        pass.next.restartedAt = pass.spec.restartAt();
        pass.next.scaleUpPreviewCheckPoint = false;
        if (isNewRevision || pass.next.release.isEmpty()) {
            startAttempt(pass);
        }
    }

    /// Gives the attempt its number; steps, measurements and facts refer to it.
    public static void startAttempt(Pass pass) {
        startAttempt(pass, Map.of());
    }

    private static void startAttempt(Pass pass, Map<String, Integer> measurements) {
        long former = pass.next.release.map(Release::attempt).orElse(0L);
        // The original's controller may have dropped our part of the status.
        long measured = Measurement.lastAttempt(pass.seen.analysisRuns());
        var annotations = pass.rollout.meta().annotations();
        pass.next.stepPlugins.clear();
        pass.next.release =
                Optional.of(
                        new Release(
                                Math.max(former, measured) + 1,
                                measurements,
                                Times.seconds(pass.now),
                                pass.next.stableRS,
                                pass.newHash(),
                                pass.sets.newSet().map(ReplicaSetView::revision).orElse(0L),
                                annotations.getOrDefault(REPOSITORY, ""),
                                annotations.getOrDefault(COMMIT, ""),
                                annotations.getOrDefault(APPLICATION, ""),
                                annotations.getOrDefault(ACTOR, "")));
    }

    /// The same revision again: gates and approvals of the aborted attempt do not count (X3).
    public static void retry(Pass pass) {
        startAttempt(pass, pass.next.release.map(Release::measurements).orElse(Map.of()));
        pass.next.stepRun = Optional.empty();
        pass.next.backgroundRun = Optional.empty();
        pass.next.preRun = Optional.empty();
        pass.next.postRun = Optional.empty();
        pass.next.scaleUpPreviewCheckPoint = false;
        pass.next.setCondition(
                Conditions.PROGRESSING,
                Conditions.UNKNOWN,
                Conditions.RETRY,
                "Retrying Rollout after abort",
                pass.now);
    }

    /// Makes the new revision the stable one.
    public static void promote(Pass pass, String reason) {
        boolean isFull = pass.next.promoteFull;
        pass.next.clearPauses();
        pass.next.clearAbort();
        pass.abortCause = Optional.empty();
        pass.next.promoteFull = false;
        pass.next.scaleUpPreviewCheckPoint = false;
        if (pass.isFullyPromoted()) {
            return;
        }
        String status = isFull ? "FastPromoted" : "Promoted";
        pass.next.duration =
                pass.next.duration.map(
                        d ->
                                d.completionStatus().isEmpty()
                                        ? new ReleaseDuration(
                                                d.rolloutStartedAt(),
                                                d.manualPauseStartedAt(),
                                                d.totalManualPauseSeconds(),
                                                d.finishedAt(),
                                                status)
                                        : d);
        pass.next.stableRS = pass.newHash();
        long revision = pass.sets.newSet().map(ReplicaSetView::revision).orElse(0L);
        pass.notices.add(
                Notice.normal(
                        "RolloutCompleted",
                        "Rollout completed update to revision "
                                + revision
                                + " ("
                                + pass.newHash()
                                + "): "
                                + reason));
    }
}
