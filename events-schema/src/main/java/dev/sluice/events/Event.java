package dev.sluice.events;

import java.time.Instant;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;

/// One event with its CloudEvents 1.0 attributes.
///
/// `(source, id)` is unique and is the same each time the same fact is sent: ids are derived from
/// the object's uid, attempt, step and kind, never drawn at random, so a producer that crashed
/// sends
/// the same id again and consumers drop the repetition.
///
/// @param id deterministic id of the fact within its source
/// @param source the producing service, `/sluice/<cluster>/<service>`
/// @param time when the fact became durable (not when it was sent)
/// @param key partition key: uid of the object that the event is about
/// @param correlationId the release that the event belongs to, `<rollout uid>/<attempt>`
/// @param causationId id of the event that led to this one
/// @param traceparent W3C trace context
/// @param sequence gapless number per key within one source, given by the outbox
/// @param expiresAt after this instant a command must not be carried out
/// @param data the body
public record Event(
        String id,
        String source,
        Instant time,
        String key,
        Optional<String> correlationId,
        Optional<String> causationId,
        Optional<String> traceparent,
        OptionalLong sequence,
        Optional<Instant> expiresAt,
        EventData data) {

    public Event {
        requireText(id, "id");
        requireText(source, "source");
        requireText(key, "key");
        Objects.requireNonNull(time, "time");
        Objects.requireNonNull(data, "data");
    }

    /// A fact as its service states it; the outbox adds sequence and trace context.
    public static Event fact(String id, String source, Instant time, String key, EventData data) {
        return new Event(
                id,
                source,
                time,
                key,
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                OptionalLong.empty(),
                Optional.empty(),
                data);
    }

    /// The CloudEvents type, for example `dev.sluice.rollout.step-reached.v1`; of a CDEvent its
    /// sender's.
    public String type() {
        return data instanceof CiEvent ci ? ci.cdType() : EventType.of(data).wireName();
    }

    /// The same event with its place in the sequence of its key.
    public Event withSequence(long value) {
        return new Event(
                id,
                source,
                time,
                key,
                correlationId,
                causationId,
                traceparent,
                OptionalLong.of(value),
                expiresAt,
                data);
    }

    /// The same event as part of a release, and with the event that caused it.
    public Event withCorrelation(Optional<String> correlation, Optional<String> causation) {
        return new Event(
                id,
                source,
                time,
                key,
                correlation,
                causation,
                traceparent,
                sequence,
                expiresAt,
                data);
    }

    /// The same event with a W3C trace context.
    public Event withTraceparent(String value) {
        return new Event(
                id,
                source,
                time,
                key,
                correlationId,
                causationId,
                Optional.of(value),
                sequence,
                expiresAt,
                data);
    }

    private static void requireText(String value, String name) {
        if (value.isBlank()) {
            throw new IllegalArgumentException("event attribute " + name + " must not be blank");
        }
    }
}
