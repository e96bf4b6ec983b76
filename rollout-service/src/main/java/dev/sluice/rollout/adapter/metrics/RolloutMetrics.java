package dev.sluice.rollout.adapter.metrics;

import dev.sluice.rollout.app.Gauges;
import dev.sluice.rollout.app.Sighting;
import dev.sluice.rollout.core.Notice;
import dev.sluice.rollout.core.RolloutMeta;
import dev.sluice.rollout.core.RolloutStatus;
import dev.sluice.rollout.core.RolloutStatus.Release;
import dev.sluice.rollout.core.RolloutStatus.Why;
import dev.sluice.rollout.core.TrafficPlan;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import io.micrometer.prometheus.PrometheusMeterRegistry;
import io.prometheus.client.Collector;
import io.prometheus.client.Collector.MetricFamilySamples;
import io.prometheus.client.Collector.MetricFamilySamples.Sample;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.ToDoubleFunction;

/// Series per Rollout are made from the live ones at each scrape, so they die with the object
/// and cost nothing in between (C11).
@Singleton
public final class RolloutMetrics implements Gauges {
    private static final String VERSION =
            Optional.ofNullable(RolloutMetrics.class.getPackage().getImplementationVersion())
                    .orElse("unknown");
    private static final String COMMIT =
            Optional.ofNullable(System.getenv("SLUICE_COMMIT")).orElse("unknown");
    private static final List<String> OBJECT = List.of("namespace", "name");
    private static final Duration[] STEP_BUCKETS = {
        Duration.ofMillis(250),
        Duration.ofSeconds(1),
        Duration.ofSeconds(5),
        Duration.ofSeconds(15),
        Duration.ofMinutes(1),
        Duration.ofMinutes(5),
        Duration.ofMinutes(15),
        Duration.ofHours(1),
        Duration.ofHours(6)
    };
    private static final Duration[] HANDSHAKE_BUCKETS = {
        Duration.ofMillis(25),
        Duration.ofMillis(50),
        Duration.ofMillis(100),
        Duration.ofMillis(250),
        Duration.ofMillis(500),
        Duration.ofSeconds(1),
        Duration.ofSeconds(2),
        Duration.ofSeconds(10),
        Duration.ofMinutes(1)
    };

    private static final Duration AFTER_DELETION = Duration.ofSeconds(65);

    private final Map<String, RolloutSeries> byUid = new ConcurrentHashMap<>();
    private final Map<String, Ended> ended = new ConcurrentHashMap<>();
    private final ReleaseDurations durations = new ReleaseDurations();
    private final InstantSource clock;
    private final Map<String, Instant> stepStarted = new ConcurrentHashMap<>();
    private final Timer steps;
    private final Timer handshakes;

    /// The series of a Rollout that is gone, and until when they are shown.
    private record Ended(RolloutSeries series, Instant until) {}

    @Inject
    @SuppressWarnings("deprecation")
    RolloutMetrics(MeterRegistry registry, PrometheusMeterRegistry prometheus) {
        this(registry, prometheus, InstantSource.system());
    }

    /// The registry is the one that the Quarkus extension brings; its successor is another one.
    @SuppressWarnings("deprecation")
    RolloutMetrics(
            MeterRegistry registry, PrometheusMeterRegistry prometheus, InstantSource clock) {
        this.clock = clock;
        this.steps =
                Timer.builder("sluice.step")
                        .description("From arriving at a step to leaving it, pauses included")
                        .serviceLevelObjectives(STEP_BUCKETS)
                        .register(registry);
        this.handshakes =
                Timer.builder("sluice.handshake")
                        .description("From writing a traffic plan to recording its evidence")
                        .serviceLevelObjectives(HANDSHAKE_BUCKETS)
                        .register(registry);
        new Collector() {
            @Override
            public List<MetricFamilySamples> collect() {
                return samples();
            }
        }.register(prometheus.getPrometheusRegistry());
    }

    @Override
    public void reconciled(RolloutMeta rollout, double seconds, boolean failed) {
        series(rollout).reconciled(seconds, failed);
    }

    @Override
    public void show(Sighting sighting, RolloutStatus now) {
        series(sighting.meta()).show(sighting, now);
    }

    @Override
    public void moved(RolloutStatus before, RolloutStatus after, Instant now) {
        durations.moved(before, after);
        if (isFirstEvidence(before, after)) {
            TrafficPlan plan = after.trafficPlan().orElseThrow();
            handshakes.record(positive(Duration.between(plan.writtenAt(), now)));
        }
        Optional<String> release =
                after.release().map(r -> r.startedAt() + "/" + r.toHash() + "/" + r.attempt());
        if (release.isEmpty() || before.currentStepIndex().equals(after.currentStepIndex())) {
            return;
        }
        Instant started = stepStarted.get(release.get());
        if (started != null) {
            steps.record(positive(Duration.between(started, now)));
        }
        boolean isOver = after.stableRS().equals(after.currentPodHash()) || after.abort();
        if (isOver) {
            stepStarted.remove(release.get());
        } else if (isSameRelease(before, after) || stepStarted.size() < 50_000) {
            stepStarted.put(release.get(), now);
        }
    }

    @Override
    public void noticed(RolloutMeta rollout, Notice notice) {
        series(rollout).noticed(notice);
    }

    @Override
    public void forget(String uid) {
        byUid.remove(uid);
    }

    @Override
    public void gone(String uid) {
        RolloutSeries series = byUid.remove(uid);
        Instant now = clock.instant();
        ended.values().removeIf(e -> now.isAfter(e.until));
        if (series != null) {
            ended.put(series.key(), new Ended(series, now.plus(AFTER_DELETION)));
        }
    }

    private RolloutSeries series(RolloutMeta meta) {
        return byUid.computeIfAbsent(
                meta.uid(),
                _ -> {
                    RolloutSeries created = new RolloutSeries(meta.namespace(), meta.name());
                    ended.remove(created.key());
                    return created;
                });
    }

    private List<RolloutSeries> shown() {
        Instant now = clock.instant();
        ended.values().removeIf(e -> now.isAfter(e.until));
        List<RolloutSeries> all = new ArrayList<>(byUid.values());
        ended.values().forEach(e -> all.add(e.series));
        return all;
    }

    private static boolean isFirstEvidence(RolloutStatus before, RolloutStatus after) {
        long was = before.trafficPlan().map(TrafficPlan::provenPlan).orElse(0L);
        return after.trafficPlan().filter(p -> p.isObserved() && p.id() > was).isPresent();
    }

    private static boolean isSameRelease(RolloutStatus before, RolloutStatus after) {
        return before.release().map(Release::attempt).equals(after.release().map(Release::attempt));
    }

    private static Duration positive(Duration duration) {
        return duration.isNegative() ? Duration.ZERO : duration;
    }

    private List<MetricFamilySamples> samples() {
        List<RolloutSeries> all = shown();
        List<MetricFamilySamples> families = new ArrayList<>();
        families.add(
                gauge(
                        "rollout_info",
                        "Strategy, router and phase of a Rollout",
                        all.stream().flatMap(RolloutSeries::info).toList()));
        families.add(
                gauge(
                        "rollout_phase",
                        "One of the phases of a Rollout; use rollout_info",
                        all.stream().flatMap(RolloutSeries::phases).toList()));
        families.add(plain(all, "rollout_info_replicas_available", s -> s.available));
        families.add(plain(all, "rollout_info_replicas_unavailable", s -> s.unavailable));
        families.add(plain(all, "rollout_info_replicas_desired", s -> s.desired));
        families.add(plain(all, "rollout_info_replicas_updated", s -> s.updated));
        families.add(states(all));
        families.add(
                gauge(
                        "sluice_rollout_why",
                        "1 for why a Rollout is not done",
                        all.stream().flatMap(s -> s.why("sluice_rollout_why", _ -> 1)).toList()));
        double now = System.currentTimeMillis() / 1e3;
        families.add(
                gauge(
                        "sluice_rollout_why_seconds",
                        "For how long that has been so",
                        all.stream()
                                .flatMap(
                                        s ->
                                                s.why(
                                                        "sluice_rollout_why_seconds",
                                                        w -> now - w.since().getEpochSecond()))
                                .toList()));
        families.add(
                new MetricFamilySamples(
                        "rollout_reconcile",
                        Collector.Type.HISTOGRAM,
                        "Seconds that looks at a Rollout took",
                        all.stream().flatMap(RolloutSeries::histogram).toList()));
        families.add(
                errors(
                        "rollout_reconcile_error",
                        "Looks that failed",
                        all.stream()
                                .map(s -> s.sample("rollout_reconcile_error", s.errors()))
                                .toList()));
        families.add(
                new MetricFamilySamples(
                        "rollout_events",
                        Collector.Type.COUNTER,
                        "Kubernetes Events raised on a Rollout",
                        all.stream().flatMap(RolloutSeries::events).toList()));
        families.addAll(durations.families());
        families.add(version());
        families.add(build());
        return families;
    }

    private static MetricFamilySamples version() {
        return gauge(
                "argo_rollouts_controller_info",
                "Version of the controller",
                List.of(
                        new Sample(
                                "argo_rollouts_controller_info",
                                List.of("version"),
                                List.of(VERSION),
                                1)));
    }

    private static MetricFamilySamples build() {
        return gauge(
                "build_info",
                "How the service was built",
                List.of(
                        new Sample(
                                "build_info",
                                List.of("version", "goversion", "goarch", "commit"),
                                List.of(
                                        VERSION,
                                        "java" + Runtime.version().feature(),
                                        System.getProperty("os.arch", "unknown"),
                                        COMMIT),
                                1)));
    }

    /// Waiting, blocked and broken told apart.
    private static MetricFamilySamples states(List<RolloutSeries> all) {
        Map<Why.State, Integer> counts = new EnumMap<>(Why.State.class);
        for (Why.State state : Why.State.values()) {
            counts.put(state, 0);
        }
        all.forEach(s -> s.state().ifPresent(state -> counts.merge(state, 1, Integer::sum)));
        List<Sample> samples = new ArrayList<>();
        counts.forEach(
                (state, count) ->
                        samples.add(
                                new Sample(
                                        "sluice_rollout_state",
                                        List.of("state"),
                                        List.of(state.name()),
                                        count)));
        return gauge("sluice_rollout_state", "Rollouts by what they are doing", samples);
    }

    private static MetricFamilySamples plain(
            List<RolloutSeries> all, String name, ToDoubleFunction<RolloutSeries> value) {
        return gauge(
                name,
                "Pods of a Rollout",
                all.stream().map(s -> s.sample(name, value.applyAsDouble(s))).toList());
    }

    /// A counter by the name that the original gave it: as one of that type it would end in
    /// `_total`.
    static MetricFamilySamples errors(String name, String help, List<Sample> samples) {
        return new MetricFamilySamples(name, Collector.Type.UNKNOWN, help, samples);
    }

    private static MetricFamilySamples gauge(String name, String help, List<Sample> samples) {
        return new MetricFamilySamples(name, Collector.Type.GAUGE, help, samples);
    }

    static List<String> objectLabels() {
        return OBJECT;
    }
}
