package dev.sluice.rollout.core.experiment;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sluice.rollout.core.Names;
import dev.sluice.rollout.core.Observation.ReplicaSetView;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;

/// The objects of an Experiment, as they are created.
final class Manifests {
    private static final JsonNodeFactory JSON = JsonNodeFactory.instance;

    private Manifests() {}

    static String replicaSetName(Experiment experiment, ExperimentSpec.Template template) {
        return experiment.meta().name() + "-" + template.name();
    }

    /// The template without the hash of the revision that it was copied from.
    static ObjectNode withoutHash(JsonNode template) {
        ObjectNode copy = template.isObject() ? template.deepCopy() : JSON.objectNode();
        if (copy.path("metadata").path("labels") instanceof ObjectNode labels) {
            labels.remove(Names.HASH);
        }
        return copy;
    }

    static ObjectNode replicaSet(
            Experiment experiment, ExperimentSpec.Template template, String hash) {
        ObjectNode set = JSON.objectNode();
        set.put("apiVersion", "apps/v1").put("kind", "ReplicaSet");
        ObjectNode metadata = metadata(set, experiment, replicaSetName(experiment, template));
        ObjectNode pods = withoutHash(template.template());
        ObjectNode labels = pods.withObject("/metadata").withObject("/labels");
        labels.put(Names.HASH, hash);
        metadata.set("labels", labels.deepCopy());
        backReferences(metadata, experiment, template.name());
        ObjectNode spec = set.putObject("spec");
        spec.put("replicas", 0).put("minReadySeconds", template.minReadySeconds());
        ObjectNode selector = template.selector().deepCopy();
        selector.withObject("/matchLabels").put(Names.HASH, hash);
        spec.set("selector", selector);
        spec.set("template", pods);
        return set;
    }

    /// A port for each port of each container; empty when there is none. Where there are several,
    /// one without a name gets one, or the API server would not take them.
    static ArrayNode ports(JsonNode template) {
        Map<String, JsonNode> found = new LinkedHashMap<>();
        for (JsonNode container : template.path("spec").path("containers")) {
            for (JsonNode port : container.path("ports")) {
                found.putIfAbsent(portName(port), port);
            }
        }
        ArrayNode ports = JSON.arrayNode();
        found.forEach(
                (name, port) -> {
                    ObjectNode out = ports.addObject();
                    if (port.hasNonNull("name")) {
                        out.set("name", port.path("name"));
                    } else if (found.size() > 1) {
                        out.put("name", name);
                    }
                    if (port.hasNonNull("protocol")) {
                        out.set("protocol", port.path("protocol"));
                    }
                    out.set("port", port.path("containerPort"));
                    out.set("targetPort", port.path("containerPort"));
                });
        return ports;
    }

    private static String portName(JsonNode port) {
        return port.path("protocol").asText("TCP").toLowerCase(Locale.ROOT)
                + "-"
                + port.path("containerPort").asText("");
    }

    static ObjectNode service(
            Experiment experiment, String template, String name, ReplicaSetView set) {
        ObjectNode service = JSON.objectNode();
        service.put("apiVersion", "v1").put("kind", "Service");
        backReferences(metadata(service, experiment, name), experiment, template);
        ObjectNode spec = service.putObject("spec");
        ObjectNode selector = spec.putObject("selector");
        set.labels().forEach(selector::put);
        spec.set("ports", ports(set.template()));
        return service;
    }

    static ObjectNode analysisRun(Experiment experiment, String name, ObjectNode runSpec) {
        ObjectNode run = JSON.objectNode();
        run.put("apiVersion", Names.API_VERSION).put("kind", "AnalysisRun");
        ObjectNode metadata = metadata(run, experiment, name);
        String instance = experiment.meta().labels().getOrDefault(Names.INSTANCE_ID, "");
        ObjectNode labels = JSON.objectNode();
        if (!instance.isEmpty()) {
            labels.put(Names.INSTANCE_ID, instance);
        }
        JsonNode wanted = experiment.spec().runMetadata();
        wanted.path("labels").properties().forEach(e -> labels.set(e.getKey(), e.getValue()));
        if (!labels.isEmpty()) {
            metadata.set("labels", labels);
        }
        if (!wanted.path("annotations").isEmpty()) {
            metadata.set("annotations", wanted.path("annotations").deepCopy());
        }
        run.set("spec", runSpec);
        return run;
    }

    private static ObjectNode metadata(ObjectNode object, Experiment experiment, String name) {
        ObjectNode metadata = object.putObject("metadata");
        metadata.put("name", name).put("namespace", experiment.meta().namespace());
        metadata.putArray("ownerReferences")
                .addObject()
                .put("apiVersion", Names.API_VERSION)
                .put("kind", ExperimentNames.KIND)
                .put("name", experiment.meta().name())
                .put("uid", experiment.meta().uid())
                .put("controller", true)
                .put("blockOwnerDeletion", true);
        return metadata;
    }

    private static void backReferences(
            ObjectNode metadata, Experiment experiment, String template) {
        metadata.putObject("annotations")
                .put(ExperimentNames.NAME, experiment.meta().name())
                .put(ExperimentNames.TEMPLATE, template);
    }
}
