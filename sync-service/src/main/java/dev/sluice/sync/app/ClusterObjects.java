package dev.sluice.sync.app;

import dev.sluice.sync.core.KubeObject;
import dev.sluice.sync.core.ObjectKey;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Port to the managed objects.
public interface ClusterObjects {
    /// An object to read: identity and the version to read it in.
    record Wanted(ObjectKey key, String version) {}

    /// How to apply.
    record ApplyMode(
            boolean dryRun, boolean replace, boolean force, boolean validate, boolean annotate) {}

    /// Outcome of an apply.
    sealed interface Applied {
        /// `verb` as kubectl says it: created, configured, unchanged.
        record Done(KubeObject live, String verb) implements Applied {}

        record Failed(String message, boolean missingKind) implements Applied {}
    }

    /// Whether a kind is namespaced; empty when the cluster does not know it.
    Optional<Boolean> namespaced(String apiVersion, String kind);

    /// Fresh reads. What does not exist is not in the result.
    Map<ObjectKey, KubeObject> read(Collection<Wanted> wanted);

    Applied apply(KubeObject target, ApplyMode mode);

    /// Deletes exactly the object with this uid; an object that is gone already is fine. The reason
    /// when it fails.
    Optional<String> delete(Wanted object, String uid, String propagation);

    /// Says which kinds matter from now on to an application, so that changes of its objects are
    /// noticed.
    void watch(AppKey application, List<Wanted> objects);

    void forget(AppKey application);
}
