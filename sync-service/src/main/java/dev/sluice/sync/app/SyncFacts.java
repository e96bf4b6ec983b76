package dev.sluice.sync.app;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sluice.events.Event;
import dev.sluice.events.EventData;
import dev.sluice.events.SyncEvent;
import dev.sluice.events.SyncEvent.ApplicationRef;
import dev.sluice.events.SyncEvent.SyncedRollout;
import dev.sluice.events.WorkloadRef;
import dev.sluice.sync.core.JsonTrees;
import dev.sluice.sync.core.KubeObject;
import dev.sluice.sync.core.ObjectKey;
import dev.sluice.sync.core.OperationPhase;
import dev.sluice.sync.core.Rejections;
import dev.sluice.sync.core.RepoUrl;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// The facts that the state of an Application implies, with ids that follow from the state alone.
final class SyncFacts {
    private static final int RESOURCES_SHOWN = 50;
    private final String cluster;
    private final String source;

    SyncFacts(String cluster, String source) {
        this.cluster = cluster;
        this.source = source;
    }

    List<Event> of(ObjectNode app, Map<ObjectKey, KubeObject> live) {
        List<Event> facts = new ArrayList<>();
        JsonNode state = JsonTrees.at(app, "status", "operationState");
        String started = JsonTrees.text(state, "startedAt");
        if (!started.isEmpty()) {
            operation(app, state, started, live, facts);
        }
        for (Rejections.Rejection rejection : Rejections.parse(app.path("status"))) {
            facts.add(
                    fact(
                            app,
                            "rejected/"
                                    + rejection.uid()
                                    + "/"
                                    + rejection.attempt()
                                    + "/"
                                    + rejection.revision(),
                            rejection.at(),
                            new SyncEvent.RevisionRejected(
                                    reference(app),
                                    rejection.revision(),
                                    new WorkloadRef(
                                            cluster,
                                            rejection.namespace(),
                                            "Rollout",
                                            rejection.rollout(),
                                            rejection.uid()),
                                    rejection.attempt(),
                                    rejection.reason())));
        }
        return facts;
    }

    private void operation(
            ObjectNode app,
            JsonNode state,
            String started,
            Map<ObjectKey, KubeObject> live,
            List<Event> facts) {
        String id = JsonTrees.text(app, "metadata", "uid") + "/" + started;
        String commit = JsonTrees.text(state, "syncResult", "revision");
        boolean automated = JsonTrees.flag(state, "operation", "initiatedBy", "automated");
        Optional<String> actor = JsonTrees.optional(state, "operation", "initiatedBy", "username");
        boolean dryRun = JsonTrees.flag(state, "operation", "sync", "dryRun");
        Optional<OperationPhase> phase = OperationPhase.parse(JsonTrees.text(state, "phase"));
        if (dryRun) {
            return;
        }
        if (!commit.isEmpty()) {
            facts.add(
                    fact(
                            app,
                            "started/" + started,
                            started,
                            new SyncEvent.SyncStarted(
                                    reference(app), id, commit, automated, actor)));
        }
        String finished = JsonTrees.text(state, "finishedAt");
        if (phase.filter(OperationPhase.Succeeded::equals).isPresent()) {
            facts.add(
                    fact(
                            app,
                            "completed/" + started,
                            finished,
                            new SyncEvent.SyncCompleted(
                                    reference(app),
                                    id,
                                    commit,
                                    automated,
                                    actor,
                                    JsonTrees.items(state, "syncResult", "resources").size(),
                                    rollouts(state, live))));
        } else if (phase.filter(OperationPhase::isFailure).isPresent()) {
            facts.add(
                    fact(
                            app,
                            "failed/" + started,
                            finished,
                            new SyncEvent.SyncFailed(
                                    reference(app), id, commit, JsonTrees.text(state, "message"))));
        }
    }

    private static List<SyncedRollout> rollouts(JsonNode state, Map<ObjectKey, KubeObject> live) {
        List<SyncedRollout> found = new ArrayList<>();
        for (JsonNode result : JsonTrees.items(state, "syncResult", "resources")) {
            ObjectKey key =
                    new ObjectKey(
                            JsonTrees.text(result, "group"),
                            JsonTrees.text(result, "kind"),
                            JsonTrees.text(result, "namespace"),
                            JsonTrees.text(result, "name"));
            KubeObject rollout =
                    key.isRollout() && JsonTrees.text(result, "status").equals("Synced")
                            ? live.get(key)
                            : null;
            if (rollout != null) {
                found.add(
                        new SyncedRollout(
                                rollout.namespace(),
                                rollout.name(),
                                rollout.uid(),
                                rollout.generation()));
            }
        }
        return found;
    }

    /// `since` tells one drift from the next: the end of the operation that it follows.
    Event drifted(ObjectNode app, String commit, List<ObjectKey> resources, String since) {
        List<String> names =
                resources.stream()
                        .map(k -> k.group() + "/" + k.kind() + "/" + k.namespace() + "/" + k.name())
                        .limit(RESOURCES_SHOWN)
                        .toList();
        return fact(
                app,
                "drifted/" + commit + "/" + since + "/" + Integer.toHexString(names.hashCode()),
                since,
                new SyncEvent.Drifted(reference(app), commit, names));
    }

    private Event fact(ObjectNode app, String id, String at, EventData data) {
        String uid = JsonTrees.text(app, "metadata", "uid");
        return Event.fact(uid + "/" + id, source, instant(at), uid, data);
    }

    private ApplicationRef reference(ObjectNode app) {
        JsonNode source =
                JsonTrees.items(app, "spec", "sources").stream()
                        .findFirst()
                        .orElse(JsonTrees.at(app, "spec", "source"));
        return new ApplicationRef(
                cluster,
                JsonTrees.text(app, "metadata", "namespace"),
                JsonTrees.text(app, "metadata", "name"),
                JsonTrees.text(app, "metadata", "uid"),
                JsonTrees.optional(app, "spec", "project").orElse("default"),
                RepoUrl.shown(JsonTrees.text(source, "repoURL")),
                JsonTrees.text(source, "targetRevision"),
                JsonTrees.text(source, "path"));
    }

    static Instant instant(String text) {
        try {
            return Instant.parse(text);
        } catch (DateTimeParseException e) {
            return Instant.EPOCH;
        }
    }
}
