package dev.sluice.analysis.core;

import dev.sluice.events.AnalysisEvent;
import dev.sluice.events.AnalysisEvent.AnalysisRef;
import dev.sluice.events.AnalysisEvent.MetricVerdict;
import dev.sluice.events.Event;
import dev.sluice.events.WorkloadRef;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// The facts that a run's status implies, with ids that depend on nothing else; so any pass repeats
/// them exactly.
public final class Facts {
    private static final int MAX_VALUE = 1_000;

    private Facts() {}

    /// @param source the service's event source
    public static List<Event> of(AnalysisRun run, RunStatus status, String source, String cluster) {
        List<Event> facts = new ArrayList<>();
        AnalysisRef ref = ref(run.identity(), cluster);
        String uid = run.identity().uid();
        Optional<Instant> startedAt = status.startedAt();
        startedAt.ifPresent(
                at -> facts.add(fact(run, uid + "/started", source, at, started(run, ref))));
        for (MetricResult result : status.metricResults()) {
            measurements(run, result, ref, source, facts);
        }
        Optional<Phase> phase = status.phase().filter(Phase::isCompleted);
        if (phase.isPresent()) {
            // A run whose spec cannot be used has no completion time; its fact takes what time
            // there is.
            Instant at =
                    status.completedAt().or(() -> startedAt).orElse(run.identity().createdAt());
            facts.add(fact(run, uid + "/result", source, at, result(status, phase.get(), ref)));
        }
        return facts;
    }

    private static AnalysisEvent started(AnalysisRun run, AnalysisRef ref) {
        return new AnalysisEvent.AnalysisStarted(
                ref, run.metrics().stream().map(metric -> metric.path("name").asText("")).toList());
    }

    private static void measurements(
            AnalysisRun run,
            MetricResult result,
            AnalysisRef ref,
            String source,
            List<Event> facts) {
        List<Measurement> finished =
                result.measurements().stream().filter(Measurement::isFinished).toList();
        int first = result.counters().count() + result.counters().error() - finished.size() + 1;
        for (int i = 0; i < finished.size(); i++) {
            Measurement measurement = finished.get(i);
            int number = first + i;
            Instant at = measurement.finishedAt().orElse(measurement.startedAt());
            facts.add(
                    fact(
                            run,
                            run.identity().uid() + "/measurement/" + result.name() + "/" + number,
                            source,
                            at,
                            new AnalysisEvent.MeasurementTaken(
                                    ref,
                                    result.name(),
                                    number,
                                    measurement.phase().text(),
                                    cut(measurement.value()),
                                    text(measurement.message()),
                                    at)));
        }
    }

    private static AnalysisEvent result(RunStatus status, Phase phase, AnalysisRef ref) {
        List<MetricVerdict> metrics =
                status.metricResults().stream()
                        .map(
                                result ->
                                        new MetricVerdict(
                                                result.name(),
                                                result.phase().text(),
                                                result.counters().successful(),
                                                result.counters().failed(),
                                                result.counters().inconclusive(),
                                                result.counters().error(),
                                                result.dryRun(),
                                                result.last().flatMap(last -> text(last.value())),
                                                text(result.message())))
                        .toList();
        return new AnalysisEvent.AnalysisResult(ref, phase.text(), text(status.message()), metrics);
    }

    private static AnalysisRef ref(AnalysisRun.Identity run, String cluster) {
        return new AnalysisRef(
                cluster,
                run.namespace(),
                run.name(),
                run.uid(),
                run.type(),
                run.owner()
                        .map(
                                owner ->
                                        new WorkloadRef(
                                                cluster,
                                                run.namespace(),
                                                owner.kind(),
                                                owner.name(),
                                                owner.uid())),
                run.podTemplateHash(),
                run.stepIndex());
    }

    private static Event fact(
            AnalysisRun run, String id, String source, Instant at, AnalysisEvent data) {
        Optional<String> release =
                run.identity()
                        .owner()
                        .flatMap(
                                owner ->
                                        run.identity()
                                                .attempt()
                                                .map(attempt -> owner.uid() + "/" + attempt));
        return Event.fact(id, source, at, run.identity().uid(), data)
                .withCorrelation(release, Optional.empty());
    }

    private static Optional<String> text(String text) {
        return text.isEmpty() ? Optional.empty() : Optional.of(cut(text));
    }

    private static String cut(String text) {
        return text.length() <= MAX_VALUE ? text : text.substring(0, MAX_VALUE - 1) + "…";
    }
}
