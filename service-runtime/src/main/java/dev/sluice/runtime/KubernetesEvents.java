package dev.sluice.runtime;

import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.fabric8.kubernetes.client.KubernetesClientException;
import jakarta.annotation.PreDestroy;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;
import org.jboss.logging.Logger;

/// Records core/v1 Events, which people see with `kubectl describe`. Never blocks and never fails
/// its caller.
///
/// Each occurrence is one write, in order: a new Event, or for an identical repetition a higher
/// count on the former one. Only an object that has more than [#BURST] of them in ten seconds has
/// the rest added up: repetitions are then part of the next count, and other events are dropped.
@ApplicationScoped
public class KubernetesEvents {

    /// Normal or Warning.
    public enum Type {
        /// As expected.
        NORMAL("Normal"),
        /// Needs somebody's eye.
        WARNING("Warning");

        private final String wireName;

        Type(String wireName) {
            this.wireName = wireName;
        }
    }

    /// The object that an event is about.
    public record About(
            String apiVersion, String kind, String namespace, String name, String uid) {}

    private record Key(String uid, Type type, String reason, String message) {}

    private static final Logger LOG = Logger.getLogger(KubernetesEvents.class);
    private static final JsonMapper JSON = JsonMapper.builder().build();
    private static final int REMEMBERED = 4096;
    private static final int WAITING = 4000;

    /// Events of one object keep their order; those of different objects need not wait for each
    /// other.
    private static final int SENDERS = 4;

    private static final int MESSAGE_LIMIT = 1000;
    private static final Duration SERIES = Duration.ofMinutes(10);
    private static final int BURST = 20;
    private static final Duration WINDOW = Duration.ofSeconds(10);

    private static final class Series {
        final String name;
        final Instant first;
        int count;

        Series(String name, Instant first) {
            this.name = name;
            this.first = first;
        }
    }

    /// How much an object has had written lately.
    private static final class Burst {
        Instant since = Instant.MIN;
        int written;
        boolean told;
    }

    private final ConditionalWrites writes;
    private final String component;
    private final InstantSource clock = InstantSource.system();
    private final AtomicLong serial = new AtomicLong(clock.millis() * 1000);
    private final Semaphore slots = new Semaphore(WAITING);
    private final List<ExecutorService> senders =
            Stream.generate(
                            () ->
                                    Executors.newSingleThreadExecutor(
                                            Thread.ofVirtual().name("k8s-events").factory()))
                    .limit(SENDERS)
                    .toList();
    private final Map<Key, Series> recent = lru();
    private final Map<String, Burst> bursts = lru();

    KubernetesEvents(ConditionalWrites writes, RuntimeConfig config) {
        this.writes = writes;
        this.component = config.events().component();
    }

    /// Records that something happened to an object.
    public void record(About about, Type type, String reason, String message) {
        String text =
                message.length() > MESSAGE_LIMIT
                        ? message.substring(0, MESSAGE_LIMIT) + "…"
                        : message;
        Instant now = clock.instant().truncatedTo(ChronoUnit.SECONDS);
        Key key = new Key(about.uid(), type, reason, text);
        synchronized (recent) {
            Series series = recent.get(key);
            if (series == null || !series.first.plus(SERIES).isAfter(now)) {
                series = new Series(nextName(about), now);
            }
            if (!isAllowed(about, now) || !slots.tryAcquire()) {
                if (recent.get(key) == series) {
                    series.count++;
                }
                return;
            }
            recent.put(key, series);
            series.count++;
            Series written = series;
            int count = series.count;
            // Inside the lock: the order of the writes is that of the occurrences.
            senders.get(Math.floorMod(about.uid().hashCode(), SENDERS))
                    .execute(() -> write(about, key, written, count, now));
        }
    }

    private boolean isAllowed(About about, Instant now) {
        Burst burst = bursts.computeIfAbsent(about.uid(), _ -> new Burst());
        if (!burst.since.plus(WINDOW).isAfter(now)) {
            burst.since = now;
            burst.written = 0;
            burst.told = false;
        }
        if (burst.written < BURST) {
            burst.written++;
            return true;
        }
        if (!burst.told) {
            burst.told = true;
            LOG.warnf(
                    "%s %s/%s has more than %d Events in %d s, adding them up",
                    about.kind(), about.namespace(), about.name(), BURST, WINDOW.toSeconds());
        }
        return false;
    }

    private void write(About about, Key key, Series series, int count, Instant now) {
        try {
            send(about, key.type(), key.reason(), key.message(), series.name, count, now);
        } catch (KubernetesClientException e) {
            // An Event is a courtesy: the state itself carries the reason.
            synchronized (recent) {
                recent.remove(key, series);
            }
        } finally {
            slots.release();
        }
    }

    private void send(
            About about,
            Type type,
            String reason,
            String message,
            String name,
            int count,
            Instant now) {
        ResourceRef ref = ResourceRef.of("", "v1", "events", about.namespace(), name);
        ObjectNode body = JSON.createObjectNode();
        if (count > 1) {
            body.put("count", count).put("lastTimestamp", now.toString());
            writes.mergePatchAnyVersion(ref, body, component);
            return;
        }
        body.put("apiVersion", "v1").put("kind", "Event");
        body.putObject("metadata").put("name", name).put("namespace", about.namespace());
        body.putObject("involvedObject")
                .put("apiVersion", about.apiVersion())
                .put("kind", about.kind())
                .put("namespace", about.namespace())
                .put("name", about.name())
                .put("uid", about.uid());
        body.put("type", type.wireName).put("reason", reason).put("message", message);
        body.put("count", count);
        body.put("firstTimestamp", now.toString()).put("lastTimestamp", now.toString());
        body.putObject("source").put("component", component);
        body.put("reportingComponent", component).put("reportingInstance", "");
        writes.create(ref, body, component);
    }

    private String nextName(About about) {
        String base = about.name().length() > 200 ? about.name().substring(0, 200) : about.name();
        return base + "." + Long.toHexString(serial.incrementAndGet());
    }

    private static <K, V> Map<K, V> lru() {
        return new LinkedHashMap<>(16, 0.75f, true) {
            private static final long serialVersionUID = 1L;

            @Override
            protected boolean removeEldestEntry(Map.Entry<K, V> eldest) {
                return size() > REMEMBERED;
            }
        };
    }

    @PreDestroy
    void stop() {
        senders.forEach(ExecutorService::shutdown);
    }
}
