package dev.sluice.sync.core;

import java.util.Optional;

/// Whether an object that Git no longer names may be deleted (Y1, Y9).
public final class PrunePlan {
    /// What to do with an extra object.
    public sealed interface Verdict {
        /// Delete exactly this object: the uid is part of the request.
        record Delete(String uid) implements Verdict {}

        record Keep(String message) implements Verdict {}
    }

    private PrunePlan() {}

    /// `complete` says that the targets come from one whole, error-free render of the revision
    /// being applied.
    public static Verdict judge(
            SyncTask task, OperationRequest operation, String instance, boolean complete) {
        Optional<KubeObject> live = task.live();
        if (!operation.prune()) {
            return new Verdict.Keep("ignored (requires pruning)");
        }
        boolean kept =
                task.hasOption("Prune=false")
                        || (operation.hasOption("Prune=false") && !task.hasOption("Prune=true"));
        if (kept
                || !complete
                || live.isEmpty()
                || !Tracking.owns(instance, live.get())
                || live.get().uid().isEmpty()
                || task.key().isCrd()) {
            return new Verdict.Keep("ignored (no prune)");
        }
        if (task.hasOption("Prune=confirm") || operation.hasOption("Prune=confirm")) {
            return new Verdict.Keep(
                    "ignored (no prune): Prune=confirm is not supported, delete the object by"
                            + " hand");
        }
        return new Verdict.Delete(live.get().uid());
    }
}
