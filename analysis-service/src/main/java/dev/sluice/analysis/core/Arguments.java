package dev.sluice.analysis.core;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// Argument values, and their insertion into metrics. Values of secrets exist only for the time of
/// a measurement.
public final class Arguments {
    private static final String DUMMY_SECRET = "dummy-secret";
    private static final String MASK = "*****";

    private final Map<String, String> values;
    private final List<String> secrets;

    private Arguments(Map<String, String> values, List<String> secrets) {
        this.values = values;
        // Longer ones first: a secret that contains another one must vanish whole.
        this.secrets =
                secrets.stream()
                        .filter(secret -> !secret.isEmpty())
                        .sorted(
                                Comparator.comparingInt(String::length)
                                        .reversed()
                                        .thenComparing(Comparator.naturalOrder()))
                        .toList();
    }

    /// For planning and validation: secrets are replaced by a dummy.
    public static Arguments withoutSecrets(List<AnalysisRun.Argument> arguments) {
        Map<String, String> dummies = new LinkedHashMap<>();
        arguments.stream()
                .filter(argument -> argument.secret().isPresent())
                .forEach(argument -> dummies.put(argument.name(), DUMMY_SECRET));
        Arguments all = withSecrets(arguments, dummies);
        return new Arguments(all.values, List.of());
    }

    /// @param secretValues value per name of a secret argument
    public static Arguments withSecrets(
            List<AnalysisRun.Argument> arguments, Map<String, String> secretValues) {
        Map<String, String> values = new LinkedHashMap<>();
        for (AnalysisRun.Argument argument : arguments) {
            String secret = secretValues.get(argument.name());
            if (argument.value().isPresent()) {
                values.put(argument.name(), argument.value().get());
            } else if (secret != null) {
                values.put(argument.name(), secret);
            } else {
                throw new InvalidRunException(
                        "argument \"" + argument.name() + "\" was not supplied");
            }
        }
        return new Arguments(values, List.copyOf(secretValues.values()));
    }

    /// The metric with every `{{args.x}}` replaced.
    public Metric resolve(JsonNode metric) {
        return Metric.of(resolved(metric));
    }

    private JsonNode resolved(JsonNode node) {
        return switch (node.getNodeType()) {
            case STRING -> JsonNodeFactory.instance.textNode(insert(node.textValue()));
            case ARRAY -> {
                ArrayNode copy = JsonNodeFactory.instance.arrayNode();
                node.forEach(item -> copy.add(resolved(item)));
                yield copy;
            }
            case OBJECT -> {
                ObjectNode copy = JsonNodeFactory.instance.objectNode();
                node.properties()
                        .forEach(
                                field ->
                                        copy.set(
                                                insert(field.getKey()),
                                                resolved(field.getValue())));
                yield copy;
            }
            case BINARY, BOOLEAN, MISSING, NULL, NUMBER, POJO -> node;
        };
    }

    private String insert(String text) {
        if (!text.contains("{{")) {
            return text;
        }
        StringBuilder filled = new StringBuilder();
        int at = 0;
        while (true) {
            int open = text.indexOf("{{", at);
            int close = open < 0 ? -1 : text.indexOf("}}", open + 2);
            if (close < 0) {
                return filled.append(text, at, text.length()).toString();
            }
            String tag = text.substring(open + 2, close);
            String name = tag.strip();
            String value =
                    name.startsWith("args.") ? values.get(name.substring("args.".length())) : null;
            if (value == null) {
                throw new InvalidRunException("failed to resolve {{" + tag + "}}");
            }
            filled.append(text, at, open).append(value);
            at = close + 2;
        }
    }

    /// Takes every secret value out of a text that is about to be stored, sent or logged (G10).
    public String mask(String text) {
        String masked = text;
        for (String secret : secrets) {
            masked = masked.replace(secret, MASK);
        }
        return masked;
    }

    @Override
    public String toString() {
        return "Arguments" + values.keySet();
    }
}
