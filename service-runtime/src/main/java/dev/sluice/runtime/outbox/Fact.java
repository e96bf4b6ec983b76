package dev.sluice.runtime.outbox;

import dev.sluice.events.Event;
import dev.sluice.events.EventCodec;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.util.Collections;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Map;

/// An event as it is stored and sent, all but its place in the sequence.
///
/// @param topic name on the broker, prefix included
/// @param headers Kafka headers without `ce_sequence`
/// @param payload the JSON body
public record Fact(
        String source,
        String id,
        String type,
        Instant time,
        String topic,
        String key,
        Map<String, String> headers,
        String payload) {

    public Fact {
        headers = Collections.unmodifiableMap(new LinkedHashMap<>(headers));
    }

    /// Encodes an event for topics that start with `prefix`.
    static Fact of(Event event, String prefix) {
        Event traced =
                event.traceparent().isPresent() ? event : event.withTraceparent(traceOf(event));
        return new Fact(
                event.source(),
                event.id(),
                event.type(),
                event.time(),
                event.data().topic().wireName(prefix),
                event.key(),
                EventCodec.headers(traced),
                new String(EventCodec.body(event), StandardCharsets.UTF_8));
    }

    /// What tells this fact from every other.
    public String identity() {
        return source + "|" + id;
    }

    /// The headers with the fact's place among those of its key.
    public Map<String, String> headersWith(long sequence) {
        Map<String, String> all = new LinkedHashMap<>(headers);
        if (sequence > 0) {
            all.put("ce_sequence", Long.toString(sequence));
        }
        return all;
    }

    /// One trace per release (or per key where there is none), one span per event: both follow from
    /// the event, so that a repetition carries the same.
    private static String traceOf(Event event) {
        String trace = digest(event.correlationId().orElse(event.key())).substring(0, 32);
        String span = digest(event.source() + "|" + event.id()).substring(0, 16);
        return "00-" + trace + "-" + span + "-01";
    }

    private static String digest(String text) {
        try {
            return HexFormat.of()
                    .formatHex(
                            MessageDigest.getInstance("SHA-256")
                                    .digest(text.getBytes(StandardCharsets.UTF_8)));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }
}
