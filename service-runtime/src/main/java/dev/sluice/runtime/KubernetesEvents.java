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
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/// Records core/v1 Events, which people see with `kubectl describe`. Never blocks and never fails
/// its caller; identical repeats raise the count of the first one instead of adding objects.
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

    private static final JsonMapper JSON = JsonMapper.builder().build();
    private static final int REMEMBERED = 4096;
    private static final int WAITING = 1000;
    private static final int MESSAGE_LIMIT = 1000;
    private static final Duration REPEAT_EVERY = Duration.ofSeconds(10);
    private static final Duration SERIES = Duration.ofMinutes(10);

    private static final class Series {
        final String name;
        final Instant first;
        int count = 1;
        Instant lastSent;

        Series(String name, Instant first) {
            this.name = name;
            this.first = first;
            this.lastSent = first;
        }
    }

    private final ConditionalWrites writes;
    private final String component;
    private final InstantSource clock = InstantSource.system();
    private final AtomicLong serial = new AtomicLong(clock.millis() * 1000);
    private final Semaphore slots = new Semaphore(WAITING);
    private final ExecutorService sender =
            Executors.newSingleThreadExecutor(Thread.ofVirtual().name("k8s-events").factory());
    private final Map<Key, Series> recent =
            new LinkedHashMap<>(16, 0.75f, true) {
                private static final long serialVersionUID = 1L;

                @Override
                protected boolean removeEldestEntry(Map.Entry<Key, Series> eldest) {
                    return size() > REMEMBERED;
                }
            };

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
        Series repeated;
        int count;
        synchronized (recent) {
            repeated = recent.get(key);
            if (repeated != null && repeated.first.plus(SERIES).isAfter(now)) {
                repeated.count++;
                if (repeated.lastSent.plus(REPEAT_EVERY).isAfter(now)) {
                    return;
                }
                repeated.lastSent = now;
                count = repeated.count;
            } else {
                repeated = null;
                count = 1;
                recent.put(key, new Series(nextName(about), now));
            }
        }
        Series series = repeated;
        if (!slots.tryAcquire()) {
            return;
        }
        String fresh = series == null ? latestName(key) : series.name;
        sender.execute(
                () -> {
                    try {
                        send(about, type, reason, text, fresh, series, count, now);
                    } catch (KubernetesClientException e) {
                        // An Event is a courtesy: the state itself carries the reason.
                        synchronized (recent) {
                            recent.remove(key);
                        }
                    } finally {
                        slots.release();
                    }
                });
    }

    private void send(
            About about,
            Type type,
            String reason,
            String message,
            String name,
            @Nullable Series repeated,
            int count,
            Instant now) {
        ResourceRef ref = ResourceRef.of("", "v1", "events", about.namespace(), name);
        ObjectNode body = JSON.createObjectNode();
        if (repeated != null) {
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

    private String latestName(Key key) {
        synchronized (recent) {
            Series series = recent.get(key);
            return series == null
                    ? "event." + Long.toHexString(serial.incrementAndGet())
                    : series.name;
        }
    }

    private String nextName(About about) {
        String base = about.name().length() > 200 ? about.name().substring(0, 200) : about.name();
        return base + "." + Long.toHexString(serial.incrementAndGet());
    }

    @PreDestroy
    void stop() {
        sender.shutdown();
    }
}
