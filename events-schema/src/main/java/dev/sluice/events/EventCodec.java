package dev.sluice.events;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.MapperFeature;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.datatype.jdk8.Jdk8Module;
import com.fasterxml.jackson.datatype.jsr310.JavaTimeModule;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

/// Turns events into Kafka headers and values, and back.
///
/// Written in the CloudEvents binary mode: attributes as `ce_` headers, the JSON body as value.
/// Both
/// the binary and the structured mode (`content-type: application/cloudevents+json`) are read.
public final class EventCodec {

    /// Bodies above this size are refused, in bytes.
    public static final int MAX_BYTES = 512 * 1024;

    private static final String JSON = "application/json";
    private static final String STRUCTURED = "application/cloudevents+json";
    private static final String PREFIX = "ce_";

    private static final JsonMapper MAPPER =
            JsonMapper.builder()
                    .addModule(new Jdk8Module())
                    .addModule(new JavaTimeModule())
                    .disable(SerializationFeature.WRITE_DATES_AS_TIMESTAMPS)
                    .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
                    .enable(DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES)
                    .enable(MapperFeature.SORT_PROPERTIES_ALPHABETICALLY)
                    .defaultPropertyInclusion(
                            JsonInclude.Value.construct(
                                    JsonInclude.Include.NON_ABSENT, JsonInclude.Include.ALWAYS))
                    .build();

    private EventCodec() {}

    /// The mapper that reads and writes the bodies, for tools that show or store them.
    public static JsonMapper mapper() {
        return MAPPER;
    }

    /// The Kafka headers of an event, in a fixed order.
    public static Map<String, String> headers(Event event) {
        Map<String, String> headers = new LinkedHashMap<>();
        headers.put("content-type", JSON);
        headers.put("ce_specversion", "1.0");
        headers.put("ce_id", event.id());
        headers.put("ce_source", event.source());
        headers.put("ce_type", event.type());
        headers.put("ce_time", event.time().toString());
        headers.put("ce_partitionkey", event.key());
        event.correlationId().ifPresent(v -> headers.put("ce_correlationid", v));
        event.causationId().ifPresent(v -> headers.put("ce_causationid", v));
        event.traceparent().ifPresent(v -> headers.put("ce_traceparent", v));
        event.sequence().ifPresent(v -> headers.put("ce_sequence", Long.toString(v)));
        event.expiresAt().ifPresent(v -> headers.put("ce_expirytime", v.toString()));
        return headers;
    }

    /// The Kafka value of an event.
    public static byte[] body(Event event) {
        try {
            return MAPPER.writeValueAsBytes(event.data());
        } catch (JsonProcessingException e) {
            throw new UncheckedIOException("event " + event.id() + " has no JSON form", e);
        }
    }

    /// Reads a message in either mode. Header names are matched without regard to case. Never
    /// throws.
    public static Decoded decode(Map<String, String> headers, byte[] value) {
        if (value.length == 0) {
            return new Decoded.Malformed("empty value: an event without a body is not allowed");
        }
        if (value.length > MAX_BYTES) {
            return new Decoded.Malformed(
                    "value of " + value.length + " bytes is larger than " + MAX_BYTES);
        }
        Map<String, String> attributes = new LinkedHashMap<>();
        headers.forEach((name, text) -> attributes.put(name.toLowerCase(Locale.ROOT), text));
        try {
            JsonNode json = MAPPER.readTree(value);
            if (attributes.getOrDefault("content-type", JSON).startsWith(STRUCTURED)) {
                return structured(json);
            }
            return assemble(name -> Optional.ofNullable(attributes.get(PREFIX + name)), json);
        } catch (IOException e) {
            return new Decoded.Malformed("value is not JSON: " + firstLine(e));
        }
    }

    private static Decoded structured(JsonNode json) {
        if (!(json instanceof ObjectNode object) || !object.hasNonNull("data")) {
            return new Decoded.Malformed("structured event without data");
        }
        return assemble(
                name -> Optional.ofNullable(object.get(name)).map(JsonNode::asText),
                object.get("data"));
    }

    private interface Attributes {
        Optional<String> get(String name);
    }

    private static Decoded assemble(Attributes attributes, JsonNode data) {
        Optional<String> type = attributes.get("type");
        if (type.isEmpty()) {
            return new Decoded.Malformed("attribute type is missing: not a CloudEvent");
        }
        try {
            Optional<EventData> body = readBody(type.get(), data);
            if (body.isEmpty()) {
                return new Decoded.Unknown(type.get());
            }
            return new Decoded.Known(
                    new Event(
                            required(attributes, "id"),
                            required(attributes, "source"),
                            attributes.get("time").map(Instant::parse).orElse(Instant.EPOCH),
                            attributes.get("partitionkey").orElse(required(attributes, "id")),
                            attributes.get("correlationid"),
                            attributes.get("causationid"),
                            attributes.get("traceparent"),
                            attributes
                                    .get("sequence")
                                    .map(v -> OptionalLong.of(Long.parseLong(v)))
                                    .orElse(OptionalLong.empty()),
                            attributes.get("expirytime").map(Instant::parse),
                            body.get()));
        } catch (JsonProcessingException e) {
            return new Decoded.Malformed(type.get() + ": " + firstLine(e));
        } catch (IllegalArgumentException | DateTimeException e) {
            return new Decoded.Malformed(type.get() + ": " + firstLine(e));
        }
    }

    private static Optional<EventData> readBody(String type, JsonNode data)
            throws JsonProcessingException {
        if (type.startsWith(EventType.CDEVENTS_PREFIX)) {
            return Optional.of(new CiEvent(type, data.path("subject").path("id").asText(""), data));
        }
        Optional<EventType> known = EventType.named(type);
        if (known.isEmpty()) {
            return Optional.empty();
        }
        EventData body = MAPPER.treeToValue(data, known.get().record());
        if (body == null) {
            throw new IllegalArgumentException("body is null");
        }
        RequiredFields.check((Record) body);
        return Optional.of(body);
    }

    private static String required(Attributes attributes, String name) {
        return attributes
                .get(name)
                .orElseThrow(
                        () -> new IllegalArgumentException("attribute " + name + " is missing"));
    }

    private static String firstLine(Exception e) {
        String message = String.valueOf(e.getMessage());
        int end = message.indexOf('\n');
        String line = end < 0 ? message : message.substring(0, end);
        return line.length() > 300 ? line.substring(0, 300) + "…" : line;
    }
}
