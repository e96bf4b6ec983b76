package dev.sluice.rollout.core.hash;

import com.fasterxml.jackson.databind.JsonNode;
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

    private PodHash() {}

    public static String of(JsonNode template, Optional<Integer> collisionCount) {
        return encode(bytes(template).getBytes(StandardCharsets.UTF_8), collisionCount);
    }

    static String bytes(JsonNode template) {
        return TypedJson.write("PodTemplateSpec", template);
    }

    /// Hash over the canary steps; an absent list hashes as the text `null`.
    public static String ofSteps(JsonNode steps) {
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
        return encode(out.toString().getBytes(StandardCharsets.UTF_8), Optional.empty());
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
                        default -> GoJson.untyped(out, value);
                    }
                });
    }

    private static void analysisField(StringBuilder out, String field, JsonNode value) {
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
        out.append('[');
        String separator = "";
        for (JsonNode item : value) {
            out.append(separator);
            separator = ",";
            ordered(out, item, order, (_, v) -> GoJson.untyped(out, v));
        }
        out.append(']');
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
