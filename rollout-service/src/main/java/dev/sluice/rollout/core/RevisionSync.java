package dev.sluice.rollout.core;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;

import dev.sluice.rollout.core.Observation.ReplicaSetView;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/// Keeps the ReplicaSet of the present template, its revision number and its annotations.
final class RevisionSync {
    private static final Set<String> NOT_COPIED =
            Set.of(
                    Names.LAST_APPLIED,
                    Names.REVISION,
                    Names.REVISION_HISTORY,
                    Names.DESIRED_REPLICAS,
                    Names.NOTIFIED);

    private RevisionSync() {}

    /// Adoption, and the revision annotation of the Rollout itself: each is a pass of its own,
    /// because it changes the version of what the rest of the pass leans on.
    static boolean isCutShort(Pass pass) {
        boolean adopts = false;
        for (ReplicaSetView rs : pass.seen.replicaSets()) {
            if (!rs.owned() && !rs.deleting()) {
                pass.doBefore(
                        new Command.AdoptReplicaSet(
                                rs.name(),
                                rs.uid(),
                                rs.resourceVersion(),
                                Owner.reference(pass.rollout.meta())));
                adopts = true;
            }
        }
        Optional<ReplicaSetView> fresh = pass.sets.newSet();
        if (adopts || fresh.isEmpty()) {
            return adopts;
        }
        long want = highestOther(pass) + 1;
        if (fresh.get().revision() < want) {
            raiseRevision(pass, fresh.get(), want);
            return true;
        }
        String revision = Long.toString(fresh.get().revision());
        boolean isCurrent = revision.equals(pass.rollout.meta().annotations().get(Names.REVISION));
        if (!isCurrent) {
            pass.doBefore(
                    new Command.AnnotateRollout(
                            Names.REVISION,
                            revision,
                            List.of(
                                    Notice.normal(
                                            "RolloutUpdated",
                                            "Rollout updated to revision " + revision))));
            return true;
        }
        copied(pass).forEach((k, v) -> pass.annotate(fresh.get(), k, Optional.of(v)));
        pass.minReadySeconds(fresh.get(), pass.spec.minReadySeconds());
        return false;
    }

    private static long highestOther(Pass pass) {
        return pass.sets.owned().stream()
                .filter(rs -> !rs.hash().equals(pass.newHash()))
                .mapToLong(ReplicaSetView::revision)
                .max()
                .orElse(0);
    }

    /// Going back to an old template gives its ReplicaSet a new, higher revision.
    private static void raiseRevision(Pass pass, ReplicaSetView rs, long want) {
        Map<String, Optional<String>> changes = new TreeMap<>();
        changes.put(Names.REVISION, Optional.of(Long.toString(want)));
        if (rs.revision() > 0) {
            String history =
                    rs.annotation(Names.REVISION_HISTORY).map(h -> h + ",").orElse("")
                            + rs.revision();
            changes.put(Names.REVISION_HISTORY, Optional.of(history));
        }
        pass.doBefore(
                new Command.AnnotateReplicaSet(
                        rs.name(),
                        rs.uid(),
                        rs.resourceVersion(),
                        changes,
                        Optional.empty(),
                        List.of()));
    }

    private static Map<String, String> copied(Pass pass) {
        Map<String, String> annotations = new TreeMap<>(pass.rollout.meta().annotations());
        annotations.keySet().removeAll(NOT_COPIED);
        return annotations;
    }

    /// Creates the ReplicaSet with no pods, and numbers it; a taken name salts the hash.
    static Decision create(Pass pass) {
        String name = pass.rollout.meta().name() + "-" + pass.sets.computedHash();
        boolean isTaken =
                pass.seen.takenReplicaSetNames().contains(name)
                        || pass.sets.owned().stream().anyMatch(rs -> rs.name().equals(name));
        if (isTaken) {
            pass.next.collisionCount =
                    Optional.of(pass.next.collisionCount.map(c -> c + 1).orElse(1));
            return pass.decision();
        }
        String revision = Long.toString(highestOther(pass) + 1);
        pass.doBefore(new Command.CreateReplicaSet(manifest(pass, name, revision), List.of()));
        pass.doBefore(
                new Command.AnnotateRollout(
                        Names.REVISION,
                        revision,
                        List.of(
                                Notice.normal(
                                        "RolloutUpdated",
                                        "Rollout updated to revision " + revision),
                                Notice.normal(
                                        "NewReplicaSetCreated",
                                        "Created ReplicaSet "
                                                + name
                                                + " (revision "
                                                + revision
                                                + ")"))));
        return pass.commandsOnly();
    }

    private static ObjectNode manifest(Pass pass, String name, String revision) {
        String hash = pass.sets.computedHash();
        ObjectNode rs = JsonNodeFactory.instance.objectNode();
        rs.put("apiVersion", "apps/v1").put("kind", "ReplicaSet");
        ObjectNode metadata = rs.putObject("metadata");
        metadata.put("name", name).put("namespace", pass.rollout.meta().namespace());
        ObjectNode template = pass.spec.template().deepCopy();
        ObjectNode labels = template.withObject("/metadata").withObject("/labels");
        labels.put(Names.HASH, hash);
        metadata.set("labels", labels.deepCopy());
        ObjectNode annotations = metadata.putObject("annotations");
        copied(pass).forEach(annotations::put);
        annotations.put(Names.REVISION, revision);
        annotations.put(Names.DESIRED_REPLICAS, Integer.toString(pass.replicas()));
        metadata.putArray("ownerReferences").add(Owner.reference(pass.rollout.meta()));
        ObjectNode spec = rs.putObject("spec");
        spec.put("replicas", 0).put("minReadySeconds", pass.spec.minReadySeconds());
        ObjectNode selector = pass.spec.selector().deepCopy();
        selector.withObject("/matchLabels").put(Names.HASH, hash);
        spec.set("selector", selector);
        spec.set("template", template);
        return rs;
    }
}
