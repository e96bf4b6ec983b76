package dev.sluice.analysis.core;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/// The decision about a run: total and deterministic. Called twice per pass: first with nothing
/// observed, which gives the tasks; then with what the tasks brought, which gives the status to
/// write.
public final class AnalysisDecider {
    static final Duration ERROR_INTERVAL = Duration.ofSeconds(10);
    static final int DEFAULT_RETENTION = 10;

    private AnalysisDecider() {}

    public static Decision decide(AnalysisRun run, Observation seen, Instant now) {
        if (run.status().phase().filter(Phase::isCompleted).isPresent()) {
            return completed(run, now);
        }
        RunStatus before = run.status();
        List<Metric> metrics;
        try {
            metrics = resolve(run);
            seen.argumentFault()
                    .ifPresent(
                            fault -> {
                                throw new InvalidRunException(fault);
                            });
        } catch (InvalidRunException e) {
            return rejected(before, "Unable to resolve metric arguments: " + e.reason());
        }
        try {
            MetricRules.check(metrics, run);
        } catch (InvalidRunException e) {
            return rejected(before, "Analysis spec invalid: " + e.reason());
        }
        if (seen.outcomes().isEmpty()) {
            List<Task> tasks = tasks(run, metrics, before, now);
            if (!tasks.isEmpty()) {
                return new Decision(before, tasks, Optional.empty(), List.of(), false);
            }
        }
        RunStatus measured = before;
        for (Observation.Outcome outcome : seen.outcomes()) {
            measured = record(run, measured, outcome);
        }
        RunAssessment.Assessed assessed = RunAssessment.assess(run, metrics, measured, now);
        RunStatus after = trimmed(run, assessed.status());
        Optional<Instant> wakeAt =
                after.phase().filter(Phase::isCompleted).isPresent()
                        ? expiry(run.timeToLive(), after)
                        : next(run, metrics, after, now);
        return new Decision(after, List.of(), wakeAt, assessed.notices(), false);
    }

    private static List<Metric> resolve(AnalysisRun run) {
        Arguments arguments = Arguments.withoutSecrets(run.arguments());
        return run.metrics().stream().map(arguments::resolve).toList();
    }

    private static Decision rejected(RunStatus before, String message) {
        RunStatus after = before.withPhase(Phase.ERROR, message);
        return new Decision(
                after,
                List.of(),
                Optional.empty(),
                List.of(RunAssessment.runNotice(Phase.ERROR)),
                false);
    }

    private static Decision completed(AnalysisRun run, Instant now) {
        Optional<Instant> expiry = expiry(run.timeToLive(), run.status());
        boolean expired = expiry.isPresent() && !now.isBefore(expiry.get());
        return new Decision(
                run.status(), List.of(), expired ? Optional.empty() : expiry, List.of(), expired);
    }

    /// The instant from which on more whole seconds than the time to live have passed.
    private static Optional<Instant> expiry(AnalysisRun.TimeToLive timeToLive, RunStatus status) {
        Optional<Long> special =
                switch (status.phase().orElse(Phase.PENDING)) {
                    case SUCCESSFUL -> timeToLive.success();
                    case FAILED -> timeToLive.failure();
                    case RUNNING, PENDING, INCONCLUSIVE, ERROR -> Optional.empty();
                };
        return special.or(timeToLive::completion)
                .flatMap(seconds -> status.completedAt().map(at -> at.plusSeconds(seconds + 1)));
    }

    private static RunStatus record(
            AnalysisRun run, RunStatus status, Observation.Outcome outcome) {
        String name = outcome.task().metric();
        MetricResult result =
                status.result(name)
                        .orElseGet(
                                () ->
                                        MetricResult.started(
                                                name, isDryRun(run, name), outcome.metadata()));
        Measurement measurement = outcome.measurement();
        boolean terminated = outcome.task() instanceof Task.Terminate;
        if (terminated
                && (measurement.phase() == Phase.SUCCESSFUL
                        || measurement.phase() == Phase.INCONCLUSIVE)) {
            measurement = measurement.withMessage("Metric Terminated");
        }
        return status.with(result.with(measurement));
    }

    static boolean isDryRun(AnalysisRun run, String metric) {
        return run.dryRun().stream().anyMatch(pattern -> MetricRules.matches(pattern, metric));
    }

    static boolean isTerminating(AnalysisRun run, RunStatus status) {
        return run.terminate()
                || status.metricResults().stream()
                        .anyMatch(
                                result ->
                                        !isDryRun(run, result.name())
                                                && result.phase().isCompleted()
                                                && result.phase() != Phase.SUCCESSFUL);
    }

    private static List<Task> tasks(
            AnalysisRun run, List<Metric> metrics, RunStatus status, Instant now) {
        boolean terminating = isTerminating(run, status);
        List<Task> tasks = new ArrayList<>();
        for (Metric metric : metrics) {
            task(metric, status, terminating, now).ifPresent(tasks::add);
        }
        return tasks;
    }

    private static Optional<Task> task(
            Metric metric, RunStatus status, boolean terminating, Instant now) {
        Optional<MetricResult> result = status.result(metric.name());
        if (result.isPresent() && result.get().phase().isCompleted()) {
            return Optional.empty();
        }
        Optional<Measurement> underWay =
                result.flatMap(MetricResult::last).filter(measurement -> !measurement.isFinished());
        if (underWay.isPresent()) {
            Measurement measurement = underWay.get();
            if (terminating) {
                return Optional.of(new Task.Terminate(metric.name(), measurement));
            }
            boolean due =
                    measurement.resumeAt().isEmpty() || !measurement.resumeAt().get().isAfter(now);
            return due
                    ? Optional.of(new Task.Resume(metric.name(), measurement))
                    : Optional.empty();
        }
        if (terminating
                || nextMeasurement(metric, status, now).filter(at -> at.isBefore(now)).isEmpty()) {
            return Optional.empty();
        }
        MetricResult.Counters counters =
                result.map(MetricResult::counters).orElse(MetricResult.Counters.NONE);
        return Optional.of(
                new Task.Measure(metric.name(), counters.count() + counters.error() + 1));
    }

    /// The instant after which the metric wants its next new measurement; nothing if it wants none.
    private static Optional<Instant> nextMeasurement(Metric metric, RunStatus status, Instant now) {
        Optional<MetricResult> result = status.result(metric.name());
        Optional<Measurement> last = result.flatMap(MetricResult::last);
        if (last.isEmpty()) {
            return Optional.of(
                    metric.delay()
                            .map(delay -> status.startedAt().orElse(now).plus(delay))
                            .orElse(Instant.EPOCH));
        }
        OptionalInt count = metric.effectiveCount();
        if (count.isPresent() && result.get().counters().count() >= count.getAsInt()) {
            return Optional.empty();
        }
        Duration interval =
                last.get().phase() == Phase.ERROR
                        ? ERROR_INTERVAL
                        : metric.intervalLength().orElse(ERROR_INTERVAL);
        return last.get().finishedAt().map(at -> at.plus(interval));
    }

    private static Optional<Instant> next(
            AnalysisRun run, List<Metric> metrics, RunStatus status, Instant now) {
        if (isTerminating(run, status)) {
            return Optional.of(now);
        }
        Optional<Instant> earliest = Optional.empty();
        for (Metric metric : metrics) {
            Optional<MetricResult> result = status.result(metric.name());
            if (result.isPresent() && result.get().phase().isCompleted()) {
                continue;
            }
            Optional<Measurement> last = result.flatMap(MetricResult::last);
            Optional<Instant> at =
                    last.isPresent() && !last.get().isFinished()
                            ? last.get().resumeAt().or(() -> Optional.of(now))
                            : nextMeasurement(metric, status, now).map(due -> due.plusMillis(1));
            if (at.isPresent() && (earliest.isEmpty() || at.get().isBefore(earliest.get()))) {
                earliest = at;
            }
        }
        return earliest.map(at -> at.isBefore(now) ? now : at);
    }

    private static RunStatus trimmed(AnalysisRun run, RunStatus status) {
        return status.withResults(
                status.metricResults().stream()
                        .map(result -> result.trimmed(retention(run, result.name())))
                        .toList());
    }

    /// How many measurements, and Jobs, of a metric are kept.
    public static int retention(AnalysisRun run, String metric) {
        return run.retention().stream()
                .filter(rule -> rule.limit() > 0 && MetricRules.matches(rule.metricName(), metric))
                .mapToInt(AnalysisRun.Retention::limit)
                .findFirst()
                .orElse(DEFAULT_RETENTION);
    }
}
