package dev.sluice.rollout.core.experiment;

import com.fasterxml.jackson.databind.JsonNode;
import dev.sluice.rollout.core.AnalysisSpec.TemplateRef;
import java.util.List;
import java.util.Optional;

/// The spec of an Experiment with its defaults filled in. Pod templates and selectors stay opaque
/// JSON.
public record ExperimentSpec(
        List<Template> templates,
        Optional<Integer> durationSeconds,
        int progressDeadlineSeconds,
        boolean terminate,
        List<Analysis> analyses,
        int scaleDownDelaySeconds,
        List<JsonNode> dryRun,
        List<JsonNode> measurementRetention,
        JsonNode runMetadata) {

    static final int DEFAULT_DEADLINE_SECONDS = 600;
    static final int DEFAULT_DELAY_SECONDS = 30;

    public ExperimentSpec {
        templates = List.copyOf(templates);
        analyses = List.copyOf(analyses);
        dryRun = List.copyOf(dryRun);
        measurementRetention = List.copyOf(measurementRetention);
    }

    /// Pods of one kind.
    public record Template(
            String name,
            int replicas,
            int minReadySeconds,
            JsonNode selector,
            JsonNode template,
            Optional<ServiceAsk> service) {}

    /// A template wants a Service.
    ///
    /// @param name empty: that of its ReplicaSet
    public record ServiceAsk(String name) {}

    /// An AnalysisRun that judges the Experiment.
    ///
    /// @param required once all required ones are successful, the Experiment is
    public record Analysis(
            String name, TemplateRef template, List<JsonNode> args, boolean required) {
        public Analysis {
            args = List.copyOf(args);
        }
    }

    boolean hasRequired() {
        return analyses.stream().anyMatch(Analysis::required);
    }
}
