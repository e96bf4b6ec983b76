package dev.sluice.sync.core;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.SortedSet;
import java.util.TreeSet;

/// Builds the tasks of a sync and puts them in order: phase, wave, kind, name; prunes in mirrored
/// waves (§4.2, §4.3).
public final class TaskPlanner {
    private static final Comparator<SyncTask> ORDER =
            Comparator.comparing(SyncTask::phase)
                    .thenComparingInt(SyncTask::wave)
                    .thenComparingInt(
                            task ->
                                    task.isPrune()
                                            ? -KindOrder.of(task.key().kind()) - 1000
                                            : KindOrder.of(task.key().kind()))
                    .thenComparing(task -> task.key().name())
                    .thenComparing(SyncTask::key);

    /// `startedUnix` and `revision` name the hooks with generated names.
    public record Request(
            List<ResourceState> resources,
            OperationRequest operation,
            String revision,
            long startedUnix) {}

    private TaskPlanner() {}

    public static List<SyncTask> plan(Request request) {
        List<SyncTask> tasks = new ArrayList<>();
        for (ResourceState state : request.resources()) {
            if (state.hooks() instanceof Hooks.In hook) {
                if (request.operation().runsHooks()) {
                    hook.phases().forEach(phase -> tasks.add(hookTask(state, phase, request)));
                }
            } else if (state.hooks() instanceof Hooks.None
                    && request.operation().selects(state.key())) {
                tasks.add(plain(state));
            }
        }
        List<SyncTask> ordered = pruneLast(mirrorPrunes(tasks), request.operation());
        ordered.sort(ORDER);
        return List.copyOf(bubble(ordered));
    }

    private static SyncTask hookTask(ResourceState state, SyncPhase phase, Request request) {
        KubeObject target = state.target().orElseThrow().copy();
        if (target.name().isEmpty()) {
            target.setName(
                    Hooks.generatedName(target, request.revision(), phase, request.startedUnix()));
        }
        return new SyncTask(
                phase,
                target.wave(),
                target.key(),
                target.version(),
                SyncTask.Action.Hook,
                Optional.of(target),
                state.live(),
                true);
    }

    private static SyncTask plain(ResourceState state) {
        SyncTask.Action action =
                state.requiresPruning() ? SyncTask.Action.Prune : SyncTask.Action.Apply;
        boolean modified = state.status().filter(SyncCode.OutOfSync::equals).isPresent();
        return new SyncTask(
                SyncPhase.Sync,
                state.either().wave(),
                state.key(),
                state.version(),
                action,
                state.target(),
                state.live(),
                modified);
    }

    private static List<SyncTask> mirrorPrunes(List<SyncTask> tasks) {
        SortedSet<Integer> distinct = new TreeSet<>();
        tasks.stream().filter(SyncTask::isPrune).forEach(task -> distinct.add(task.wave()));
        List<Integer> waves = List.copyOf(distinct);
        List<SyncTask> mirrored = new ArrayList<>();
        for (SyncTask task : tasks) {
            mirrored.add(
                    task.isPrune()
                            ? task.inWave(waves.get(waves.size() - 1 - waves.indexOf(task.wave())))
                            : task);
        }
        return mirrored;
    }

    private static List<SyncTask> pruneLast(List<SyncTask> tasks, OperationRequest operation) {
        int highest = 0;
        for (SyncTask task : tasks) {
            highest = task.phase() == SyncPhase.Sync ? Math.max(highest, task.wave()) : highest;
        }
        List<SyncTask> moved = new ArrayList<>();
        for (SyncTask task : tasks) {
            boolean last =
                    task.isPrune()
                            && (operation.hasOption("PruneLast=true")
                                    || task.hasOption("PruneLast=true"));
            moved.add(last ? task.inWave(highest + 1) : task);
        }
        return moved;
    }

    /// A Namespace goes before the first object that lives in it, a CRD before the first object of
    /// its kind.
    private static List<SyncTask> bubble(List<SyncTask> ordered) {
        List<SyncTask> tasks = new ArrayList<>(ordered);
        for (SyncTask dependency : ordered) {
            if (dependency.isPrune()
                    || !(dependency.key().isNamespace() || dependency.key().isCrd())) {
                continue;
            }
            int own = tasks.indexOf(dependency);
            for (int i = 0; i < own; i++) {
                if (needs(tasks.get(i), dependency)) {
                    tasks.remove(own);
                    tasks.add(i, dependency.before(tasks.get(i)));
                    break;
                }
            }
        }
        return tasks;
    }

    private static boolean needs(SyncTask task, SyncTask dependency) {
        if (dependency.key().isNamespace()) {
            return task.key().namespace().equals(dependency.key().name());
        }
        KubeObject crd = dependency.target().orElseThrow();
        return JsonTrees.text(crd.json(), "spec", "group").equals(task.key().group())
                && JsonTrees.text(crd.json(), "spec", "names", "kind").equals(task.key().kind());
    }
}
