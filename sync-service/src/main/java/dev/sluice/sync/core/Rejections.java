package dev.sluice.sync.core;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// Y5: revisions whose release was aborted. They follow from the live Rollouts alone; an event only
/// makes it faster.
public final class Rejections {
    public static final String OVERRIDE = "sluice.dev/override-rejection";
    private static final int KEPT = 20;
    private static final int REASON_LIMIT = 400;

    /// An entry of `status.rejectedRevisions`.
    public record Rejection(
            String revision,
            String rollout,
            String namespace,
            String uid,
            long attempt,
            String reason,
            String at) {
        public ObjectNode toJson() {
            return JsonTrees.object()
                    .put("revision", revision)
                    .put("rollout", rollout)
                    .put("namespace", namespace)
                    .put("uid", uid)
                    .put("attempt", attempt)
                    .put("reason", reason)
                    .put("at", at);
        }

        static Rejection of(JsonNode json) {
            return new Rejection(
                    JsonTrees.text(json, "revision"),
                    JsonTrees.text(json, "rollout"),
                    JsonTrees.text(json, "namespace"),
                    JsonTrees.text(json, "uid"),
                    JsonTrees.numberOr(0, json, "attempt"),
                    JsonTrees.text(json, "reason"),
                    JsonTrees.text(json, "at"));
        }

        public String message() {
            return "Revision "
                    + revision
                    + " was rejected: the release of Rollout "
                    + namespace
                    + "/"
                    + rollout
                    + " (attempt "
                    + attempt
                    + ") was aborted: "
                    + reason
                    + ". Automated sync does not apply this revision again. Push a fix or a revert;"
                    + " or set the annotation "
                    + OVERRIDE
                    + ": \""
                    + revision
                    + "\" on the Application; or sync it by hand";
        }
    }

    private Rejections() {}

    public static List<Rejection> parse(JsonNode status) {
        return JsonTrees.items(status, "rejectedRevisions").stream().map(Rejection::of).toList();
    }

    /// The known rejections with what the live Rollouts add. `synced` is the revision that was
    /// applied last.
    public static List<Rejection> observe(
            List<Rejection> known, List<KubeObject> live, String synced, Instant now) {
        List<Rejection> all = new ArrayList<>(known);
        for (KubeObject rollout : live) {
            if (!rollout.key().isRollout() || rollout.deleting() || !isAborted(rollout)) {
                continue;
            }
            long attempt = JsonTrees.numberOr(0, rollout.json(), "status", "release", "attempt");
            String revision =
                    JsonTrees.optional(rollout.json(), "status", "release", "commit")
                            .filter(RevisionResolver::isCommit)
                            .orElse(synced);
            String reason =
                    cut(JsonTrees.optional(rollout.json(), "status", "message").orElse("aborted"));
            String abortedAt =
                    JsonTrees.optional(rollout.json(), "status", "abortedAt")
                            .orElse(now.toString());
            boolean seen =
                    all.stream()
                            .anyMatch(
                                    r ->
                                            r.uid().equals(rollout.uid())
                                                    && r.attempt() == attempt
                                                    && (attempt > 0
                                                            || r.revision().equals(revision)));
            if (!seen && !revision.isEmpty()) {
                all.add(
                        new Rejection(
                                revision,
                                rollout.name(),
                                rollout.namespace(),
                                rollout.uid(),
                                attempt,
                                reason,
                                abortedAt));
            }
        }
        return List.copyOf(all.subList(Math.max(0, all.size() - KEPT), all.size()));
    }

    /// Aborted by its own controller's word about the present spec: a status that has not seen the
    /// spec yet says nothing.
    private static boolean isAborted(KubeObject rollout) {
        return JsonTrees.flag(rollout.json(), "status", "abort")
                && JsonTrees.text(rollout.json(), "status", "observedGeneration")
                        .equals(String.valueOf(rollout.generation()));
    }

    public static Optional<Rejection> of(
            String revision, List<Rejection> rejections, Optional<String> override) {
        if (override.filter(revision::equals).isPresent()) {
            return Optional.empty();
        }
        return rejections.reversed().stream()
                .filter(r -> r.revision().equals(revision))
                .findFirst();
    }

    private static String cut(String text) {
        return text.length() > REASON_LIMIT ? text.substring(0, REASON_LIMIT) + "…" : text;
    }
}
