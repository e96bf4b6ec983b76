package dev.sluice.rollout.core.hash;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;

/// The pod template hash and the step hash.
public final class PodHash {
    private static final String ALPHABET = "bcdfghjklmnpqrstvwxz2456789";
    private static final List<String> STEP_FIELDS =
            List.of(
                    "setWeight",
                    "pause",
                    "experiment",
                    "analysis",
                    "setCanaryScale",
                    "setHeaderRoute",
                    "setMirrorRoute",
                    "plugin");
    private static final List<String> ANALYSIS_FIELDS =
            List.of("templates", "args", "dryRun", "measurementRetention", "analysisRunMetadata");

    private static final List<String> EXPERIMENT_FIELDS =
            List.of(
                    "templates",
                    "duration",
                    "analyses",
                    "dryRun",
                    "analysisRunMetadata",
                    "scaleDownDelaySeconds");
    private static final List<String> TEMPLATE_FIELDS =
            List.of("name", "specRef", "replicas", "metadata", "selector", "weight", "service");
    private static final List<String> REFERENCE_FIELDS =
            List.of("name", "templateName", "clusterScope", "args", "requiredForCompletion");

    private PodHash() {}

    public static String of(JsonNode template, Optional<Integer> collisionCount) {
        return encode(bytes(template).getBytes(StandardCharsets.UTF_8), collisionCount);
    }

    static String bytes(JsonNode template) {
        return TypedJson.write("PodTemplateSpec", template);
    }

    /// Hash over the canary steps; an absent list hashes as the text `null`.
    public static String ofSteps(JsonNode steps) {
        return encode(text(steps).getBytes(StandardCharsets.UTF_8), Optional.empty());
    }

    static String text(JsonNode steps) {
        StringBuilder out = new StringBuilder();
        if (!steps.isArray() || steps.isEmpty()) {
            out.append("null");
        } else {
            String separator = "[";
            for (JsonNode step : steps) {
                out.append(separator);
                separator = ",";
                step(out, step);
            }
            out.append(']');
        }
        return out.toString();
    }

    private static void step(StringBuilder out, JsonNode step) {
        ordered(
                out,
                step,
                STEP_FIELDS,
                (field, value) -> {
                    switch (field) {
                        case "setCanaryScale" ->
                                ordered(
                                        out,
                                        value,
                                        List.of("weight", "replicas", "matchTrafficWeight"),
                                        (_, v) -> GoJson.untyped(out, v));
                        case "analysis" ->
                                ordered(
                                        out,
                                        value,
                                        ANALYSIS_FIELDS,
                                        (name, v) -> analysisField(out, name, v));
                        case "experiment" -> experiment(out, value);
                        default -> GoJson.untyped(out, value);
                    }
                });
    }

    private static void experiment(StringBuilder out, JsonNode given) {
        ObjectNode step =
                given.isObject() ? given.deepCopy() : JsonNodeFactory.instance.objectNode();
        withMetadata(step, "analysisRunMetadata");
        step.path("templates")
                .forEach(
                        template -> {
                            if (template instanceof ObjectNode t) {
                                withMetadata(t, "metadata");
                            }
                        });
        ordered(
                out,
                step,
                EXPERIMENT_FIELDS,
                (field, value) -> {
                    switch (field) {
                        case "templates" ->
                                items(
                                        out,
                                        value,
                                        TEMPLATE_FIELDS,
                                        (name, v) -> templateField(out, name, v));
                        case "analyses" ->
                                items(
                                        out,
                                        value,
                                        REFERENCE_FIELDS,
                                        (name, v) -> analysisField(out, name, v));
                        case "dryRun", "analysisRunMetadata" -> analysisField(out, field, value);
                        default -> GoJson.untyped(out, value);
                    }
                });
    }

    /// A struct that is written even when it is empty.
    private static void withMetadata(ObjectNode object, String field) {
        if (!object.path(field).isObject()) {
            object.putObject(field);
        }
    }

    private static void templateField(StringBuilder out, String field, JsonNode value) {
        switch (field) {
            case "metadata" -> metadata(out, value);
            case "selector" ->
                    ordered(
                            out,
                            value,
                            List.of("matchLabels", "matchExpressions"),
                            (name, v) -> {
                                if (name.equals("matchExpressions")) {
                                    items(
                                            out,
                                            v,
                                            List.of("key", "operator", "values"),
                                            (_, leaf) -> GoJson.untyped(out, leaf));
                                } else {
                                    GoJson.untyped(out, v);
                                }
                            });
            default -> GoJson.untyped(out, value);
        }
    }

    private static void metadata(StringBuilder out, JsonNode value) {
        ordered(out, value, List.of("labels", "annotations"), (_, v) -> GoJson.untyped(out, v));
    }

    private static void items(
            StringBuilder out, JsonNode list, List<String> order, FieldWriter writer) {
        out.append('[');
        String separator = "";
        for (JsonNode item : list) {
            out.append(separator);
            separator = ",";
            ordered(out, item, order, writer);
        }
        out.append(']');
    }

    private static void analysisField(StringBuilder out, String field, JsonNode value) {
        if (field.equals("analysisRunMetadata")) {
            metadata(out, value);
            return;
        }
        if (!value.isArray()) {
            GoJson.untyped(out, value);
            return;
        }
        List<String> order =
                switch (field) {
                    case "templates" -> List.of("templateName", "clusterScope");
                    case "args" -> List.of("name", "value", "valueFrom");
                    case "measurementRetention" -> List.of("metricName", "limit");
                    default -> List.of("metricName");
                };
        items(out, value, order, (_, v) -> GoJson.untyped(out, v));
    }

    private interface FieldWriter {
        void write(String field, JsonNode value);
    }

    private static void ordered(
            StringBuilder out, JsonNode object, List<String> fields, FieldWriter writer) {
        out.append('{');
        String separator = "";
        for (String field : fields) {
            JsonNode value = object.path(field);
            boolean absent = value.isMissingNode() || value.isNull();
            if (absent
                    || (value.isArray() && value.isEmpty())
                    || (value.isBoolean() && !value.asBoolean())) {
                continue;
            }
            out.append(separator);
            separator = ",";
            GoJson.string(out, field);
            out.append(':');
            writer.write(field, value);
        }
        out.append('}');
    }

    private static String encode(byte[] bytes, Optional<Integer> collisionCount) {
        int hash = 0x811c9dc5;
        for (byte b : bytes) {
            hash = mix(hash, b);
        }
        if (collisionCount.isPresent()) {
            int count = collisionCount.get();
            for (int i = 0; i < 8; i++) {
                hash = mix(hash, i < 4 ? (byte) (count >>> (8 * i)) : 0);
            }
        }
        StringBuilder text = new StringBuilder();
        for (char c : Integer.toUnsignedString(hash).toCharArray()) {
            text.append(ALPHABET.charAt(c % ALPHABET.length()));
        }
        return text.toString();
    }

    private static int mix(int hash, byte b) {
        return (hash ^ (b & 0xff)) * 16777619;
    }
}
