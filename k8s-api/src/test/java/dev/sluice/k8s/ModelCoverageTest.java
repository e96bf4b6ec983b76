package dev.sluice.k8s;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.fabric8.kubernetes.api.model.KubernetesResource;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// Fills every field of a CRD, reads it as the model, and looks for what the model did not know.
class ModelCoverageTest {

    @ParameterizedTest
    @EnumSource
    void everyFieldOfTheCrdHasItsPlaceInTheModel(Crds crd) throws IllegalAccessException {
        // Given
        ObjectNode full = objectWithEveryField(crd);

        // When
        var model = Serialization.unmarshal(full.toString(), crd.model());

        // Then
        var unplaced = new TreeSet<String>();
        collectUnplaced(model, crd.name(), unplaced);
        assertThat(unplaced).isEmpty();
        assertThat(Serialization.unmarshal(Serialization.asJson(model), JsonNode.class))
                .isEqualTo(Serialization.unmarshal(full.toString(), JsonNode.class));
    }

    private static ObjectNode objectWithEveryField(Crds crd) {
        var full = (ObjectNode) sample(crd.schema());
        full.put("apiVersion", "argoproj.io/v1alpha1");
        full.put("kind", crd.definition().at("/spec/names/kind").asText());
        full.putObject("metadata").put("name", "full");
        return full;
    }

    private static JsonNode sample(JsonNode schema) {
        var nodes = JsonNodeFactory.instance;
        if (schema.path("x-kubernetes-int-or-string").asBoolean()) {
            return nodes.textNode("25%");
        }
        return switch (schema.path("type").asText()) {
            case "object" -> sampleObject(schema);
            case "array" -> nodes.arrayNode().add(sample(schema.path("items")));
            case "integer" ->
                    "int64".equals(schema.path("format").asText())
                            ? nodes.numberNode(9007199254740993L)
                            : nodes.numberNode(7);
            case "boolean" -> nodes.booleanNode(true);
            case "string" -> nodes.textNode(schema.path("enum").path(0).asText("text"));
            default -> throw new IllegalArgumentException("no sample for " + schema);
        };
    }

    private static ObjectNode sampleObject(JsonNode schema) {
        var object = JsonNodeFactory.instance.objectNode();
        schema.path("properties")
                .properties()
                .forEach(property -> object.set(property.getKey(), sample(property.getValue())));
        if (schema.has("additionalProperties")) {
            object.set("some-key", sample(schema.path("additionalProperties")));
        }
        if (schema.path("x-kubernetes-preserve-unknown-fields").asBoolean()) {
            object.putArray("unknown").add(1).add(1.5).add("1");
        }
        return object;
    }

    private static void collectUnplaced(Object value, String path, Collection<String> unplaced)
            throws IllegalAccessException {
        switch (value) {
            case Collection<?> many -> {
                for (Object one : many) {
                    collectUnplaced(one, path + "[]", unplaced);
                }
            }
            case Map<?, ?> map -> {
                for (Object one : map.values()) {
                    collectUnplaced(one, path + "{}", unplaced);
                }
            }
            case KubernetesResource resource -> {
                for (Field field : fieldsOf(resource.getClass())) {
                    field.setAccessible(true);
                    Object content = field.get(resource);
                    if (content == null) {
                        continue;
                    }
                    if (field.getName().equals("additionalProperties")) {
                        ((Map<?, ?>) content)
                                .keySet()
                                .forEach(key -> unplaced.add(path + "." + key));
                    } else {
                        collectUnplaced(content, path + "." + field.getName(), unplaced);
                    }
                }
            }
            default -> {}
        }
    }

    private static List<Field> fieldsOf(Class<?> type) {
        var fields = new ArrayList<Field>();
        for (Class<?> c = type;
                c != null && c.getName().startsWith("dev.sluice.");
                c = c.getSuperclass()) {
            fields.addAll(List.of(c.getDeclaredFields()));
        }
        if (type.getSuperclass() == io.fabric8.kubernetes.client.CustomResource.class) {
            for (Field field : type.getSuperclass().getDeclaredFields()) {
                if (field.getName().equals("spec") || field.getName().equals("status")) {
                    fields.add(field);
                }
            }
        }
        fields.removeIf(field -> Modifier.isStatic(field.getModifiers()));
        return fields;
    }
}
