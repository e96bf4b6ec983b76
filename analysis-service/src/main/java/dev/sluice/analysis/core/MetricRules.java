package dev.sluice.analysis.core;

import com.google.re2j.Pattern;
import com.google.re2j.PatternSyntaxException;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/// What makes a run's spec valid (specs: analysis, validation table). The first fault is reported.
final class MetricRules {
    private MetricRules() {}

    static void check(List<Metric> metrics, AnalysisRun run) {
        if (metrics.isEmpty()) {
            throw new InvalidRunException("no metrics specified");
        }
        Set<String> names = new HashSet<>();
        for (int i = 0; i < metrics.size(); i++) {
            Metric metric = metrics.get(i);
            String path = "metrics[" + i + "]: ";
            if (!names.add(metric.name())) {
                throw new InvalidRunException(path + "duplicate name '" + metric.name() + "'");
            }
            limits(metric, path);
            schedule(metric, path);
            switch (metric.providerTypes().size()) {
                case 0 -> throw new InvalidRunException(path + "no provider specified");
                case 1 -> {}
                default -> throw new InvalidRunException(path + "multiple providers specified");
            }
        }
        rules("dryRun", run.dryRun(), metrics);
        rules(
                "measurementRetention",
                run.retention().stream().map(AnalysisRun.Retention::metricName).toList(),
                metrics);
    }

    private static void limits(Metric metric, String path) {
        int failures = metric.failureLimit();
        int successes = metric.consecutiveSuccessLimit();
        int count = metric.count().orElse(0);
        require(successes >= 0, path + "consecutiveSuccessLimit must be >= 0");
        require(failures >= -1, path + "failureLimit must be >= 0, or -1 to be disabled");
        require(
                failures != -1 || successes != 0,
                path + "failureLimit and consecutiveSuccessLimit cannot both be disabled");
        require(metric.inconclusiveLimit() >= 0, path + "inconclusiveLimit must be >= 0");
        require(metric.consecutiveErrorLimit() >= 0, path + "consecutiveErrorLimit must be >= 0");
        if (count > 0) {
            require(
                    failures <= 0 || successes <= 0 || count >= failures + successes,
                    path
                            + "count ("
                            + count
                            + ") must be >= failureLimit + consecutiveSuccessLimit ("
                            + failures
                            + " + "
                            + successes
                            + ") if both >= 0");
            require(count >= successes, path + "count must be >= consecutiveSuccessLimit");
            require(
                    count >= metric.inconclusiveLimit(),
                    path + "count must be >= inconclusiveLimit");
        }
    }

    private static void schedule(Metric metric, String path) {
        require(
                metric.count().orElse(0) <= 1 || !metric.interval().isEmpty(),
                path + "interval must be specified when count > 1");
        duration(metric.interval(), path + "invalid interval string: ");
        duration(metric.initialDelay(), path + "invalid startDelay string: ");
    }

    private static void duration(String text, String message) {
        if (!text.isEmpty()) {
            try {
                GoDuration.parse(text);
            } catch (IllegalArgumentException e) {
                throw new InvalidRunException(message + e.getMessage());
            }
        }
    }

    private static void rules(String list, List<String> patterns, List<Metric> metrics) {
        for (int i = 0; i < patterns.size(); i++) {
            String pattern = patterns.get(i);
            require(
                    metrics.stream().anyMatch(metric -> matches(pattern, metric.name())),
                    list + "[" + i + "]: Rule didn't match any metric name(s)");
        }
    }

    /// Unanchored, and a pattern that does not compile matches nothing.
    static boolean matches(String pattern, String name) {
        try {
            return Pattern.compile(pattern).matcher(name).find();
        } catch (PatternSyntaxException _) {
            return false;
        }
    }

    private static void require(boolean holds, String message) {
        if (!holds) {
            throw new InvalidRunException(message);
        }
    }
}
