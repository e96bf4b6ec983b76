package dev.sluice.sync.adapter.git;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sluice.sync.core.JsonTrees;
import dev.sluice.sync.core.KubeObject;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.yaml.snakeyaml.DumperOptions;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;
import org.yaml.snakeyaml.error.YAMLException;
import org.yaml.snakeyaml.nodes.Tag;
import org.yaml.snakeyaml.representer.Representer;
import org.yaml.snakeyaml.resolver.Resolver;

/// YAML and JSON text to objects, with the YAML that Kubernetes users write: 1.1 without
/// timestamps.
final class ManifestParser {
    /// Not a set of manifests; the message names the file and the place.
    static final class MalformedException extends Exception {
        private static final long serialVersionUID = 1;

        MalformedException(String message) {
            super(message);
        }
    }

    private static final class KubernetesResolver extends Resolver {
        @Override
        public void addImplicitResolver(
                Tag tag, Pattern regexp, @Nullable String first, int limit) {
            if (!tag.equals(Tag.TIMESTAMP)) {
                super.addImplicitResolver(tag, regexp, first, limit);
            }
        }
    }

    /// Aliases let a few lines stand for gigabytes: what a document expands to is bounded.
    private static final class Budget {
        private static final int NODE = 8;
        private static final long LIMIT = 16 * 1024 * 1024;
        private long left = LIMIT;

        void spend(int amount) {
            left -= amount;
            if (left < 0) {
                throw new IllegalArgumentException(
                        "expands to more than " + LIMIT + " characters (aliases?)");
            }
        }
    }

    private static final int MAX_DEPTH = 100;
    private final long objectLimit;

    ManifestParser(long objectLimit) {
        this.objectLimit = objectLimit;
    }

    /// All objects of a text; lists are expanded, empty documents skipped.
    List<KubeObject> parse(String file, String text) throws MalformedException {
        List<KubeObject> found = new ArrayList<>();
        refuseHugeDocuments(file, text);
        try {
            int documents = 0;
            for (Object document : yaml().loadAll(text)) {
                documents++;
                if (document != null) {
                    add(
                            file + (documents > 1 ? " (document " + documents + ")" : ""),
                            toJson(document, 0, new Budget()),
                            found);
                }
            }
        } catch (YAMLException | IllegalArgumentException e) {
            throw new MalformedException(file + ": " + firstLines(String.valueOf(e.getMessage())));
        } catch (StackOverflowError e) {
            throw new MalformedException(file + ": nested too deeply");
        }
        return found;
    }

    /// Parsing megabytes only to refuse them would cost seconds; a list of many objects may be as
    /// large as all manifests together.
    private void refuseHugeDocuments(String file, String text) throws MalformedException {
        int start = 0;
        while (start < text.length()) {
            int next = text.indexOf("\n---", start);
            int end = next < 0 ? text.length() : next;
            boolean list =
                    end - start > objectLimit && text.substring(start, end).contains("items");
            if (end - start > objectLimit && !list) {
                throw new MalformedException(
                        file
                                + ": a document has "
                                + (end - start)
                                + " bytes, more than the "
                                + objectLimit
                                + " that an object may have");
            }
            start = end + 4;
        }
    }

    private static Yaml yaml() {
        LoaderOptions loading = new LoaderOptions();
        loading.setAllowDuplicateKeys(false);
        loading.setMaxAliasesForCollections(50);
        loading.setNestingDepthLimit(MAX_DEPTH);
        loading.setCodePointLimit(64 * 1024 * 1024);
        DumperOptions dumping = new DumperOptions();
        return new Yaml(
                new SafeConstructor(loading),
                new Representer(dumping),
                dumping,
                loading,
                new KubernetesResolver());
    }

    private void add(String place, JsonNode node, List<KubeObject> found)
            throws MalformedException {
        if (!(node instanceof ObjectNode object)) {
            throw new MalformedException(place + ": is not an object");
        }
        String kind = JsonTrees.text(object, "kind");
        if (kind.endsWith("List") && object.path("items").isArray()) {
            for (JsonNode item : object.path("items")) {
                add(place, item, found);
            }
            return;
        }
        for (String required : List.of("apiVersion", "kind")) {
            if (JsonTrees.text(object, required).isEmpty()) {
                throw new MalformedException(place + ": " + required + " is missing");
            }
        }
        if (JsonTrees.text(object, "metadata", "name").isEmpty()
                && JsonTrees.text(object, "metadata", "generateName").isEmpty()) {
            throw new MalformedException(place + ": metadata.name is missing in " + kind);
        }
        int size = object.toString().length();
        if (size > objectLimit) {
            throw new MalformedException(
                    place
                            + ": "
                            + kind
                            + " "
                            + JsonTrees.text(object, "metadata", "name")
                            + " has "
                            + size
                            + " bytes, more than the "
                            + objectLimit
                            + " that an object may have");
        }
        found.add(new KubeObject(object));
    }

    private static JsonNode toJson(@Nullable Object value, int depth, Budget budget) {
        if (depth > MAX_DEPTH) {
            throw new IllegalArgumentException("nested too deeply");
        }
        budget.spend(value instanceof String text ? Budget.NODE + text.length() : Budget.NODE);
        JsonNodeFactory nodes = JsonNodeFactory.instance;
        return switch (value) {
            case null -> nodes.nullNode();
            case Map<?, ?> map -> {
                ObjectNode object = nodes.objectNode();
                map.forEach(
                        (key, item) -> {
                            if (key instanceof Map || key instanceof Iterable) {
                                throw new IllegalArgumentException("a key is not a scalar");
                            }
                            String name = String.valueOf(key);
                            budget.spend(name.length());
                            object.set(name, toJson(item, depth + 1, budget));
                        });
                yield object;
            }
            case Iterable<?> list -> {
                ArrayNode array = nodes.arrayNode();
                list.forEach(item -> array.add(toJson(item, depth + 1, budget)));
                yield array;
            }
            case Boolean flag -> nodes.booleanNode(flag);
            case Integer number -> nodes.numberNode(number);
            case Long number -> nodes.numberNode(number);
            case BigInteger number -> nodes.numberNode(number);
            case Double number -> nodes.numberNode(number);
            case byte[] bytes ->
                    nodes.textNode(java.util.Base64.getEncoder().encodeToString(bytes));
            default -> nodes.textNode(String.valueOf(value));
        };
    }

    /// Parser messages quote the text; a few lines are enough, and no more than that leaves the
    /// repository.
    private static String firstLines(String message) {
        String line =
                message.lines()
                        .map(String::strip)
                        .filter(l -> !l.isEmpty() && !l.equals("^"))
                        .limit(3)
                        .reduce((a, b) -> a + " " + b)
                        .orElse("");
        return line.length() > 300 ? line.substring(0, 300) + "…" : line;
    }
}
