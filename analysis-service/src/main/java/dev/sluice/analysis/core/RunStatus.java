package dev.sluice.analysis.core;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// The status of an AnalysisRun: the verdict together with all that it was made of (G13).
public record RunStatus(
        Optional<Phase> phase,
        String message,
        List<MetricResult> metricResults,
        Optional<Instant> startedAt,
        Optional<Instant> completedAt,
        Optional<Summary> runSummary,
        Optional<Summary> dryRunSummary) {

    public record Summary(int count, int successful, int failed, int inconclusive, int error) {
        static final Summary NONE = new Summary(0, 0, 0, 0, 0);

        Summary counted() {
            return new Summary(count + 1, successful, failed, inconclusive, error);
        }

        Summary with(Phase phase) {
            return switch (phase) {
                case FAILED -> new Summary(count, successful, failed + 1, inconclusive, error);
                case INCONCLUSIVE ->
                        new Summary(count, successful, failed, inconclusive + 1, error);
                case ERROR -> new Summary(count, successful, failed, inconclusive, error + 1);
                case SUCCESSFUL, RUNNING, PENDING ->
                        new Summary(count, successful + 1, failed, inconclusive, error);
            };
        }
    }

    public static final RunStatus EMPTY =
            new RunStatus(
                    Optional.empty(),
                    "",
                    List.of(),
                    Optional.empty(),
                    Optional.empty(),
                    Optional.empty(),
                    Optional.empty());

    public RunStatus {
        metricResults = List.copyOf(metricResults);
    }

    public Optional<MetricResult> result(String metric) {
        return metricResults.stream().filter(result -> result.name().equals(metric)).findFirst();
    }

    RunStatus with(MetricResult result) {
        List<MetricResult> all = new ArrayList<>();
        boolean known = false;
        for (MetricResult each : metricResults) {
            boolean same = each.name().equals(result.name());
            all.add(same ? result : each);
            known |= same;
        }
        if (!known) {
            all.add(result);
        }
        return withResults(all);
    }

    RunStatus withResults(List<MetricResult> results) {
        return new RunStatus(
                phase, message, results, startedAt, completedAt, runSummary, dryRunSummary);
    }

    RunStatus withPhase(Phase next, String text) {
        return new RunStatus(
                Optional.of(next),
                text,
                metricResults,
                startedAt,
                completedAt,
                runSummary,
                dryRunSummary);
    }

    RunStatus startedAt(Instant at) {
        return new RunStatus(
                phase,
                message,
                metricResults,
                Optional.of(at),
                completedAt,
                runSummary,
                dryRunSummary);
    }

    RunStatus completedAt(Instant at) {
        return new RunStatus(
                phase,
                message,
                metricResults,
                startedAt,
                Optional.of(at),
                runSummary,
                dryRunSummary);
    }

    RunStatus withSummaries(Summary run, Summary dryRun) {
        return new RunStatus(
                phase,
                message,
                metricResults,
                startedAt,
                completedAt,
                Optional.of(run),
                Optional.of(dryRun));
    }
}
