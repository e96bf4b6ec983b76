package dev.sluice.rollout.core;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Arrays;
import java.util.Optional;

/// The object whose pod template a Rollout with a `workloadRef` releases. Template and selector
/// are filled in where the Rollout is read and are never written to it.
public record WorkloadTarget(Kind kind, String name) {

    /// Kinds that carry a pod template.
    public enum Kind {
        DEPLOYMENT("apps", "Deployment", "deployments"),
        REPLICA_SET("apps", "ReplicaSet", "replicasets"),
        POD_TEMPLATE("", "PodTemplate", "podtemplates");

        private final String group;
        private final String kindName;
        private final String plural;

        Kind(String group, String kindName, String plural) {
            this.group = group;
            this.kindName = kindName;
            this.plural = plural;
        }

        public String group() {
            return group;
        }

        public String plural() {
            return plural;
        }

        public String apiVersion() {
            return group.isEmpty() ? "v1" : group + "/v1";
        }

        public String kindName() {
            return kindName;
        }
    }

    /// How the attempt to fill in the template ended.
    public sealed interface Resolution {
        /// @param rollout the Rollout with template and selector filled in
        record Resolved(JsonNode rollout) implements Resolution {}

        record Failed(String error) implements Resolution {}
    }

    public static boolean isGiven(JsonNode spec) {
        return spec.path("workloadRef").isObject() && !spec.path("workloadRef").isEmpty();
    }

    /// Empty without a reference, and for one to a kind that has no pod template.
    public static Optional<WorkloadTarget> of(JsonNode spec) {
        JsonNode ref = spec.path("workloadRef");
        if (!isGiven(spec)) {
            return Optional.empty();
        }
        return Arrays.stream(Kind.values())
                .filter(k -> k.group.equals(group(ref)) && k.kindName.equals(kindOf(ref)))
                .map(k -> new WorkloadTarget(k, ref.path("name").asText("")))
                .findFirst();
    }

    private static String group(JsonNode ref) {
        String version = ref.path("apiVersion").asText("");
        int slash = version.indexOf('/');
        return slash < 0 ? "" : version.substring(0, slash);
    }

    private static String kindOf(JsonNode ref) {
        return ref.path("kind").asText("");
    }

    /// @param rollout a Rollout with a `workloadRef`
    /// @param workload the object that it names, if there is one
    public static Resolution resolve(JsonNode rollout, Optional<JsonNode> workload) {
        JsonNode ref = rollout.path("spec").path("workloadRef");
        Optional<WorkloadTarget> target = of(rollout.path("spec"));
        if (target.isEmpty()) {
            return new Resolution.Failed(
                    "workload of type " + group(ref) + "/" + kindOf(ref) + " is not supported");
        }
        Kind kind = target.get().kind;
        if (workload.isEmpty()) {
            String resource = kind.group.isEmpty() ? kind.plural : kind.plural + "." + kind.group;
            return new Resolution.Failed(resource + " \"" + target.get().name + "\" not found");
        }
        ObjectNode resolved = rollout.deepCopy();
        ObjectNode spec = resolved.withObject("/spec");
        JsonNode source = kind == Kind.POD_TEMPLATE ? workload.get() : workload.get().path("spec");
        spec.set("template", source.path("template").deepCopy());
        boolean hasOwnSelector =
                spec.path("selector").isObject() && !spec.path("selector").isEmpty();
        if (!hasOwnSelector && source.path("selector").isObject()) {
            spec.set("selector", source.path("selector").deepCopy());
        }
        return new Resolution.Resolved(resolved);
    }
}
