package dev.sluice.rollout.core;

import com.fasterxml.jackson.databind.JsonNode;
import dev.sluice.rollout.core.AnalysisSpec.TemplateRef;
import dev.sluice.rollout.core.policy.Freeze;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/// Everything that a decision may depend on, read from the API server's objects.
///
/// @param replicaSets owned ReplicaSets and orphans that match the selector
/// @param services by name; a Service that is asked for ([References]) and not in the map does
/// not exist
/// @param analysisRuns owned AnalysisRuns
/// @param templates the referenced templates' `spec`, also nested ones; one not in the map does
/// not exist
/// @param ingresses by name, whole objects; one not in the map does not exist
/// @param pods pods of the owned ReplicaSets; only needed while [References#needsPods]
/// @param experiments owned Experiments
/// @param workload the object that `workloadRef` names; empty when there is none
/// @param freeze what holds the releases of the namespace back now
/// @param takenReplicaSetNames names of ReplicaSets of others in the namespace that start with
/// `<rollout>-`
public record Observation(
        Rollout rollout,
        List<ReplicaSetView> replicaSets,
        Map<String, ServiceView> services,
        List<AnalysisRunView> analysisRuns,
        Map<TemplateRef, JsonNode> templates,
        Map<String, JsonNode> ingresses,
        List<PodView> pods,
        List<ExperimentView> experiments,
        Optional<JsonNode> workload,
        Optional<Freeze> freeze,
        Set<String> takenReplicaSetNames) {

    public Observation {
        replicaSets = List.copyOf(replicaSets);
        services = Sorted.copy(services);
        analysisRuns = List.copyOf(analysisRuns);
        templates = Collections.unmodifiableMap(new TreeMap<>(templates));
        ingresses = Sorted.copy(ingresses);
        pods = List.copyOf(pods);
        experiments = List.copyOf(experiments);
        takenReplicaSetNames = Collections.unmodifiableSet(new TreeSet<>(takenReplicaSetNames));
    }

    /// The same with one more ReplicaSet.
    Observation with(ReplicaSetView created) {
        List<ReplicaSetView> sets = new ArrayList<>(replicaSets);
        sets.add(created);
        return with(sets);
    }

    /// The same with these ReplicaSets.
    Observation with(List<ReplicaSetView> sets) {
        return new Observation(
                rollout,
                sets,
                services,
                analysisRuns,
                templates,
                ingresses,
                pods,
                experiments,
                workload,
                freeze,
                takenReplicaSetNames);
    }

    /// A ReplicaSet. `replicas` is the spec count, `created` is `status.replicas`.
    public record ReplicaSetView(
            String name,
            String uid,
            String resourceVersion,
            boolean owned,
            boolean deleting,
            Instant creation,
            Map<String, String> labels,
            Map<String, String> annotations,
            JsonNode template,
            int minReadySeconds,
            int replicas,
            int created,
            int ready,
            int available,
            boolean generationObserved,
            Optional<ReplicaFailure> failure) {

        public ReplicaSetView {
            labels = Sorted.copy(labels);
            annotations = Sorted.copy(annotations);
        }

        /// The same with no more pods to count on than these.
        ReplicaSetView withAtMost(int pods) {
            return new ReplicaSetView(
                    name,
                    uid,
                    resourceVersion,
                    owned,
                    deleting,
                    creation,
                    labels,
                    annotations,
                    template,
                    minReadySeconds,
                    replicas,
                    created,
                    ready,
                    Math.min(available, pods),
                    generationObserved,
                    failure);
        }

        public String hash() {
            return labels.getOrDefault(Names.HASH, "");
        }

        public Optional<String> annotation(String key) {
            return Optional.ofNullable(annotations.get(key));
        }

        public long revision() {
            return Names.number(annotations.get(Names.REVISION));
        }
    }

    /// The `ReplicaFailure` condition of a ReplicaSet.
    public record ReplicaFailure(String status, String reason, String message) {}

    public record ServiceView(
            String name, Map<String, String> selector, Map<String, String> annotations) {
        public ServiceView {
            selector = Sorted.copy(selector);
            annotations = Sorted.copy(annotations);
        }

        /// The revision that the Service selects, empty when it selects none in particular.
        public String hash() {
            return selector.getOrDefault(Names.HASH, "");
        }

        public boolean isManaged() {
            return annotations.containsKey(Names.MANAGED_BY);
        }
    }

    /// An AnalysisRun; `spec` and `labels` as read, `phase` empty until analysis-service took
    /// it up.
    public record AnalysisRunView(
            String name,
            String uid,
            String resourceVersion,
            Map<String, String> labels,
            JsonNode spec,
            String phase,
            String message,
            Instant creation,
            boolean deleting) {
        public AnalysisRunView {
            labels = Sorted.copy(labels);
        }

        public String phaseOrPending() {
            return phase.isEmpty() ? "Pending" : phase;
        }

        public boolean isCompleted() {
            return switch (phase) {
                case "Successful", "Failed", "Error", "Inconclusive" -> true;
                default -> false;
            };
        }

        public boolean isToldToEnd() {
            return spec.path("terminate").asBoolean(false);
        }

        /// Whether it is there to stay, and measures what another run would.
        ///
        /// @param wanted the spec of that one
        public boolean measures(JsonNode wanted) {
            return !deleting
                    && !isToldToEnd()
                    && List.of("metrics", "args", "dryRun", "measurementRetention").stream()
                            .allMatch(f -> spec.path(f).equals(wanted.path(f)));
        }
    }

    /// An Experiment; `spec`, `status` and `labels` as read.
    ///
    /// @param owned false for one of somebody else that has a name which we recorded
    /// @param replicaSets those that it controls
    public record ExperimentView(
            String name,
            String uid,
            boolean owned,
            Map<String, String> labels,
            JsonNode spec,
            JsonNode status,
            Instant creation,
            boolean deleting,
            List<ReplicaSetView> replicaSets) {
        public ExperimentView {
            labels = Sorted.copy(labels);
            replicaSets = List.copyOf(replicaSets);
        }

        public String phase() {
            return status.path("phase").asText("");
        }
    }

    /// @param ready ready for `minReadySeconds` and not terminating
    public record PodView(
            String name,
            String uid,
            String replicaSetUid,
            Instant creation,
            boolean ready,
            boolean deleting,
            Map<String, String> labels,
            Map<String, String> annotations) {
        public PodView {
            labels = Sorted.copy(labels);
            annotations = Sorted.copy(annotations);
        }
    }
}
