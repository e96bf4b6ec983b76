package dev.sluice.sync.core;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// One pass of the sync engine (specification of sync §4.5): from the tasks, their recorded results
/// and the live objects to the next thing to do. Pure; deciding twice changes nothing.
public final class SyncDecider {
    /// What to do next.
    public sealed interface Step {
        /// Carry out these tasks: one phase and wave.
        record Run(List<SyncTask> tasks) implements Step {}

        /// Delete what is left of earlier hooks, then look again.
        record DeleteOldHooks(List<SyncTask> tasks, String message) implements Step {}

        record Wait(String message) implements Step {}

        record Finish(OperationPhase phase, String message, List<SyncTask> hooksToDelete)
                implements Step {}
    }

    /// Results brought up to date, and the next step.
    public record Decision(List<TaskResult> results, Step step) {
        public Decision {
            results = List.copyOf(results);
        }
    }

    private final List<SyncTask> tasks;
    private final List<TaskResult> results;
    private final Map<ObjectKey, KubeObject> live;

    private SyncDecider(
            List<SyncTask> tasks, List<TaskResult> results, Map<ObjectKey, KubeObject> live) {
        this.tasks = tasks;
        this.results = new ArrayList<>(results);
        this.live = live;
    }

    public static Decision decide(
            List<SyncTask> tasks, List<TaskResult> results, Map<ObjectKey, KubeObject> live) {
        SyncDecider decider = new SyncDecider(tasks, results, live);
        Step step = decider.next();
        return new Decision(decider.results, step);
    }

    /// What follows a wave that was just carried out: the operation ends at once when nothing
    /// remains and the wave had no hooks, without waiting for health.
    public static Optional<Step> afterWave(
            List<SyncTask> tasks, List<SyncTask> wave, List<TaskResult> results) {
        boolean failed =
                wave.stream()
                        .anyMatch(
                                task ->
                                        resultOf(task, results)
                                                .filter(r -> r.state().isFailure())
                                                .isPresent());
        boolean pending =
                tasks.stream()
                        .anyMatch(
                                task ->
                                        task.phase() != SyncPhase.SyncFail
                                                && resultOf(task, results).isEmpty());
        boolean hooks = wave.stream().anyMatch(SyncTask::isHook);
        if (failed || pending || hooks) {
            return Optional.empty();
        }
        return Optional.of(
                new Step.Finish(
                        OperationPhase.Succeeded,
                        "successfully synced (all tasks run)",
                        hooksFor(tasks, results, Hooks.DeletePolicy.HookSucceeded)));
    }

    private Step next() {
        Optional<Step> broken = updateRunning();
        if (broken.isPresent()) {
            return broken.get();
        }
        boolean multiStep = tasks.stream().anyMatch(task -> !task.isSameWave(tasks.getFirst()));
        List<TaskResult> blocking =
                results.stream()
                        .filter(r -> r.state() == OperationPhase.Running && (multiStep || r.hook()))
                        .toList();
        if (!blocking.isEmpty()) {
            return new Step.Wait(waiting(blocking));
        }
        List<SyncTask> vanishing =
                tasks.stream()
                        .filter(
                                task ->
                                        task.isPrune()
                                                && resultOf(task, results).isPresent()
                                                && Optional.ofNullable(live.get(task.key()))
                                                        .filter(KubeObject::deleting)
                                                        .isPresent())
                        .toList();
        if (!vanishing.isEmpty() && results.size() < tasks.size()) {
            return new Step.Wait(
                    "waiting for deletion of "
                            + vanishing.getFirst().key().inMessage()
                            + more(vanishing.size(), "resources"));
        }
        List<TaskResult> failures =
                results.stream()
                        .filter(r -> r.state().isFailure() && r.phase() != SyncPhase.SyncFail)
                        .toList();
        if (!failures.isEmpty()) {
            return failing(failures);
        }
        return pending();
    }

    private Step pending() {
        List<SyncTask> open =
                tasks.stream()
                        .filter(
                                task ->
                                        task.phase() != SyncPhase.SyncFail
                                                && resultOf(task, results).isEmpty())
                        .toList();
        if (open.isEmpty()) {
            return new Step.Finish(
                    OperationPhase.Succeeded,
                    "successfully synced (no more tasks)",
                    hooksFor(tasks, results, Hooks.DeletePolicy.HookSucceeded));
        }
        return run(open.stream().filter(task -> task.isSameWave(open.getFirst())).toList());
    }

    private Step run(List<SyncTask> wave) {
        List<SyncTask> old =
                wave.stream()
                        .filter(
                                task ->
                                        task.isHook()
                                                && live.containsKey(task.key())
                                                && Hooks.deletePolicies(task.target().orElseThrow())
                                                        .contains(
                                                                Hooks.DeletePolicy
                                                                        .BeforeHookCreation))
                        .toList();
        if (!old.isEmpty()) {
            return new Step.DeleteOldHooks(
                    old,
                    "waiting for deletion of hook "
                            + old.getFirst().key().inMessage()
                            + more(old.size(), "hooks"));
        }
        return new Step.Run(wave);
    }

    private Step failing(List<TaskResult> failures) {
        List<SyncTask> onFailure =
                tasks.stream().filter(task -> task.phase() == SyncPhase.SyncFail).toList();
        List<SyncTask> open =
                onFailure.stream().filter(task -> resultOf(task, results).isEmpty()).toList();
        if (!open.isEmpty()) {
            return run(open.stream().filter(task -> task.isSameWave(open.getFirst())).toList());
        }
        boolean applyFailed =
                failures.stream()
                        .anyMatch(
                                r ->
                                        r.code()
                                                .filter(TaskResult.Code.SyncFailed::equals)
                                                .isPresent());
        String reasons =
                String.join(
                        "; ",
                        failures.stream()
                                .map(TaskResult::message)
                                .filter(m -> !m.isEmpty())
                                .distinct()
                                .limit(5)
                                .toList());
        String message =
                applyFailed
                        ? "one or more objects failed to apply"
                                + (reasons.isEmpty() ? "" : ", reason: " + reasons)
                        : "one or more synchronization tasks completed unsuccessfully"
                                + (reasons.isEmpty() ? "" : ", reason: " + reasons);
        boolean hooksFailed =
                onFailure.stream()
                        .anyMatch(
                                task ->
                                        resultOf(task, results)
                                                .filter(r -> r.state().isFailure())
                                                .isPresent());
        return new Step.Finish(
                OperationPhase.Failed,
                message + (hooksFailed ? "\none or more SyncFail hooks failed" : ""),
                hooksFor(tasks, results, Hooks.DeletePolicy.HookFailed));
    }

    /// Running tasks end by the health of their live objects.
    private Optional<Step> updateRunning() {
        boolean multiStep = tasks.stream().anyMatch(task -> !task.isSameWave(tasks.getFirst()));
        for (int i = 0; i < results.size(); i++) {
            TaskResult result = results.get(i);
            if (result.state() != OperationPhase.Running) {
                continue;
            }
            KubeObject object = live.get(result.key());
            if (object == null) {
                if (multiStep || result.hook()) {
                    return Optional.of(
                            new Step.Finish(
                                    OperationPhase.Error,
                                    "Resource "
                                            + result.key().inMessage()
                                            + " is missing, it might have been deleted",
                                    List.of()));
                }
                continue;
            }
            results.set(i, judged(result, HealthRules.of(object)));
        }
        return Optional.empty();
    }

    private static TaskResult judged(TaskResult result, Optional<Health> health) {
        if (health.isEmpty()) {
            return result.with(OperationPhase.Succeeded, result.message());
        }
        String text =
                health.get().message().isEmpty() || !result.hook()
                        ? result.message()
                        : health.get().message();
        return switch (health.get().status()) {
            case Healthy -> result.with(OperationPhase.Succeeded, text);
            case Degraded ->
                    result.with(
                            OperationPhase.Failed,
                            health.get().message().isEmpty()
                                    ? result.message()
                                    : health.get().message());
            case Unknown -> result.hook() ? result.with(OperationPhase.Failed, text) : result;
            case Progressing, Suspended, Missing -> result;
        };
    }

    private static String waiting(List<TaskResult> blocking) {
        TaskResult first = blocking.getFirst();
        return first.hook()
                ? "waiting for completion of hook "
                        + first.key().inMessage()
                        + more(blocking.size(), "hooks")
                : "waiting for healthy state of "
                        + first.key().inMessage()
                        + more(blocking.size(), "resources");
    }

    private static String more(int count, String what) {
        return count > 1 ? " and " + (count - 1) + " more " + what : "";
    }

    private static List<SyncTask> hooksFor(
            List<SyncTask> tasks, List<TaskResult> results, Hooks.DeletePolicy policy) {
        return tasks.stream()
                .filter(
                        task ->
                                task.isHook()
                                        && resultOf(task, results).isPresent()
                                        && Hooks.deletePolicies(task.target().orElseThrow())
                                                .contains(policy))
                .toList();
    }

    static Optional<TaskResult> resultOf(SyncTask task, List<TaskResult> results) {
        return results.stream().filter(result -> result.isOf(task)).findFirst();
    }
}
