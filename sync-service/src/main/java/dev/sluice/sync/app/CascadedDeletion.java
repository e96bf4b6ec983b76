package dev.sluice.sync.app;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sluice.sync.core.JsonTrees;
import dev.sluice.sync.core.KubeObject;
import dev.sluice.sync.core.Tracking;
import java.time.Duration;
import java.util.List;

/// The deletion of an Application: what carries our tracking id goes, then the finalizer.
final class CascadedDeletion {
    private static final String CASCADE = "resources-finalizer.argocd.argoproj.io";

    private final ClusterObjects objects;
    private final Observer observer;

    CascadedDeletion(ClusterObjects objects, Observer observer) {
        this.objects = objects;
        this.observer = observer;
    }

    /// One pass; answers when to look again.
    Duration carryOut(AppKey key, WorkingCopy copy) {
        ObjectNode app = copy.json();
        List<String> finalizers = JsonTrees.texts(app, "metadata", "finalizers");
        List<String> ours = finalizers.stream().filter(f -> f.startsWith(CASCADE)).toList();
        if (ours.isEmpty()) {
            return Duration.ofHours(1);
        }
        List<ClusterObjects.Wanted> managed =
                JsonTrees.items(app, "status", "resources").stream()
                        .map(
                                r ->
                                        new ClusterObjects.Wanted(
                                                Observer.key(r), JsonTrees.text(r, "version")))
                        .toList();
        boolean left = false;
        for (KubeObject live : objects.read(managed).values()) {
            if (Tracking.owns(observer.instance(app), live) && !isKept(live)) {
                left = true;
                if (!live.deleting()) {
                    String propagation =
                            ours.getFirst().endsWith("/background") ? "Background" : "Foreground";
                    objects.delete(
                                    new ClusterObjects.Wanted(live.key(), live.version()),
                                    live.uid(),
                                    propagation)
                            .ifPresent(
                                    problem ->
                                            SyncLog.LOG.deletionFailed(
                                                    key.namespace(),
                                                    key.name(),
                                                    live.key().toString(),
                                                    problem));
                }
            }
        }
        if (left) {
            return Duration.ofSeconds(1);
        }
        JsonTrees.child(app, "metadata")
                .set(
                        "finalizers",
                        JsonTrees.arrayOf(
                                finalizers.stream().filter(f -> !ours.contains(f)).toList()));
        copy.save();
        return Duration.ofHours(1);
    }

    private static boolean isKept(KubeObject live) {
        return live.key().isCrd()
                || live.hasOption("Delete=false")
                || live.annotation("helm.sh/resource-policy").filter("keep"::equals).isPresent();
    }
}
