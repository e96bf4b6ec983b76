package dev.sluice.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PackedJsonTest {
    private static final JsonMapper JSON = JsonMapper.builder().build();

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{}",
                "{\"a\":{\"b\":[1,2.50,9007199254740993,1e3,true,null,\"ü\\n\"]},\"\":\"\"}",
                "{\"z\":1,\"a\":2}"
            })
    void givesBackWhatItWasGiven(String text) throws JsonProcessingException {
        ObjectNode given = JSON.readValue(text, ObjectNode.class);

        ObjectNode found = new PackedJson(given).tree();

        assertThat(found).isEqualTo(given);
        assertThat(found.fieldNames()).toIterable().containsExactlyElementsOf(given::fieldNames);
    }

    @Test
    void laterChangesOfWhatItWasGivenAreNotItsOwn() {
        ObjectNode given = JSON.createObjectNode().put("a", 1);
        PackedJson packed = new PackedJson(given);

        given.put("a", 2);

        assertThat(packed.tree().path("a").asInt()).isEqualTo(1);
    }

    @Test
    void readsOnlyOnceForWhoeverUsesItAtTheSameTime() {
        PackedJson packed = new PackedJson(JSON.createObjectNode().put("a", 1));
        ObjectNode inUse = packed.tree();

        assertThat(packed.tree()).isSameAs(inUse);
    }
}
