package dev.sluice.events;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/// Keeps what others rely on: the schemas, the AsyncAPI document, and the frozen samples. Run with
/// `-Dgolden.update` to write what is new, then review the difference.
class ContractTest {

    private static final Path SCHEMAS = Path.of("src/main/resources/schemas");
    private static final Path COMPAT = Path.of("src/test/resources/compat/v1");
    private static final boolean UPDATE = System.getProperty("golden.update") != null;
    private static final ObjectMapper PRETTY =
            new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT);

    @ParameterizedTest
    @EnumSource
    void hasTheSchemaThatIsCommitted(EventType type) throws IOException {
        Path file = SCHEMAS.resolve(type.wireName() + ".json");
        if (UPDATE) {
            Files.createDirectories(SCHEMAS);
            Files.writeString(file, PRETTY.writeValueAsString(JsonSchemas.of(type)) + "\n");
        }

        assertThat(PRETTY.readTree(Files.readString(file))).isEqualTo(JsonSchemas.of(type));
    }

    @Test
    void hasNoSchemaWithoutAType() throws IOException {
        try (Stream<Path> files = Files.list(SCHEMAS)) {
            assertThat(files.map(f -> f.getFileName().toString().replace(".json", "")))
                    .containsExactlyInAnyOrderElementsOf(
                            Arrays.stream(EventType.values()).map(EventType::wireName).toList());
        }
    }

    static Stream<Path> frozen() throws IOException {
        if (UPDATE) {
            Files.createDirectories(COMPAT);
            for (Event event : Samples.all()) {
                Path file = COMPAT.resolve(event.type() + ".json");
                if (!Files.exists(file)) {
                    var sample = PRETTY.createObjectNode();
                    sample.set("headers", PRETTY.valueToTree(EventCodec.headers(event)));
                    sample.set("body", PRETTY.readTree(EventCodec.body(event)));
                    Files.writeString(file, PRETTY.writeValueAsString(sample) + "\n");
                }
            }
        }
        List<Path> files = new ArrayList<>();
        try (Stream<Path> found = Files.list(COMPAT)) {
            found.sorted().forEach(files::add);
        }
        return files.stream();
    }

    @ParameterizedTest
    @MethodSource("frozen")
    void decodesAFrozenSample(Path file) throws IOException {
        JsonNode sample = PRETTY.readTree(Files.readString(file));
        Map<String, String> headers = new LinkedHashMap<>();
        sample.get("headers")
                .properties()
                .forEach(e -> headers.put(e.getKey(), e.getValue().asText()));

        Decoded decoded = EventCodec.decode(headers, PRETTY.writeValueAsBytes(sample.get("body")));

        assertThat(decoded)
                .isInstanceOfSatisfying(
                        Decoded.Known.class,
                        known ->
                                assertThat(known.event().type())
                                        .isEqualTo(sample.at("/headers/ce_type").asText()));
    }

    @Test
    void hasAFrozenSampleOfEachType() throws IOException {
        assertThat(frozen().map(f -> f.getFileName().toString().replace(".json", "")))
                .containsAll(Arrays.stream(EventType.values()).map(EventType::wireName).toList());
    }

    @Test
    void describesEachTopicAndTypeInAsyncApi() throws IOException {
        JsonNode document =
                new ObjectMapper(new YAMLFactory())
                        .readTree(Files.readString(Path.of("src/main/resources/asyncapi.yaml")));

        assertThat(document.get("asyncapi").asText()).startsWith("3.");
        for (EventType type : EventType.values()) {
            Topic topic = topicOf(type);
            JsonNode channel = document.get("channels").get(topic.wireName());
            assertThat(channel).as("channel of %s", type).isNotNull();
            assertThat(channel.get("messages").has(type.wireName()))
                    .as("%s on %s", type.wireName(), topic.wireName())
                    .isTrue();
            JsonNode message = document.at("/components/messages").get(type.wireName());
            assertThat(message).as("message %s", type.wireName()).isNotNull();
            assertThat(message.at("/payload/$ref").asText())
                    .isEqualTo("schemas/" + type.wireName() + ".json");
            assertThat(message.at("/bindings/kafka/key/type").asText()).isEqualTo("string");
        }
        assertThat(document.at("/components/messages").properties())
                .as("messages without a record")
                .hasSize(EventType.values().length + 1);
    }

    private static Topic topicOf(EventType type) {
        return Samples.of(type).data().topic();
    }
}
