package dev.sluice.analysis.core;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// All metrics → the run's phase and message.
final class RunAssessment {

    record Assessed(RunStatus status, List<Decision.Notice> notices) {}

    private final AnalysisRun run;
    private final boolean terminating;
    private final List<Decision.Notice> notices = new ArrayList<>();
    private RunStatus status;
    private Optional<Phase> worst = Optional.empty();
    private String worstMessage;
    private boolean everythingCompleted = true;
    private RunStatus.Summary summary = RunStatus.Summary.NONE;
    private RunStatus.Summary dryRunSummary = RunStatus.Summary.NONE;

    private RunAssessment(AnalysisRun run, RunStatus measured) {
        this.run = run;
        this.status = measured;
        // Taken before the new measurements count: a failure found now ends the run in the next
        // pass, when the
        // measurements that are still under way have been terminated.
        this.terminating = AnalysisDecider.isTerminating(run, measured);
        this.worstMessage = run.terminate() ? "Run Terminated" : "";
    }

    static Assessed assess(AnalysisRun run, List<Metric> metrics, RunStatus measured, Instant now) {
        RunAssessment assessment = new RunAssessment(run, measured);
        metrics.forEach(assessment::metric);
        assessment.run(now);
        return new Assessed(assessment.status, assessment.notices);
    }

    private void metric(Metric metric) {
        boolean dryRun = AnalysisDecider.isDryRun(run, metric.name());
        if (dryRun) {
            dryRunSummary = dryRunSummary.counted();
        } else {
            summary = summary.counted();
        }
        Optional<MetricResult> known = status.result(metric.name());
        if (known.isEmpty()) {
            everythingCompleted = false;
            return;
        }
        MetricResult result = known.get();
        Phase phase = MetricAssessment.phase(metric, result, terminating);
        Optional<MetricAssessment.Breach> breach = MetricAssessment.breach(metric, result);
        if (phase != result.phase()) {
            result = result.withPhase(phase, result.last().map(Measurement::message).orElse(""));
            if (phase.isCompleted()) {
                notices.add(metricNotice(metric.name(), phase));
                if (dryRun && breach.isPresent()) {
                    result =
                            result.withPhase(
                                    phase,
                                    "Metric assessed "
                                            + phase.text()
                                            + " due to "
                                            + breach.get().reason());
                }
            }
            status = status.with(result);
        }
        if (!phase.isCompleted()) {
            everythingCompleted = false;
            return;
        }
        Phase counted = breach.map(MetricAssessment.Breach::phase).orElse(Phase.SUCCESSFUL);
        if (dryRun) {
            dryRunSummary = dryRunSummary.with(counted);
            return;
        }
        summary = summary.with(counted);
        if (worst.isEmpty() || phase.isWorseThan(worst.get())) {
            worst = Optional.of(phase);
            if (breach.isPresent()) {
                worstMessage =
                        "Metric \""
                                + metric.name()
                                + "\" assessed "
                                + phase.text()
                                + " due to "
                                + breach.get().reason()
                                + (result.message().isEmpty()
                                        ? ""
                                        : ": \"Error Message: " + result.message() + "\"");
            }
        }
    }

    private void run(Instant now) {
        status = status.withSummaries(summary, dryRunSummary);
        if (status.startedAt().isEmpty()) {
            status = status.startedAt(now);
        }
        boolean ended = terminating || everythingCompleted;
        Phase phase = ended ? worst.orElse(Phase.SUCCESSFUL) : Phase.RUNNING;
        String message = ended ? worstMessage : "";
        if (!status.phase().equals(Optional.of(phase))) {
            status = status.withPhase(phase, message);
            if (phase.isCompleted()) {
                status = status.completedAt(now);
                notices.add(runNotice(phase));
            }
        }
    }

    private static Decision.Notice metricNotice(String metric, Phase phase) {
        return new Decision.Notice(
                phase.isAlarming(),
                "Metric" + phase.text(),
                "Metric '" + metric + "' Completed. Result: " + phase.text());
    }

    static Decision.Notice runNotice(Phase phase) {
        return new Decision.Notice(
                phase.isAlarming(),
                "AnalysisRun" + phase.text(),
                "Analysis Completed. Result: " + phase.text());
    }
}
