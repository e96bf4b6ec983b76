package dev.sluice.sync.app;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sluice.sync.app.OperationRunner.Progress;
import dev.sluice.sync.core.Condition;
import dev.sluice.sync.core.JsonTrees;
import dev.sluice.sync.core.KubeObject;
import dev.sluice.sync.core.ObjectKey;
import dev.sluice.sync.core.OperationPhase;
import dev.sluice.sync.core.OperationRequest;
import dev.sluice.sync.core.SyncTask;
import dev.sluice.sync.core.TaskResult;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// Before the first task of an operation: everything is permitted and known, the namespace is
/// there,
/// and the server would take it all.
final class DryRun {
    private final ClusterObjects objects;

    DryRun(ClusterObjects objects) {
        this.objects = objects;
    }

    /// How the operation ends because of it; empty when the tasks may be carried out.
    Optional<Progress> of(RunningOperation operation, Observation.Seen seen, List<SyncTask> tasks) {
        List<String> invalid = invalid(operation.request(), seen, tasks);
        if (!invalid.isEmpty()) {
            return Optional.of(
                    operation.finish(
                            OperationPhase.Failed,
                            "one or more synchronization tasks are not valid: "
                                    + String.join("; ", invalid)));
        }
        OperationRequest request = operation.request();
        if (request.hasOption("CreateNamespace=true") && !request.dryRun()) {
            Optional<String> problem = namespace(seen, tasks);
            if (problem.isPresent()) {
                return Optional.of(
                        operation.finish(
                                OperationPhase.Failed,
                                "the namespace failed to apply: " + problem.get()));
            }
        }
        List<TaskResult> failures = new ArrayList<>();
        List<TaskResult> tried = new ArrayList<>();
        for (SyncTask task : tasks) {
            TaskResult result = dryRun(task, request, tasks);
            tried.add(result);
            if (result.state().isFailure()) {
                failures.add(result);
            }
        }
        if (!failures.isEmpty()) {
            operation.store(failures);
            String reason =
                    String.join(
                            "; ",
                            failures.stream()
                                    .map(f -> f.key().likeKubectl() + ": " + f.message())
                                    .limit(5)
                                    .toList());
            return Optional.of(
                    operation.finish(
                            OperationPhase.Failed,
                            (failures.stream().anyMatch(this::isUnknownKind)
                                            ? "one or more synchronization tasks are not valid: "
                                            : "one or more objects failed to apply (dry run),"
                                                    + " reason: ")
                                    + reason));
        }
        if (request.dryRun()) {
            operation.store(tried);
            return Optional.of(
                    operation.finish(
                            OperationPhase.Succeeded, "successfully synced (no more tasks)"));
        }
        return Optional.empty();
    }

    private static List<String> invalid(
            OperationRequest request, Observation.Seen seen, List<SyncTask> tasks) {
        List<String> invalid = new ArrayList<>();
        for (SyncTask task : tasks) {
            seen.project()
                    .refuse(
                            task.key(),
                            !task.key().namespace().isEmpty(),
                            seen.spec().destination())
                    .ifPresent(invalid::add);
        }
        if (request.hasOption("FailOnSharedResource=true")) {
            seen.comparison().conditions().stream()
                    .filter(c -> c.type() == Condition.Type.SharedResourceWarning)
                    .forEach(c -> invalid.add("Shared resource found: " + c.message()));
        }
        return invalid.stream().distinct().toList();
    }

    private boolean isUnknownKind(TaskResult result) {
        String group = result.key().group();
        String apiVersion = group.isEmpty() ? result.version() : group + "/" + result.version();
        return objects.namespaced(apiVersion, result.key().kind()).isEmpty();
    }

    private Optional<String> namespace(Observation.Seen seen, List<SyncTask> tasks) {
        String name = seen.spec().destination().namespace();
        ObjectKey key = new ObjectKey("", "Namespace", "", name);
        boolean target = tasks.stream().anyMatch(task -> task.key().equals(key));
        if (name.isEmpty()
                || target
                || objects.read(List.of(new ClusterObjects.Wanted(key, "v1"))).containsKey(key)) {
            return Optional.empty();
        }
        ObjectNode json = JsonTrees.object().put("apiVersion", "v1").put("kind", "Namespace");
        json.putObject("metadata").put("name", name);
        return objects.apply(
                                new KubeObject(json),
                                new ClusterObjects.ApplyMode(false, false, false, true, false))
                        instanceof ClusterObjects.Applied.Failed failed
                ? Optional.of(failed.message())
                : Optional.empty();
    }

    private TaskResult dryRun(SyncTask task, OperationRequest request, List<SyncTask> tasks) {
        if (task.isPrune()) {
            return task.result(
                    Optional.of(TaskResult.Code.Pruned),
                    OperationPhase.Succeeded,
                    "pruned (dry run)");
        }
        boolean skip =
                task.hasOption("SkipDryRunOnMissingResource=true")
                        || request.hasOption("SkipDryRunOnMissingResource=true");
        if (tasks.stream().anyMatch(other -> makesRoom(other, task.key()))) {
            return task.result(Optional.of(TaskResult.Code.Synced), OperationPhase.Succeeded, "");
        }
        return switch (objects.apply(
                task.target().orElseThrow(), Waves.mode(task, request, true))) {
            case ClusterObjects.Applied.Done done ->
                    task.result(
                            Optional.of(TaskResult.Code.Synced),
                            OperationPhase.Succeeded,
                            task.key().likeKubectl() + " " + done.verb() + " (dry run)");
            case ClusterObjects.Applied.Failed failed ->
                    skip && failed.missingKind()
                            ? task.result(
                                    Optional.of(TaskResult.Code.Synced),
                                    OperationPhase.Succeeded,
                                    "")
                            : task.result(
                                    Optional.of(TaskResult.Code.SyncFailed),
                                    OperationPhase.Failed,
                                    failed.message());
        };
    }

    /// Whether the namespace or the kind of an object comes with a task of the same operation.
    private static boolean makesRoom(SyncTask other, ObjectKey key) {
        if (other.isPrune()) {
            return false;
        }
        boolean isItsNamespace =
                other.key().isNamespace()
                        && other.key().name().equals(key.namespace())
                        && other.live().isEmpty();
        return isItsNamespace
                || (other.key().isCrd()
                        && other.target().filter(crd -> defines(crd, key)).isPresent());
    }

    private static boolean defines(KubeObject crd, ObjectKey key) {
        return JsonTrees.text(crd.json(), "spec", "group").equals(key.group())
                && JsonTrees.text(crd.json(), "spec", "names", "kind").equals(key.kind());
    }
}
