package dev.sluice.analysis.core.jsonpath;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// A parsed path: fields, indexes, slices, unions, wildcards, recursive descent, filters and quoted
/// literals. `range`/`end` blocks are refused: only the first match counts here.
public final class JsonPath {
    private static final int MAX_LENGTH = 4_096;
    private static final int MAX_MATCHES = 100_000;

    private final List<List<Step>> blocks;

    private JsonPath(List<List<Step>> blocks) {
        this.blocks = blocks;
    }

    public static JsonPath parse(String text) {
        if (text.length() > MAX_LENGTH) {
            throw new JsonPathException("jsonPath is longer than " + MAX_LENGTH + " characters");
        }
        return new JsonPath(new PathParser(text).blocks());
    }

    /// All matches, in order of the document.
    public List<JsonNode> find(JsonNode document) {
        List<JsonNode> matches = new ArrayList<>();
        for (List<Step> block : blocks) {
            matches.addAll(walk(block, document, document));
        }
        return matches;
    }

    public Optional<JsonNode> first(JsonNode document) {
        return find(document).stream().findFirst();
    }

    static List<JsonNode> walk(List<Step> steps, JsonNode start, JsonNode root) {
        List<JsonNode> current = List.of(start);
        for (Step step : steps) {
            List<JsonNode> next = new ArrayList<>();
            for (JsonNode node : current) {
                take(step, node, root, next);
                if (next.size() > MAX_MATCHES) {
                    throw new JsonPathException("jsonPath matches too much");
                }
            }
            current = next;
        }
        return current;
    }

    private static void take(Step step, JsonNode node, JsonNode root, List<JsonNode> into) {
        switch (step) {
            case Step.Root _ -> into.add(root);
            case Step.Field field -> field(field.name(), node, into);
            case Step.Literal literal -> into.add(literal.value());
            case Step.Wildcard _ -> node.forEach(into::add);
            case Step.Descent descent -> descend(descent, node, into);
            case Step.Slice slice -> slice(slice, node, into);
            case Step.Union union ->
                    union.parts().forEach(part -> into.addAll(walk(part, node, root)));
            case Step.Filter filter -> {
                if (!node.isArray()) {
                    throw new JsonPathException(
                            "the filter is applied to something that is not a list");
                }
                for (JsonNode item : node) {
                    if (filter.holds(item, root)) {
                        into.add(item);
                    }
                }
            }
        }
    }

    private static void field(String name, JsonNode node, List<JsonNode> into) {
        if (node.isNull() || node.isMissingNode()) {
            return;
        }
        JsonNode value = node.get(name);
        if (value == null) {
            throw new JsonPathException(name + " is not found");
        }
        into.add(value);
    }

    private static void descend(Step.Descent descent, JsonNode node, List<JsonNode> into) {
        Optional<String> name = descent.name();
        if (name.isEmpty()) {
            into.add(node);
        } else if (node.has(name.get())) {
            into.add(node.get(name.get()));
        }
        for (JsonNode child : node) {
            if (child.isContainerNode()) {
                descend(descent, child, into);
            }
        }
    }

    private static void slice(Step.Slice slice, JsonNode node, List<JsonNode> into) {
        if (!node.isArray()) {
            throw new JsonPathException("an index is applied to something that is not a list");
        }
        int size = node.size();
        int from = slice.from().map(index -> index < 0 ? index + size : index).orElse(0);
        int to = slice.to().map(index -> index < 0 ? index + size : index).orElse(size);
        if (slice.single() && (from < 0 || from >= size)) {
            throw new JsonPathException(
                    "array index out of bounds: index " + from + ", length " + size);
        }
        int end = slice.single() ? from + 1 : Math.min(to, size);
        for (long i = Math.max(from, 0); i < end; i += slice.step()) {
            into.add(node.get((int) i));
        }
    }

    static JsonNode text(String value) {
        return JsonNodeFactory.instance.textNode(value);
    }
}
