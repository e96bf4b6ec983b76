package dev.sluice.analysis.app;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import dev.sluice.analysis.core.AnalysisDecider;
import dev.sluice.analysis.core.AnalysisRun;
import dev.sluice.analysis.core.Arguments;
import dev.sluice.analysis.core.Conditions;
import dev.sluice.analysis.core.InvalidRunException;
import dev.sluice.analysis.core.Measurement;
import dev.sluice.analysis.core.Metric;
import dev.sluice.analysis.core.Observation;
import dev.sluice.analysis.core.Reading;
import dev.sluice.analysis.core.Task;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/// Carries out the measuring tasks of one pass, in parallel. Secret values live only inside one
/// call.
public final class Measurements {
    private final Map<String, MetricProvider> providers = new TreeMap<>();
    private final Secrets secrets;
    private final InstantSource clock;

    public Measurements(List<MetricProvider> providers, Secrets secrets, InstantSource clock) {
        providers.forEach(provider -> this.providers.put(provider.type(), provider));
        this.secrets = secrets;
        this.clock = clock;
    }

    public Observation take(AnalysisRun run, List<Task> tasks) {
        Arguments arguments;
        Map<String, Metric> metrics = new LinkedHashMap<>();
        try {
            arguments = Arguments.withSecrets(run.arguments(), secretValues(run));
            for (JsonNode metric : run.metrics()) {
                Metric resolved = arguments.resolve(metric);
                metrics.put(resolved.name(), resolved);
            }
        } catch (InvalidRunException e) {
            return Observation.unresolved(e.reason());
        }
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<Observation.Outcome>> running =
                    tasks.stream()
                            .map(
                                    task ->
                                            threads.submit(
                                                    () -> outcome(run, task, metrics, arguments)))
                            .toList();
            return Observation.of(running.stream().map(Measurements::result).toList());
        }
    }

    private Map<String, String> secretValues(AnalysisRun run) {
        Map<String, String> values = new LinkedHashMap<>();
        for (AnalysisRun.Argument argument : run.arguments()) {
            argument.secret()
                    .filter(_ -> argument.value().isEmpty())
                    .ifPresent(
                            key ->
                                    values.put(
                                            argument.name(),
                                            secrets.value(run.identity().namespace(), key)
                                                    .orElseThrow(
                                                            () ->
                                                                    new InvalidRunException(
                                                                            "key '"
                                                                                    + key.key()
                                                                                    + "' does not exist in secret '"
                                                                                    + key.name()
                                                                                    + "'"))));
        }
        return values;
    }

    private Observation.Outcome outcome(
            AnalysisRun run, Task task, Map<String, Metric> metrics, Arguments arguments) {
        Instant now = clock.instant().truncatedTo(ChronoUnit.SECONDS);
        // The name itself cannot hold a secret that is not known to planning: tasks name the metric
        // as planned.
        Metric metric = metrics.get(task.metric());
        if (metric == null) {
            Measurement broken =
                    Conditions.judge(
                            Metric.of(JsonNodeFactory.instance.objectNode()),
                            new Reading.Broken("a metric's name must not depend on a secret"),
                            now,
                            now);
            return new Observation.Outcome(task, broken, Map.of());
        }
        MetricProvider provider =
                providers.getOrDefault(
                        metric.providerType(), new UnsupportedProvider(metric.providerType()));
        Reading reading;
        Instant startedAt = now;
        Map<String, String> metadata = Map.of();
        try {
            reading =
                    switch (task) {
                        case Task.Measure measure ->
                                provider.measure(run, metric, measure.number(), now);
                        case Task.Resume resume ->
                                provider.resume(run, metric, resume.underWay(), now);
                        case Task.Terminate terminate ->
                                provider.terminate(run, metric, terminate.underWay(), now);
                    };
            metadata = provider.metadata(metric);
            if (!(reading instanceof Reading.UnderWay) && !(task instanceof Task.Terminate)) {
                provider.collectGarbage(run, AnalysisDecider.retention(run, metric.name()));
            }
        } catch (RuntimeException e) {
            // Whatever goes wrong in one provider is that measurement's error and nobody else's
            // (C7).
            reading =
                    new Reading.Broken(
                            e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage());
        }
        startedAt =
                switch (task) {
                    case Task.Measure _ -> startedAt;
                    case Task.Resume resume -> resume.underWay().startedAt();
                    case Task.Terminate terminate -> terminate.underWay().startedAt();
                };
        Instant finishedAt = clock.instant().truncatedTo(ChronoUnit.SECONDS);
        Measurement measurement =
                Conditions.judge(metric, reading, startedAt, finishedAt).withTexts(arguments::mask);
        Map<String, String> masked = new TreeMap<>();
        metadata.forEach((key, text) -> masked.put(key, arguments.mask(text)));
        return new Observation.Outcome(task, measurement, masked);
    }

    private static Observation.Outcome result(Future<Observation.Outcome> running) {
        try {
            return running.get();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while measuring", e);
        } catch (ExecutionException e) {
            throw new IllegalStateException("a measurement broke off", e.getCause());
        }
    }

    /// Stands for every provider that this version does not have: an error, never a pass (G1).
    private record UnsupportedProvider(String type) implements MetricProvider {
        @Override
        public Reading measure(AnalysisRun run, Metric metric, int number, Instant now) {
            return new Reading.Broken(
                    "metric provider '" + type + "' is not supported by this version of Sluice");
        }
    }
}
