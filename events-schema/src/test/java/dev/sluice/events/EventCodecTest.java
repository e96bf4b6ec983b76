package dev.sluice.events;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class EventCodecTest {

    static Stream<Event> samples() {
        return Samples.all().stream();
    }

    @ParameterizedTest
    @MethodSource("samples")
    void comesBackEqualFromTheBinaryMode(Event event) {
        Decoded decoded = EventCodec.decode(EventCodec.headers(event), EventCodec.body(event));

        assertThat(decoded).isEqualTo(new Decoded.Known(event));
    }

    @ParameterizedTest
    @MethodSource("samples")
    void comesBackEqualFromTheStructuredMode(Event event) throws IOException {
        ObjectNode json = EventCodec.mapper().createObjectNode();
        EventCodec.headers(event)
                .forEach(
                        (name, value) -> {
                            if (name.startsWith("ce_")) {
                                json.put(name.substring(3), value);
                            }
                        });
        json.set("data", EventCodec.mapper().readTree(EventCodec.body(event)));

        Decoded decoded =
                EventCodec.decode(
                        Map.of("Content-Type", "application/cloudevents+json; charset=utf-8"),
                        EventCodec.mapper().writeValueAsBytes(json));

        assertThat(decoded).isEqualTo(new Decoded.Known(event));
    }

    @Test
    void skipsATypeThatItDoesNotKnow() {
        Map<String, String> headers = headers();
        headers.put("ce_type", "dev.sluice.rollout.teleported.v1");

        assertThat(EventCodec.decode(headers, "{}".getBytes(UTF_8)))
                .isEqualTo(new Decoded.Unknown("dev.sluice.rollout.teleported.v1"));
    }

    @Test
    void ignoresAFieldThatItDoesNotKnow() throws IOException {
        Event event = samples().findFirst().orElseThrow();
        ObjectNode body = (ObjectNode) EventCodec.mapper().readTree(EventCodec.body(event));
        body.put("addedLater", 1);

        Decoded decoded =
                EventCodec.decode(
                        EventCodec.headers(event), EventCodec.mapper().writeValueAsBytes(body));

        assertThat(decoded).isEqualTo(new Decoded.Known(event));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "not json",
                "null",
                "[]",
                "{}",
                "{\"release\":null}",
                "{\"release\":{\"attempt\":\"many\"}}"
            })
    void callsABrokenBodyMalformedAndSaysWhy(String body) {
        Decoded decoded = EventCodec.decode(headers(), body.getBytes(UTF_8));

        assertThat(decoded)
                .isInstanceOfSatisfying(
                        Decoded.Malformed.class, m -> assertThat(m.reason()).isNotBlank());
    }

    @Test
    void namesTheMissingField() throws IOException {
        Event event = Samples.of(EventType.ROLLOUT_COMPLETED);
        ObjectNode body = (ObjectNode) EventCodec.mapper().readTree(EventCodec.body(event));
        ((ObjectNode) body.get("release").get("workload")).remove("uid");

        Decoded decoded =
                EventCodec.decode(
                        EventCodec.headers(event), EventCodec.mapper().writeValueAsBytes(body));

        assertThat(decoded)
                .isEqualTo(
                        new Decoded.Malformed(
                                event.type() + ": field release.workload.uid is missing"));
    }

    @Test
    void callsAnOversizedBodyMalformed() {
        assertThat(EventCodec.decode(headers(), new byte[EventCodec.MAX_BYTES + 1]))
                .isInstanceOf(Decoded.Malformed.class);
    }

    @Test
    void keepsACdEventAsItCame() {
        Map<String, String> headers = headers();
        headers.put("ce_type", "dev.cdevents.testsuiterun.finished.0.2.0");

        Decoded decoded =
                EventCodec.decode(headers, "{\"subject\":{\"id\":\"suite-1\"}}".getBytes(UTF_8));

        assertThat(decoded)
                .isInstanceOfSatisfying(
                        Decoded.Known.class,
                        known -> {
                            assertThat(known.event().type())
                                    .isEqualTo("dev.cdevents.testsuiterun.finished.0.2.0");
                            assertThat(((CiEvent) known.event().data()).subjectId())
                                    .isEqualTo("suite-1");
                        });
    }

    @Test
    void refusesABlankId() {
        assertThatThrownBy(
                        () ->
                                Event.fact(
                                        " ",
                                        "/s",
                                        Samples.TIME,
                                        "k",
                                        samples().findFirst().orElseThrow().data()))
                .hasMessageContaining("id must not be blank");
    }

    private static Map<String, String> headers() {
        Event event = Samples.of(EventType.ROLLOUT_COMPLETED);
        return new LinkedHashMap<>(EventCodec.headers(event));
    }
}
