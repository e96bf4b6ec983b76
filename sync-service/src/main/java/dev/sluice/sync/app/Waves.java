package dev.sluice.sync.app;

import dev.sluice.sync.app.OperationRunner.Progress;
import dev.sluice.sync.core.KubeObject;
import dev.sluice.sync.core.ObjectKey;
import dev.sluice.sync.core.OperationPhase;
import dev.sluice.sync.core.OperationRequest;
import dev.sluice.sync.core.PrunePlan;
import dev.sluice.sync.core.SyncDecider;
import dev.sluice.sync.core.SyncDecider.Step;
import dev.sluice.sync.core.SyncTask;
import dev.sluice.sync.core.TaskResult;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Carries out the tasks of an operation, wave by wave.
final class Waves {
    private static final Duration LOOK_AGAIN = Duration.ofSeconds(30);
    private static final Duration SOON = Duration.ofSeconds(1);
    private static final int STEPS_PER_PASS = 50;
    private static final String RUNNING = "one or more tasks are running";

    private final ClusterObjects objects;
    private final Observer observer;
    private final InstantSource clock;
    private final Duration waveDelay;

    Waves(ClusterObjects objects, Observer observer, InstantSource clock, Duration waveDelay) {
        this.objects = objects;
        this.observer = observer;
        this.clock = clock;
        this.waveDelay = waveDelay;
    }

    /// What one pass works on.
    ///
    /// @param live changes with what is carried out
    private record Run(
            RunningOperation operation, List<SyncTask> tasks, Map<ObjectKey, KubeObject> live) {}

    Progress carryOut(
            RunningOperation operation,
            Observation.Seen seen,
            List<SyncTask> tasks,
            AppMemory memory) {
        Map<ObjectKey, KubeObject> live = new LinkedHashMap<>(seen.live());
        read(tasks, live);
        Run run = new Run(operation, tasks, live);
        for (int i = 0; i < STEPS_PER_PASS; i++) {
            SyncDecider.Decision decision = SyncDecider.decide(tasks, operation.results(), live);
            operation.store(decision.results());
            switch (decision.step()) {
                case Step.Wait wait -> {
                    return waiting(operation, wait.message(), LOOK_AGAIN);
                }
                case Step.DeleteOldHooks old -> {
                    old.tasks().forEach(task -> delete(task, live));
                    return waiting(operation, old.message(), SOON);
                }
                case Step.Finish finish -> {
                    return finish(run, finish, memory);
                }
                case Step.Run wave -> {
                    Duration left = delayLeft(memory);
                    if (!left.isZero()) {
                        return waiting(operation, RUNNING, left);
                    }
                    carryOut(run, wave.tasks());
                    Optional<Step> after =
                            SyncDecider.afterWave(tasks, wave.tasks(), operation.results());
                    if (after.isPresent() && after.get() instanceof Step.Finish finish) {
                        return finish(run, finish, memory);
                    }
                    memory.lastWave = Optional.of(clock.instant());
                    operation.save(RUNNING);
                }
            }
        }
        return waiting(operation, RUNNING, SOON);
    }

    private Duration delayLeft(AppMemory memory) {
        Duration left =
                memory.lastWave
                        .map(at -> Duration.between(clock.instant(), at.plus(waveDelay)))
                        .orElse(Duration.ZERO);
        return left.isNegative() ? Duration.ZERO : left;
    }

    private static Progress waiting(RunningOperation operation, String message, Duration next) {
        operation.save(message);
        return new Progress.Waiting(next);
    }

    private Progress finish(Run run, Step.Finish finish, AppMemory memory) {
        finish.hooksToDelete().forEach(task -> delete(task, run.live()));
        memory.live = run.live();
        return run.operation().finish(finish.phase(), finish.message());
    }

    private void delete(SyncTask task, Map<ObjectKey, KubeObject> live) {
        KubeObject object = live.get(task.key());
        if (object != null) {
            objects.delete(
                    new ClusterObjects.Wanted(task.key(), task.version()),
                    object.uid(),
                    "Background");
        }
    }

    private void carryOut(Run run, List<SyncTask> wave) {
        // A hook runs at most once per operation (Y11): its start is on record before it exists.
        if (wave.stream().anyMatch(SyncTask::isHook)) {
            List<TaskResult> begun = new ArrayList<>(run.operation().results());
            wave.stream()
                    .filter(SyncTask::isHook)
                    .forEach(
                            task ->
                                    begun.add(
                                            task.result(
                                                    Optional.empty(), OperationPhase.Running, "")));
            run.operation().store(begun);
            run.operation().save();
        }
        List<TaskResult> done = new ArrayList<>(run.operation().results());
        for (SyncTask task : wave) {
            done.removeIf(
                    result -> result.key().equals(task.key()) && result.phase() == task.phase());
            done.add(task.isPrune() ? prune(task, run) : apply(task, run));
        }
        run.operation().store(done);
    }

    private TaskResult apply(SyncTask task, Run run) {
        return switch (objects.apply(
                task.target().orElseThrow(), mode(task, run.operation().request(), false))) {
            case ClusterObjects.Applied.Done done -> {
                run.live().put(task.key(), done.live());
                yield task.result(
                        task.isHook() ? Optional.empty() : Optional.of(TaskResult.Code.Synced),
                        OperationPhase.Running,
                        task.key().likeKubectl() + " " + done.verb());
            }
            case ClusterObjects.Applied.Failed failed ->
                    task.result(
                            Optional.of(TaskResult.Code.SyncFailed),
                            OperationPhase.Failed,
                            failed.message());
        };
    }

    private TaskResult prune(SyncTask task, Run run) {
        return switch (PrunePlan.judge(
                task,
                run.operation().request(),
                observer.instance(run.operation().application()),
                true)) {
            case PrunePlan.Verdict.Keep keep ->
                    task.result(
                            Optional.of(TaskResult.Code.PruneSkipped),
                            OperationPhase.Succeeded,
                            keep.message());
            case PrunePlan.Verdict.Delete delete -> {
                Optional<String> problem =
                        objects.delete(
                                new ClusterObjects.Wanted(task.key(), task.version()),
                                delete.uid(),
                                propagation(run.operation().request()));
                read(List.of(task), run.live());
                yield problem.isEmpty()
                        ? task.result(
                                Optional.of(TaskResult.Code.Pruned),
                                OperationPhase.Succeeded,
                                "pruned")
                        : task.result(
                                Optional.of(TaskResult.Code.SyncFailed),
                                OperationPhase.Failed,
                                problem.get());
            }
        };
    }

    private static String propagation(OperationRequest request) {
        return request.hasOption("PrunePropagationPolicy=background")
                ? "Background"
                : request.hasOption("PrunePropagationPolicy=orphan") ? "Orphan" : "Foreground";
    }

    private void read(List<SyncTask> tasks, Map<ObjectKey, KubeObject> live) {
        List<ClusterObjects.Wanted> wanted =
                tasks.stream()
                        .map(task -> new ClusterObjects.Wanted(task.key(), task.version()))
                        .toList();
        wanted.forEach(w -> live.remove(w.key()));
        live.putAll(objects.read(wanted));
    }

    /// How a task is applied: what it says itself, or the operation for all.
    static ClusterObjects.ApplyMode mode(SyncTask task, OperationRequest request, boolean dryRun) {
        boolean replace = request.hasOption("Replace=true") || task.hasOption("Replace=true");
        boolean force = request.hasOption("Force=true") || task.hasOption("Force=true");
        boolean validate =
                !request.hasOption("Validate=false") && !task.hasOption("Validate=false");
        boolean serverSide =
                request.hasOption("ServerSideApply=true") || task.hasOption("ServerSideApply=true");
        boolean annotate = !task.isHook() && !task.key().isSecret() && !serverSide;
        return new ClusterObjects.ApplyMode(dryRun, replace, force, validate, annotate);
    }
}
