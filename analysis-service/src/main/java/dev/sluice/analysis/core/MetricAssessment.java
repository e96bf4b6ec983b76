package dev.sluice.analysis.core;

import java.util.Optional;
import java.util.OptionalInt;

/// Counters and limits of one metric → its phase.
final class MetricAssessment {

    /// A limit that was broken, in the words of the status message.
    record Breach(Phase phase, String reason) {}

    private MetricAssessment() {}

    static Phase phase(Metric metric, MetricResult result, boolean terminating) {
        if (result.phase().isCompleted()) {
            return result.phase();
        }
        Optional<Measurement> last = result.last();
        if (last.isEmpty()) {
            return terminating ? Phase.SUCCESSFUL : Phase.PENDING;
        }
        if (!last.get().isFinished()) {
            return Phase.RUNNING;
        }
        Optional<Breach> breach = breach(metric, result);
        if (breach.isPresent()) {
            return breach.get().phase();
        }
        int wanted = metric.consecutiveSuccessLimit();
        if (wanted > 0 && result.counters().consecutiveSuccess() >= wanted) {
            return Phase.SUCCESSFUL;
        }
        OptionalInt count = metric.effectiveCount();
        if (count.isPresent() && result.counters().count() >= count.getAsInt()) {
            if (wanted > 0) {
                return metric.failureLimit() >= 0 ? Phase.INCONCLUSIVE : Phase.FAILED;
            }
            return Phase.SUCCESSFUL;
        }
        return terminating ? Phase.SUCCESSFUL : Phase.RUNNING;
    }

    /// Within one metric an error outranks an inconclusive, and that a failure.
    static Optional<Breach> breach(Metric metric, MetricResult result) {
        MetricResult.Counters counters = result.counters();
        if (counters.consecutiveError() > metric.consecutiveErrorLimit()) {
            return Optional.of(
                    new Breach(
                            Phase.ERROR,
                            over(
                                    "consecutiveErrors",
                                    counters.consecutiveError(),
                                    "consecutiveErrorLimit",
                                    metric.consecutiveErrorLimit())));
        }
        if (counters.inconclusive() > metric.inconclusiveLimit()) {
            return Optional.of(
                    new Breach(
                            Phase.INCONCLUSIVE,
                            over(
                                    "inconclusive",
                                    counters.inconclusive(),
                                    "inconclusiveLimit",
                                    metric.inconclusiveLimit())));
        }
        if (metric.failureLimit() >= 0 && counters.failed() > metric.failureLimit()) {
            return Optional.of(
                    new Breach(
                            Phase.FAILED,
                            over(
                                    "failed",
                                    counters.failed(),
                                    "failureLimit",
                                    metric.failureLimit())));
        }
        return Optional.empty();
    }

    private static String over(String counter, int value, String limit, int bound) {
        return counter + " (" + value + ") > " + limit + " (" + bound + ")";
    }
}
