package dev.sluice.analysis.core.jsonpath;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import java.util.Optional;

/// One step of a path.
sealed interface Step {
    record Root() implements Step {}

    record Field(String name) implements Step {}

    record Literal(JsonNode value) implements Step {}

    record Wildcard() implements Step {}

    /// `..name`; without a name every node.
    record Descent(Optional<String> name) implements Step {}

    /// `[2]` (single) and `[1:5:2]`.
    record Slice(Optional<Integer> from, Optional<Integer> to, int step, boolean single)
            implements Step {}

    record Union(List<List<Step>> parts) implements Step {}

    /// `[?(@.a > 1)]`; without an operator the left side must exist.
    record Filter(List<Step> left, String operator, List<Step> right) implements Step {
        boolean holds(JsonNode item, JsonNode root) {
            List<JsonNode> found = side(left, item, root);
            if (operator.isEmpty()) {
                return !found.isEmpty();
            }
            List<JsonNode> other = side(right, item, root);
            return !found.isEmpty()
                    && !other.isEmpty()
                    && compare(found.getFirst(), other.getFirst());
        }

        private static List<JsonNode> side(List<Step> path, JsonNode item, JsonNode root) {
            try {
                return JsonPath.walk(path, item, root);
            } catch (JsonPathException _) {
                return List.of();
            }
        }

        private boolean compare(JsonNode a, JsonNode b) {
            if (a.isNumber() && b.isNumber()) {
                return holds(Double.compare(a.doubleValue(), b.doubleValue()));
            }
            if (a.isTextual() && b.isTextual()) {
                return holds(a.textValue().compareTo(b.textValue()));
            }
            boolean same = a.equals(b);
            return operator.equals("==") ? same : operator.equals("!=") && !same;
        }

        private boolean holds(int comparison) {
            return switch (operator) {
                case "==" -> comparison == 0;
                case "!=" -> comparison != 0;
                case "<" -> comparison < 0;
                case "<=" -> comparison <= 0;
                case ">" -> comparison > 0;
                default -> comparison >= 0;
            };
        }
    }
}
