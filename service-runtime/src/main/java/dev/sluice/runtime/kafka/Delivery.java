package dev.sluice.runtime.kafka;

import dev.sluice.events.Decoded;
import dev.sluice.events.Event;
import dev.sluice.events.EventCodec;
import dev.sluice.events.EventType;
import dev.sluice.runtime.BatchHandler;
import dev.sluice.runtime.StreamOptions;
import dev.sluice.runtime.TryLaterException;
import dev.sluice.runtime.outbox.Publisher;
import dev.sluice.runtime.outbox.StoreUnavailableException;
import dev.sluice.runtime.postgres.Inbox;
import io.micrometer.core.instrument.MeterRegistry;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Collectors;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.header.Header;
import org.jboss.logging.Logger;

/// What happens to the records of one subscription, apart from Kafka's own protocol: decode, drop
/// repetitions, hand over, try again, set aside.
final class Delivery {

    private static final int ATTEMPTS = 5;
    private static final int REMEMBERED = 20_000;
    private static final int PARKED = 10_000;
    private static final int ERROR_LIMIT = 500;
    private static final String BEHIND = "parked: an earlier event of this key was set aside";
    private static final Logger LOG = Logger.getLogger(Delivery.class);

    private record Received(ConsumerRecord<byte[], byte[]> record, Event event) {}

    private final StreamOptions options;
    private final BatchHandler handler;
    private final boolean batches;
    private final Set<String> types;
    private final Inbox inbox;
    private final Publisher publisher;
    private final MeterRegistry metrics;
    private final String deadLetters;
    private final InstantSource clock = InstantSource.system();
    private final Set<String> parked = lru(PARKED);
    private final AtomicInteger parkedKeys = new AtomicInteger();
    private final AtomicReference<Double> lag = new AtomicReference<>(0.0);
    private final Set<String> recent = lru(REMEMBERED);

    Delivery(
            StreamOptions options,
            BatchHandler handler,
            boolean batches,
            Inbox inbox,
            Publisher publisher,
            MeterRegistry metrics,
            String prefix) {
        this.options = options;
        this.types =
                options.types().stream()
                        .map(EventType::wireName)
                        .collect(Collectors.toUnmodifiableSet());
        this.handler = handler;
        this.batches = batches;
        this.inbox = inbox;
        this.publisher = publisher;
        this.metrics = metrics;
        this.deadLetters = deadLetterTopic(prefix, options.group());
        metrics.gauge(
                "sluice.event.lag.seconds",
                List.of(io.micrometer.core.instrument.Tag.of("group", options.group())),
                lag,
                AtomicReference::get);
        if (options.parking()) {
            metrics.gauge(
                    "sluice.event.parked.keys",
                    List.of(io.micrometer.core.instrument.Tag.of("group", options.group())),
                    parkedKeys,
                    AtomicInteger::get);
        }
    }

    StreamOptions options() {
        return options;
    }

    /// Whether whole polls are handed over, to somebody who is in no hurry.
    boolean batches() {
        return batches;
    }

    static String deadLetterTopic(String prefix, String group) {
        String consumer = group.startsWith("sluice-") ? group.substring(7) : group;
        return prefix + "sluice." + consumer + ".dlq";
    }

    /// Delivers the records of one poll, in order.
    ///
    /// @throws TryLaterException when something that the handler or the dead letters need is down;
    ///     delivering the same records again is then right
    void deliver(Iterable<ConsumerRecord<byte[], byte[]>> records) {
        List<Received> batch = new ArrayList<>();
        for (ConsumerRecord<byte[], byte[]> record : records) {
            if (!isWanted(record)) {
                continue;
            }
            byte[] value = record.value() == null ? new byte[0] : record.value();
            switch (EventCodec.decode(headers(record), value)) {
                case Decoded.Known(Event event) -> batch.add(new Received(record, event));
                case Decoded.Unknown(String type) -> count(type, "unknown");
                case Decoded.Malformed(String reason) -> setAside(record, reason);
            }
        }
        List<Received> fresh = withoutParked(withoutRepetitions(batch));
        if (batches) {
            handOverTogether(fresh);
        } else {
            fresh.forEach(this::handOver);
        }
        fresh.stream()
                .map(r -> r.event().time())
                .max(Instant::compareTo)
                .ifPresent(t -> lag.set((clock.millis() - t.toEpochMilli()) / 1000.0));
    }

    private boolean isWanted(ConsumerRecord<byte[], byte[]> record) {
        Header type = record.headers().lastHeader("ce_type");
        return types.isEmpty()
                || type == null
                || types.contains(new String(type.value(), StandardCharsets.UTF_8));
    }

    private List<Received> withoutRepetitions(List<Received> batch) {
        Set<String> seen = Set.of();
        if (options.dedupe() && !batch.isEmpty()) {
            try {
                seen = inbox.handled(options.group(), batch.stream().map(Received::event).toList());
            } catch (StoreUnavailableException e) {
                // Memory has to do: whoever acts on an event reads the cluster again first.
                LOG.debugf("Inbox of %s is out of reach: %s", options.group(), e.getMessage());
            }
        }
        List<Received> fresh = new ArrayList<>();
        for (Received received : batch) {
            String identity = identity(received.event());
            if (seen.contains(identity) || (!batches && recent.contains(identity))) {
                count(received.event().type(), "repeated");
            } else {
                fresh.add(received);
            }
        }
        return fresh;
    }

    /// Sets aside what belongs to a key of which an earlier event was set aside.
    private List<Received> withoutParked(List<Received> batch) {
        if (parked.isEmpty()) {
            return batch;
        }
        List<Received> free = new ArrayList<>();
        for (Received received : batch) {
            if (isParked(received)) {
                setAside(received.record(), BEHIND);
            } else {
                free.add(received);
            }
        }
        return free;
    }

    private boolean isParked(Received received) {
        return parked.contains(received.event().key());
    }

    private void park(Received received) {
        if (options.parking() && parked.add(received.event().key())) {
            parkedKeys.set(parked.size());
        }
    }

    private void handOverTogether(List<Received> batch) {
        if (batch.isEmpty()) {
            return;
        }
        Optional<String> error = attempt(batch.stream().map(Received::event).toList(), 1);
        if (error.isPresent()) {
            batch.forEach(this::handOver);
        } else {
            batch.forEach(r -> count(r.event().type(), "handled"));
        }
    }

    private void handOver(Received received) {
        Event event = received.event();
        if (!batches && recent.contains(identity(event))) {
            count(event.type(), "repeated");
            return;
        }
        if (isParked(received)) {
            setAside(received.record(), BEHIND);
            return;
        }
        Optional<String> error = attempt(List.of(event), ATTEMPTS);
        if (error.isPresent()) {
            setAside(received.record(), error.get());
            park(received);
        } else {
            count(event.type(), "handled");
        }
        recent.add(identity(event));
        if (options.dedupe()) {
            try {
                inbox.record(options.group(), event);
            } catch (StoreUnavailableException e) {
                LOG.debugf("Inbox of %s is out of reach: %s", options.group(), e.getMessage());
            }
        }
    }

    /// Empty if the handler took the events, else its last error.
    private Optional<String> attempt(List<Event> events, int attempts) {
        String error = "";
        for (int i = 1; i <= attempts; i++) {
            try {
                handler.handle(events);
                return Optional.empty();
            } catch (TryLaterException e) {
                throw e;
            } catch (StoreUnavailableException e) {
                throw new TryLaterException("the store is down", e);
            } catch (RuntimeException e) {
                error = e.toString();
                LOG.debugf(e, "%s: attempt %d failed", options.group(), i);
                if (i < attempts) {
                    pause(20L << i);
                }
            }
        }
        return Optional.of(error);
    }

    private void setAside(ConsumerRecord<byte[], byte[]> record, String error) {
        String cut = error.length() > ERROR_LIMIT ? error.substring(0, ERROR_LIMIT) + "…" : error;
        Map<String, String> headers = headers(record);
        headers.put("sluice_dlq_topic", record.topic());
        headers.put("sluice_dlq_partition", Integer.toString(record.partition()));
        headers.put("sluice_dlq_offset", Long.toString(record.offset()));
        headers.put("sluice_dlq_error", cut);
        headers.put("sluice_dlq_group", options.group());
        String key = record.key() == null ? "" : new String(record.key(), StandardCharsets.UTF_8);
        byte[] value = record.value() == null ? new byte[0] : record.value();
        try {
            var _ =
                    publisher
                            .publish(deadLetters, key, headers, value)
                            .toCompletableFuture()
                            .get(15, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new TryLaterException("interrupted", e);
        } catch (ExecutionException | TimeoutException e) {
            throw new TryLaterException("the dead-letter topic does not take records", e);
        }
        count(headers.getOrDefault("ce_type", "none"), "dead-letter");
        LOG.warnf(
                "%s set aside %s/%d@%d: %s",
                options.group(), record.topic(), record.partition(), record.offset(), cut);
    }

    private void count(String type, String outcome) {
        String label = EventType.named(type).isPresent() ? type : "other";
        metrics.counter(
                        "sluice.events.consumed",
                        "group",
                        options.group(),
                        "type",
                        label,
                        "outcome",
                        outcome)
                .increment();
    }

    private static Map<String, String> headers(ConsumerRecord<byte[], byte[]> record) {
        Map<String, String> headers = new LinkedHashMap<>();
        for (Header header : record.headers()) {
            headers.put(
                    header.key(),
                    header.value() == null
                            ? ""
                            : new String(header.value(), StandardCharsets.UTF_8));
        }
        return headers;
    }

    private static String identity(Event event) {
        return event.source() + "|" + event.id();
    }

    private static Set<String> lru(int limit) {
        return Collections.newSetFromMap(
                new LinkedHashMap<>(16, 0.75f, true) {
                    private static final long serialVersionUID = 1L;

                    @Override
                    protected boolean removeEldestEntry(Map.Entry<String, Boolean> eldest) {
                        return size() > limit;
                    }
                });
    }

    private static void pause(long millis) {
        try {
            TimeUnit.MILLISECONDS.sleep(millis);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new TryLaterException("interrupted", e);
        }
    }
}
