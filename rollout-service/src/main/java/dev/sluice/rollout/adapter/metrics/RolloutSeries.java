package dev.sluice.rollout.adapter.metrics;

import com.fasterxml.jackson.databind.JsonNode;
import dev.sluice.rollout.app.Sighting;
import dev.sluice.rollout.core.Notice;
import dev.sluice.rollout.core.RolloutStatus;
import dev.sluice.rollout.core.RolloutStatus.Why;
import io.prometheus.client.Collector.MetricFamilySamples.Sample;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.ToDoubleFunction;
import java.util.stream.Stream;

/// The numbers of one Rollout. Written by the one thread that works on it, read by scrapes.
final class RolloutSeries {
    private static final double[] BUCKETS = {0.01, 0.15, 0.25, 0.5, 1};

    private static final List<String> PHASES =
            List.of(
                    "Completed",
                    "Progressing",
                    "Paused",
                    "Timeout",
                    "Error",
                    "Abort",
                    "InvalidSpec");
    private static final List<Map.Entry<String, String>> ROUTERS =
            List.of(
                    Map.entry("alb", "ALB"),
                    Map.entry("ambassador", "Ambassador"),
                    Map.entry("istio", "Istio"),
                    Map.entry("nginx", "Nginx"),
                    Map.entry("smi", "SMI"),
                    Map.entry("appMesh", "AppMesh"));

    private record EventKind(String type, String reason) {}

    private record Facets(String strategy, String router, String phase) {}

    private final String namespace;
    private final String name;
    private final long[] buckets = new long[BUCKETS.length + 1];
    private final Map<EventKind, LongAdder> events = new ConcurrentHashMap<>();
    private double sum;
    private long errors;
    private volatile Optional<Facets> info = Optional.empty();
    private volatile Optional<Why> why = Optional.empty();
    volatile int available;
    volatile int unavailable;
    volatile int desired;
    volatile int updated;

    RolloutSeries(String namespace, String name) {
        this.namespace = namespace;
        this.name = name;
    }

    String key() {
        return namespace + "/" + name;
    }

    synchronized void reconciled(double seconds, boolean failed) {
        int bucket = 0;
        while (bucket < BUCKETS.length && seconds > BUCKETS[bucket]) {
            bucket++;
        }
        buckets[bucket]++;
        sum += seconds;
        if (failed) {
            errors++;
        }
    }

    void noticed(Notice notice) {
        events.computeIfAbsent(
                        new EventKind(notice.type().name(), notice.reason()), _ -> new LongAdder())
                .increment();
    }

    void show(Sighting sighting, RolloutStatus now) {
        var strategy = sighting.json().path("spec").path("strategy");
        String kind =
                strategy.has("canary")
                        ? "canary"
                        : strategy.has("blueGreen") ? "blueGreen" : "none";
        var routing = strategy.path("canary").path("trafficRouting");
        info = Optional.of(new Facets(kind, router(routing), phase(now)));
        why = now.why();
        desired = sighting.json().path("spec").path("replicas").asInt(1);
        available = now.availableReplicas();
        updated = now.updatedReplicas();
        unavailable = Math.max(0, now.replicas() - now.availableReplicas());
    }

    private static String router(JsonNode routing) {
        for (Map.Entry<String, String> known : ROUTERS) {
            if (routing.hasNonNull(known.getKey())) {
                return known.getValue();
            }
        }
        return "";
    }

    private static String phase(RolloutStatus status) {
        if (status.condition("InvalidSpec").isPresent()) {
            return "InvalidSpec";
        }
        String reason =
                status.condition("Progressing").map(RolloutStatus.Condition::reason).orElse("");
        return switch (reason) {
            case "NewReplicaSetAvailable" -> "Completed";
            case "RolloutPaused" -> "Paused";
            case "RolloutAborted" -> "Abort";
            case "ProgressDeadlineExceeded" -> "Timeout";
            case "ReplicaSetCreateError" -> "Error";
            default -> "Progressing";
        };
    }

    Optional<Why.State> state() {
        return why.map(Why::state);
    }

    /// The present answer; none for what is done, which would be most of the series.
    Stream<Sample> why(String metric, ToDoubleFunction<Why> value) {
        return why.stream()
                .filter(w -> w.state() != Why.State.Done)
                .map(
                        w ->
                                new Sample(
                                        metric,
                                        List.of("namespace", "name", "state", "reason"),
                                        List.of(namespace, name, w.state().name(), w.reason()),
                                        value.applyAsDouble(w)));
    }

    synchronized double errors() {
        return errors;
    }

    Sample sample(String metric, double value) {
        return new Sample(metric, RolloutMetrics.objectLabels(), List.of(namespace, name), value);
    }

    Stream<Sample> info() {
        return info.stream()
                .map(
                        i ->
                                new Sample(
                                        "rollout_info",
                                        List.of(
                                                "namespace",
                                                "name",
                                                "strategy",
                                                "traffic_router",
                                                "phase"),
                                        List.of(namespace, name, i.strategy, i.router, i.phase),
                                        1));
    }

    Stream<Sample> phases() {
        return info.stream()
                .flatMap(
                        i ->
                                PHASES.stream()
                                        .map(
                                                phase ->
                                                        new Sample(
                                                                "rollout_phase",
                                                                List.of(
                                                                        "namespace",
                                                                        "name",
                                                                        "strategy",
                                                                        "phase"),
                                                                List.of(
                                                                        namespace,
                                                                        name,
                                                                        i.strategy,
                                                                        phase),
                                                                phase.equals(i.phase) ? 1 : 0)));
    }

    Stream<Sample> events() {
        return events.entrySet().stream()
                .map(
                        e ->
                                new Sample(
                                        "rollout_events_total",
                                        List.of("namespace", "name", "type", "reason"),
                                        List.of(
                                                namespace,
                                                name,
                                                e.getKey().type,
                                                e.getKey().reason),
                                        e.getValue().doubleValue()));
    }

    synchronized Stream<Sample> histogram() {
        List<Sample> samples = new ArrayList<>();
        long below = 0;
        for (int i = 0; i <= BUCKETS.length; i++) {
            below += buckets[i];
            String bound = i < BUCKETS.length ? Double.toString(BUCKETS[i]) : "+Inf";
            samples.add(
                    new Sample(
                            "rollout_reconcile_bucket",
                            List.of("namespace", "name", "le"),
                            List.of(namespace, name, bound),
                            (double) below));
        }
        samples.add(sample("rollout_reconcile_count", (double) below));
        samples.add(sample("rollout_reconcile_sum", sum));
        return samples.stream();
    }
}
