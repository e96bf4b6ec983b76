package dev.sluice.rollout.core.experiment;

import com.fasterxml.jackson.databind.JsonNode;
import dev.sluice.rollout.core.AnalysisSpec.TemplateRef;
import dev.sluice.rollout.core.Observation.AnalysisRunView;
import dev.sluice.rollout.core.Observation.ReplicaSetView;
import dev.sluice.rollout.core.Sorted;
import dev.sluice.rollout.core.TrafficPlan;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/// Everything that a decision about an Experiment may depend on.
///
/// @param replicaSets those that the Experiment controls
/// @param services those that it controls
/// @param runs AnalysisRuns that it controls, also read past the cache where the status names one
/// @param templates spec of the referenced templates, also nested ones; one that is not in the map
/// does not exist
/// @param hashesInUse revision hashes of ReplicaSets of others in the namespace
/// @param plan the traffic plan of the Rollout that the Experiment belongs to
/// @param refusals what the API server refused in this pass
public record ExperimentObservation(
        Experiment experiment,
        List<ReplicaSetView> replicaSets,
        List<ServiceView> services,
        List<AnalysisRunView> runs,
        Map<TemplateRef, JsonNode> templates,
        Set<String> hashesInUse,
        Optional<TrafficPlan> plan,
        List<Refusal> refusals) {

    public ExperimentObservation {
        replicaSets = List.copyOf(replicaSets);
        services = List.copyOf(services);
        runs = List.copyOf(runs);
        templates = Collections.unmodifiableMap(new TreeMap<>(templates));
        hashesInUse = Collections.unmodifiableSet(new TreeSet<>(hashesInUse));
        refusals = List.copyOf(refusals);
    }

    /// A Service of the Experiment.
    public record ServiceView(
            String name, String uid, Map<String, String> annotations, boolean deleting) {
        public ServiceView {
            annotations = Sorted.copy(annotations);
        }

        boolean isOf(String template) {
            return template.equals(annotations.get(ExperimentNames.TEMPLATE));
        }
    }

    /// A command that cannot be carried out.
    ///
    /// @param taken the object exists already and belongs to somebody else
    public record Refusal(ExperimentCommand command, boolean taken, String reason) {}

    /// The same with one more refusal.
    public ExperimentObservation with(Refusal refusal) {
        List<Refusal> more = new ArrayList<>(refusals);
        more.add(refusal);
        return new ExperimentObservation(
                experiment, replicaSets, services, runs, templates, hashesInUse, plan, more);
    }
}
