package dev.sluice.sync.core;

import java.util.Optional;

/// One thing to do in a sync.
public record SyncTask(
        SyncPhase phase,
        int wave,
        ObjectKey key,
        String version,
        Action action,
        Optional<KubeObject> target,
        Optional<KubeObject> live,
        boolean modified) {
    /// Kinds of task.
    public enum Action {
        Apply,
        Prune,
        Hook
    }

    SyncTask inWave(int other) {
        return new SyncTask(phase, other, key, version, action, target, live, modified);
    }

    SyncTask before(SyncTask first) {
        return new SyncTask(first.phase, first.wave, key, version, action, target, live, modified);
    }

    public boolean isHook() {
        return action == Action.Hook;
    }

    public boolean isPrune() {
        return action == Action.Prune;
    }

    public boolean hasOption(String option) {
        return target.filter(t -> t.hasOption(option)).isPresent()
                || live.filter(l -> l.hasOption(option)).isPresent();
    }

    boolean isSameWave(SyncTask other) {
        return phase == other.phase && wave == other.wave;
    }

    public TaskResult result(Optional<TaskResult.Code> code, OperationPhase state, String message) {
        return new TaskResult(key, version, phase, code, state, message, isHook());
    }
}
