package dev.sluice.rollout.core;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sluice.rollout.core.Observation.ReplicaSetView;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.BiConsumer;

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
        syncWorkloadGeneration(pass);
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
                    isJustCreated(pass, fresh.get())
                            ? announcement(fresh.get().name(), revision)
                            : new Command.AnnotateRollout(
                                    Names.REVISION, revision, List.of(updated(revision))));
            return true;
        }
        copied(pass).forEach((k, v) -> pass.annotate(fresh.get(), k, Optional.of(v)));
        pass.minReadySeconds(fresh.get(), pass.spec.minReadySeconds());
        AntiAffinityTerm.refreshed(pass, fresh.get().template())
                .ifPresent(patch -> pass.template(fresh.get(), patch));
        return false;
    }

    /// The plugin compares this annotation with `status.workloadObservedGeneration`: as long as
    /// they
    /// differ a change of the workload has not been looked at.
    private static void syncWorkloadGeneration(Pass pass) {
        Optional<String> present =
                Optional.ofNullable(
                        pass.rollout.meta().annotations().get(Names.WORKLOAD_GENERATION));
        Optional<String> wanted =
                pass.spec.workloadRef().isEmpty()
                        ? Optional.empty()
                        : pass.seen.workload().map(RevisionSync::generation);
        pass.next.workloadObservedGeneration = wanted.orElse("");
        if (!present.equals(wanted)) {
            pass.doBefore(
                    wanted.isPresent()
                            ? new Command.AnnotateRollout(
                                    Names.WORKLOAD_GENERATION, wanted.get(), List.of())
                            : new Command.UnannotateRollout(Names.WORKLOAD_GENERATION));
        }
    }

    private static String generation(JsonNode workload) {
        return Long.toString(workload.path("metadata").path("generation").asLong(0));
    }

    /// Its creation was the last thing that was carried out before a crash or a conflict.
    private static boolean isJustCreated(Pass pass, ReplicaSetView fresh) {
        return !pass.stored.currentPodHash().equals(fresh.hash())
                && fresh.annotation(Names.REVISION_HISTORY).isEmpty();
    }

    private static Notice updated(String revision) {
        return Notice.normal("RolloutUpdated", "Rollout updated to revision " + revision);
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
                        Optional.empty(),
                        List.of()));
    }

    private static Map<String, String> copied(Pass pass) {
        Map<String, String> annotations = new TreeMap<>(pass.rollout.meta().annotations());
        annotations.keySet().removeAll(NOT_COPIED);
        if (!pass.next.workloadObservedGeneration.isEmpty()) {
            annotations.put(Names.WORKLOAD_GENERATION, pass.next.workloadObservedGeneration);
        }
        return annotations;
    }

    /// A first deployment has no steps and no stable revision to compare with.
    static boolean isFirst(Pass pass) {
        return pass.seen.replicaSets().isEmpty()
                && pass.seen.takenReplicaSetNames().isEmpty()
                && pass.stored.currentPodHash().isEmpty()
                && pass.stored.stableRS().isEmpty()
                && !pass.spec.paused()
                && !pass.isAborted()
                && pass.spec.strategy() instanceof Strategy.Canary;
    }

    /// Creates the ReplicaSet with all its pods, and writes the status that this leads to: the
    /// first revision is stable at once.
    static Decision createFirst(Pass pass, BiConsumer<Pass, Strategy.Canary> start) {
        String name = pass.rollout.meta().name() + "-" + pass.sets.computedHash();
        ObjectNode manifest = manifest(pass, name, "1");
        manifest.withObject("/spec").put("replicas", pass.replicas());
        Pass ahead = new Pass(pass.seen.with(created(pass, name, manifest)), pass.now);
        ahead.doBefore(new Command.CreateReplicaSet(manifest, List.of()));
        ahead.doBefore(announcement(name, "1"));
        syncWorkloadGeneration(ahead);
        ahead.notices.add(
                Notice.normal(
                        "RolloutNotCompleted",
                        "Rollout not completed, started update to revision 1 ("
                                + pass.newHash()
                                + ")"));
        if (pass.replicas() > 0) {
            ahead.notices.add(
                    Notice.normal(
                            "ScalingReplicaSet",
                            "Scaled up ReplicaSet "
                                    + name
                                    + " (revision 1) from 0 to "
                                    + pass.replicas()));
        }
        if (ahead.spec.strategy() instanceof Strategy.Canary canary) {
            start.accept(ahead, canary);
        }
        return ahead.decision();
    }

    /// The ReplicaSet as it will be right after its creation.
    private static ReplicaSetView created(Pass pass, String name, ObjectNode manifest) {
        return new ReplicaSetView(
                name,
                "",
                "",
                true,
                false,
                pass.now,
                strings(manifest.path("metadata").path("labels")),
                strings(manifest.path("metadata").path("annotations")),
                manifest.path("spec").path("template"),
                pass.spec.minReadySeconds(),
                pass.replicas(),
                0,
                0,
                0,
                false,
                Optional.empty());
    }

    private static Map<String, String> strings(JsonNode object) {
        Map<String, String> map = new TreeMap<>();
        object.properties().forEach(e -> map.put(e.getKey(), e.getValue().asText("")));
        return map;
    }

    private static Command announcement(String name, String revision) {
        return new Command.AnnotateRollout(
                Names.REVISION,
                revision,
                List.of(
                        updated(revision),
                        Notice.normal(
                                "NewReplicaSetCreated",
                                "Created ReplicaSet " + name + " (revision " + revision + ")")));
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
        pass.doBefore(announcement(name, revision));
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
        AntiAffinityTerm.wanted(pass)
                .ifPresent(wanted -> AntiAffinityTerm.add(pass, wanted, template));
        ObjectNode annotations = metadata.putObject("annotations");
        copied(pass).forEach(annotations::put);
        annotations.put(Names.REVISION, revision);
        annotations.put(Names.DESIRED_REPLICAS, Integer.toString(pass.replicas()));
        EphemeralMetadata.inject(EphemeralMetadata.ofNew(pass), template, annotations);
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
