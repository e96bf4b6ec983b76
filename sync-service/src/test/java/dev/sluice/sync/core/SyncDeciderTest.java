package dev.sluice.sync.core;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.sync.core.SyncDecider.Step;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class SyncDeciderTest {
    private static final KubeObject MAP = Json.object("v1", "ConfigMap", "map", "");
    private static final KubeObject WAITING =
            Json.object("v1", "Service", "lb", "'spec':{'type':'LoadBalancer'}");
    private static final KubeObject READY =
            Json.object(
                    "v1",
                    "Service",
                    "lb",
                    "'spec':{'type':'LoadBalancer'},'status':{'loadBalancer':{'ingress':[{'ip':'1.1.1.1'}]}}");
    private static final KubeObject FAILED_JOB =
            Json.object(
                    "batch/v1",
                    "Job",
                    "hook",
                    "'status':{'conditions':[{'type':'Failed','status':'True','message':'boom'}]}");

    private static SyncTask task(KubeObject target, SyncPhase phase, int wave, boolean hook) {
        return new SyncTask(
                phase,
                wave,
                target.key(),
                target.version(),
                hook ? SyncTask.Action.Hook : SyncTask.Action.Apply,
                Optional.of(target),
                Optional.empty(),
                true);
    }

    private static TaskResult running(SyncTask task) {
        return task.result(Optional.of(TaskResult.Code.Synced), OperationPhase.Running, "applied");
    }

    private final SyncTask first = task(WAITING, SyncPhase.Sync, 0, false);
    private final SyncTask second = task(MAP, SyncPhase.Sync, 1, false);
    private final List<SyncTask> waves = List.of(first, second);

    @Test
    void runsTheFirstWave() {
        assertThat(SyncDecider.decide(waves, List.of(), Map.of()).step())
                .isEqualTo(new Step.Run(List.of(first)));
    }

    @Test
    void aLaterWaveWaitsForHealth() {
        assertThat(
                        SyncDecider.decide(
                                        waves,
                                        List.of(running(first)),
                                        Map.of(WAITING.key(), WAITING))
                                .step())
                .isEqualTo(new Step.Wait("waiting for healthy state of /Service/lb"));
        assertThat(
                        SyncDecider.decide(
                                        waves, List.of(running(first)), Map.of(READY.key(), READY))
                                .step())
                .isEqualTo(new Step.Run(List.of(second)));
    }

    @Test
    void anObjectThatVanishesIsAnError() {
        assertThat(SyncDecider.decide(waves, List.of(running(first)), Map.of()).step())
                .isEqualTo(
                        new Step.Finish(
                                OperationPhase.Error,
                                "Resource /Service/lb is missing, it might have been deleted",
                                List.of()));
    }

    @Test
    void theLastWaveEndsTheOperationWithoutWaitingForHealth() {
        List<TaskResult> results = List.of(running(first));
        assertThat(SyncDecider.afterWave(List.of(first), List.of(first), results))
                .contains(
                        new Step.Finish(
                                OperationPhase.Succeeded,
                                "successfully synced (all tasks run)",
                                List.of()));
    }

    @Test
    void aFailedHookFailsTheOperationAfterSyncFail() {
        SyncTask hook = task(FAILED_JOB, SyncPhase.PreSync, 0, true);
        SyncTask onFailure =
                task(Json.object("batch/v1", "Job", "cleanup", ""), SyncPhase.SyncFail, 0, true);
        List<SyncTask> tasks = List.of(hook, second, onFailure);
        TaskResult started = hook.result(Optional.empty(), OperationPhase.Running, "");
        SyncDecider.Decision decision =
                SyncDecider.decide(tasks, List.of(started), Map.of(FAILED_JOB.key(), FAILED_JOB));
        assertThat(decision.step()).isEqualTo(new Step.Run(List.of(onFailure)));
        TaskResult cleaned = onFailure.result(Optional.empty(), OperationPhase.Succeeded, "");
        assertThat(
                        SyncDecider.decide(
                                        tasks,
                                        List.of(decision.results().getFirst(), cleaned),
                                        Map.of())
                                .step())
                .isEqualTo(
                        new Step.Finish(
                                OperationPhase.Failed,
                                "one or more synchronization tasks completed unsuccessfully,"
                                        + " reason: boom",
                                List.of()));
    }

    @Test
    void anOlderHookIsDeletedBeforeItRunsAgain() {
        SyncTask hook = task(FAILED_JOB, SyncPhase.PreSync, 0, true);
        assertThat(
                        SyncDecider.decide(
                                        List.of(hook),
                                        List.of(),
                                        Map.of(FAILED_JOB.key(), FAILED_JOB))
                                .step())
                .isEqualTo(
                        new Step.DeleteOldHooks(
                                List.of(hook), "waiting for deletion of hook batch/Job/hook"));
    }

    @Test
    void aFailedApplyStopsTheNextWave() {
        TaskResult failed =
                first.result(
                        Optional.of(TaskResult.Code.SyncFailed), OperationPhase.Failed, "denied");
        assertThat(SyncDecider.decide(waves, List.of(failed), Map.of()).step())
                .isEqualTo(
                        new Step.Finish(
                                OperationPhase.Failed,
                                "one or more objects failed to apply, reason: denied",
                                List.of()));
    }
}
