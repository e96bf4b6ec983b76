package dev.sluice.k8s;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import dev.sluice.k8s.v1alpha1.AnalysisRun;
import dev.sluice.k8s.v1alpha1.AnalysisTemplate;
import dev.sluice.k8s.v1alpha1.AppProject;
import dev.sluice.k8s.v1alpha1.Application;
import dev.sluice.k8s.v1alpha1.ClusterAnalysisTemplate;
import dev.sluice.k8s.v1alpha1.Experiment;
import dev.sluice.k8s.v1alpha1.Rollout;
import io.fabric8.kubernetes.api.model.HasMetadata;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Objects;

/// The CRDs as they are packaged, each with the model that was generated from it.
enum Crds {
    APPLICATION("applications", Application.class),
    APP_PROJECT("appprojects", AppProject.class),
    ROLLOUT("rollouts", Rollout.class),
    ANALYSIS_TEMPLATE("analysistemplates", AnalysisTemplate.class),
    CLUSTER_ANALYSIS_TEMPLATE("clusteranalysistemplates", ClusterAnalysisTemplate.class),
    ANALYSIS_RUN("analysisruns", AnalysisRun.class),
    EXPERIMENT("experiments", Experiment.class);

    static final List<String> NOT_IN_THE_MODEL = List.of("apiVersion", "kind", "metadata");

    private static final ObjectMapper YAML = new ObjectMapper(new YAMLFactory());

    private final String plural;
    private final Class<? extends HasMetadata> model;

    Crds(String plural, Class<? extends HasMetadata> model) {
        this.plural = plural;
        this.model = model;
    }

    Class<? extends HasMetadata> model() {
        return model;
    }

    JsonNode definition() {
        return yaml("/crds/" + plural + ".yaml");
    }

    JsonNode schema() {
        return definition().at("/spec/versions/0/schema/openAPIV3Schema");
    }

    static JsonNode yaml(String resource) {
        try (var in = Crds.class.getResourceAsStream(resource)) {
            return YAML.readTree(Objects.requireNonNull(in, resource));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
