package dev.sluice.analysis.core;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.sluice.events.AnalysisEvent;
import dev.sluice.events.Event;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

class AnalysisDeciderTest {
    private static final Instant START = Instant.parse("2026-11-01T12:00:00Z");

    static JsonNode json(String text) {
        try {
            return new ObjectMapper().readTree(text.replace('\'', '"'));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static AnalysisRun run(String... metrics) {
        return new AnalysisRun(
                new AnalysisRun.Identity(
                        "shop",
                        "checkout-1",
                        "uid-1",
                        "7",
                        START,
                        Optional.empty(),
                        Optional.empty(),
                        Optional.empty(),
                        Optional.empty(),
                        Optional.empty()),
                List.of(metrics).stream().map(AnalysisDeciderTest::json).toList(),
                List.of(),
                false,
                List.of(),
                List.of(),
                AnalysisRun.TimeToLive.NONE,
                RunStatus.EMPTY);
    }

    static AnalysisRun with(AnalysisRun run, RunStatus status) {
        return new AnalysisRun(
                run.identity(),
                run.metrics(),
                run.arguments(),
                run.terminate(),
                run.dryRun(),
                run.retention(),
                run.timeToLive(),
                status);
    }

    static AnalysisRun dryRun(AnalysisRun run, String pattern) {
        return new AnalysisRun(
                run.identity(),
                run.metrics(),
                run.arguments(),
                run.terminate(),
                List.of(pattern),
                run.retention(),
                run.timeToLive(),
                run.status());
    }

    static AnalysisRun terminated(AnalysisRun run) {
        return new AnalysisRun(
                run.identity(),
                run.metrics(),
                run.arguments(),
                true,
                run.dryRun(),
                run.retention(),
                run.timeToLive(),
                run.status());
    }

    static AnalysisRun arguments(AnalysisRun run, AnalysisRun.Argument... arguments) {
        return new AnalysisRun(
                run.identity(),
                run.metrics(),
                List.of(arguments),
                run.terminate(),
                run.dryRun(),
                run.retention(),
                run.timeToLive(),
                run.status());
    }

    private static Measurement finished(char outcome, Instant at) {
        Phase phase =
                switch (outcome) {
                    case 'S' -> Phase.SUCCESSFUL;
                    case 'F' -> Phase.FAILED;
                    case 'I' -> Phase.INCONCLUSIVE;
                    default -> Phase.ERROR;
                };
        return Measurement.finished(phase, phase == Phase.ERROR ? "boom" : "", at, at);
    }

    /// Runs until the outcomes are used up or the run has ended; `outcomes` has one letter per
    /// measurement of each metric.
    private static AnalysisRun play(AnalysisRun start, Map<String, String> outcomes) {
        AnalysisRun run = start;
        Instant now = START;
        for (int pass = 0; pass < 200; pass++) {
            Decision plan = AnalysisDecider.decide(run, Observation.NOTHING, now);
            Decision decision = plan;
            if (!plan.tasks().isEmpty()) {
                List<Observation.Outcome> seen = new ArrayList<>();
                for (Task task : plan.tasks()) {
                    int taken = taken(run, task.metric());
                    String letters = outcomes.getOrDefault(task.metric(), "");
                    if (taken >= letters.length()) {
                        return run;
                    }
                    seen.add(
                            new Observation.Outcome(
                                    task, finished(letters.charAt(taken), now), Map.of()));
                }
                decision = AnalysisDecider.decide(run, Observation.of(seen), now);
            }
            run = with(run, decision.status());
            if (run.status().phase().filter(Phase::isCompleted).isPresent()
                    || decision.wakeAt().isEmpty()) {
                return run;
            }
            now = decision.wakeAt().get();
        }
        return run;
    }

    private static int taken(AnalysisRun run, String metric) {
        return run.status()
                .result(metric)
                .map(r -> r.counters().count() + r.counters().error())
                .orElse(0);
    }

    record Trace(String limits, String measurements, String phase, String message) {}

    static List<Trace> traces() {
        return List.of(
                new Trace("'count':3,'interval':'5s','failureLimit':1", "SFS", "Successful", ""),
                new Trace(
                        "'count':3,'interval':'5s','failureLimit':1",
                        "FF",
                        "Failed",
                        "Metric \"m\" assessed Failed due to failed (2) > failureLimit (1)"),
                new Trace(
                        "'interval':'5s'",
                        "SSF",
                        "Failed",
                        "Metric \"m\" assessed Failed due to failed (1) > failureLimit (0)"),
                new Trace("'interval':'5s'", "SSSSSS", "Running", ""),
                new Trace("'successCondition':'true'", "S", "Successful", ""),
                new Trace(
                        "'successCondition':'true'",
                        "EEEEE",
                        "Error",
                        "Metric \"m\" assessed Error due to consecutiveErrors (5) > consecutiveErrorLimit (4): \"Error Message: boom\""),
                new Trace("'successCondition':'true'", "EEEES", "Successful", ""),
                new Trace(
                        "'count':'5','interval':'5s','failureLimit':2,'consecutiveSuccessLimit':3",
                        "SFSSS",
                        "Successful",
                        ""),
                new Trace(
                        "'count':5,'interval':'5s','failureLimit':2,'consecutiveSuccessLimit':3",
                        "SFSFS",
                        "Inconclusive",
                        ""),
                new Trace(
                        "'count':3,'interval':'5s','failureLimit':-1,'consecutiveSuccessLimit':2",
                        "SFS",
                        "Failed",
                        ""),
                new Trace(
                        "'inconclusiveLimit':0",
                        "I",
                        "Inconclusive",
                        "Metric \"m\" assessed Inconclusive due to inconclusive (1) > inconclusiveLimit (0)"),
                new Trace(
                        "'count':3,'interval':'1m','inconclusiveLimit':1", "ISS", "Successful", ""),
                new Trace("'count':2,'interval':'1m','failureLimit':0", "SS", "Successful", ""));
    }

    @ParameterizedTest
    @MethodSource("traces")
    void assessesAMetric(Trace trace) {
        AnalysisRun end =
                play(
                        run("{'name':'m','provider':{'web':{}}," + trace.limits() + "}"),
                        Map.of("m", trace.measurements()));
        assertThat(end.status().phase().map(Phase::text)).contains(trace.phase());
        assertThat(end.status().message()).isEqualTo(trace.message());
    }

    @Test
    void neverLetsADryRunDecide() {
        AnalysisRun end =
                play(
                        dryRun(
                                run(
                                        "{'name':'m','provider':{'web':{}},'count':3,'interval':'5s','failureLimit':2}",
                                        "{'name':'trial','provider':{'web':{}},'count':3,'interval':'5s'}"),
                                "tri"),
                        Map.of("m", "SSS", "trial", "F"));
        assertThat(end.status().phase()).contains(Phase.SUCCESSFUL);
        assertThat(end.status().message()).isEmpty();
        assertThat(end.status().result("trial").map(MetricResult::message))
                .contains("Metric assessed Failed due to failed (1) > failureLimit (0)");
        assertThat(end.status().dryRunSummary()).contains(new RunStatus.Summary(1, 0, 1, 0, 0));
        assertThat(end.status().runSummary()).contains(new RunStatus.Summary(1, 1, 0, 0, 0));
    }

    @Test
    void endsOnePassAfterAFailureWhenAJobIsUnderWay() {
        AnalysisRun run =
                run("{'name':'bad','provider':{'web':{}}}", "{'name':'job','provider':{'job':{}}}");
        Decision plan = AnalysisDecider.decide(run, Observation.NOTHING, START);
        Measurement underWay =
                new Measurement(
                        Phase.RUNNING,
                        "",
                        START,
                        Optional.empty(),
                        "",
                        Map.of(),
                        Optional.of(START.plusSeconds(60)));
        Decision first =
                AnalysisDecider.decide(
                        run,
                        Observation.of(
                                List.of(
                                        new Observation.Outcome(
                                                plan.tasks().get(0),
                                                finished('F', START),
                                                Map.of()),
                                        new Observation.Outcome(
                                                plan.tasks().get(1), underWay, Map.of()))),
                        START);
        assertThat(first.status().phase()).contains(Phase.RUNNING);
        assertThat(first.wakeAt()).contains(START);

        AnalysisRun second = with(run, first.status());
        Decision replan = AnalysisDecider.decide(second, Observation.NOTHING, START);
        assertThat(replan.tasks()).containsExactly(new Task.Terminate("job", underWay));
        Decision end =
                AnalysisDecider.decide(
                        second,
                        Observation.of(
                                List.of(
                                        new Observation.Outcome(
                                                replan.tasks().getFirst(),
                                                finished('I', START),
                                                Map.of()))),
                        START);
        assertThat(end.status().phase()).contains(Phase.FAILED);
        assertThat(end.status().result("job").flatMap(MetricResult::last).map(Measurement::message))
                .contains("Metric Terminated");
        assertThat(end.notices())
                .extracting(Decision.Notice::reason)
                .containsExactly("MetricInconclusive", "AnalysisRunFailed");
    }

    @Test
    void isSuccessfulWhenTerminatedBeforeAnythingWasMeasured() {
        Decision end =
                AnalysisDecider.decide(
                        terminated(run("{'name':'m','provider':{'web':{}}}")),
                        Observation.NOTHING,
                        START);
        assertThat(end.tasks()).isEmpty();
        assertThat(end.status().phase()).contains(Phase.SUCCESSFUL);
        assertThat(end.status().message()).isEqualTo("Run Terminated");
    }

    @Test
    void waitsForTheInitialDelay() {
        AnalysisRun run = run("{'name':'m','provider':{'web':{}},'initialDelay':'30s'}");
        Decision first = AnalysisDecider.decide(run, Observation.NOTHING, START);
        assertThat(first.tasks()).isEmpty();
        assertThat(first.status().phase()).contains(Phase.RUNNING);
        assertThat(first.wakeAt().orElseThrow())
                .isBetween(START.plusSeconds(30), START.plusSeconds(31));
        Decision later =
                AnalysisDecider.decide(
                        with(run, first.status()), Observation.NOTHING, START.plusSeconds(31));
        assertThat(later.tasks()).containsExactly(new Task.Measure("m", 1));
    }

    @Test
    void measuresAgainTenSecondsAfterAnError() {
        AnalysisRun run = run("{'name':'m','provider':{'web':{}},'interval':'1h','count':2}");
        Decision first =
                AnalysisDecider.decide(
                        run,
                        Observation.of(
                                List.of(
                                        new Observation.Outcome(
                                                new Task.Measure("m", 1),
                                                finished('E', START),
                                                Map.of()))),
                        START);
        assertThat(Duration.between(START, first.wakeAt().orElseThrow()))
                .isBetween(Duration.ofSeconds(10), Duration.ofSeconds(11));
    }

    @Test
    void decidesTheSameTwiceAndWritesNothingWhenNothingHappened() {
        AnalysisRun run =
                play(run("{'name':'m','provider':{'web':{}},'interval':'5s'}"), Map.of("m", "SS"));
        Decision again = AnalysisDecider.decide(run, Observation.NOTHING, START.plusSeconds(6));
        assertThat(again.status()).isEqualTo(run.status());
        assertThat(AnalysisDecider.decide(run, Observation.NOTHING, START.plusSeconds(6)))
                .isEqualTo(again);
    }

    @Test
    void keepsTenMeasurementsAndAllCounters() {
        AnalysisRun run =
                play(
                        run("{'name':'m','provider':{'web':{}},'interval':'5s'}"),
                        Map.of("m", "S".repeat(14)));
        MetricResult result = run.status().result("m").orElseThrow();
        assertThat(result.measurements()).hasSize(10);
        assertThat(result.counters().successful()).isEqualTo(14);
        assertThat(Facts.of(run, run.status(), "/sluice/c/analysis-service", "c"))
                .extracting(Event::id)
                .contains("uid-1/started", "uid-1/measurement/m/5", "uid-1/measurement/m/14")
                .doesNotContain("uid-1/measurement/m/4", "uid-1/result");
    }

    @Test
    void statesTheSameFactsForTheSameStatus() {
        AnalysisRun run = play(run("{'name':'m','provider':{'web':{}}}"), Map.of("m", "F"));
        List<Event> facts = Facts.of(run, run.status(), "/sluice/c/analysis-service", "c");
        assertThat(facts).isEqualTo(Facts.of(run, run.status(), "/sluice/c/analysis-service", "c"));
        assertThat(facts.getLast().data())
                .isInstanceOfSatisfying(
                        AnalysisEvent.AnalysisResult.class,
                        result -> {
                            assertThat(result.phase()).isEqualTo("Failed");
                            assertThat(result.metrics())
                                    .extracting(AnalysisEvent.MetricVerdict::failed)
                                    .containsExactly(1);
                        });
    }

    @Test
    void deletesACompletedRunWhenItsTimeIsOver() {
        RunStatus ended =
                play(run("{'name':'m','provider':{'web':{}}}"), Map.of("m", "S")).status();
        AnalysisRun run = run("{'name':'m','provider':{'web':{}}}");
        AnalysisRun limited =
                new AnalysisRun(
                        run.identity(),
                        run.metrics(),
                        run.arguments(),
                        false,
                        List.of(),
                        List.of(),
                        new AnalysisRun.TimeToLive(
                                Optional.of(100L), Optional.empty(), Optional.of(5L)),
                        ended);
        Instant end = ended.completedAt().orElseThrow();
        assertThat(
                        AnalysisDecider.decide(limited, Observation.NOTHING, end.plusSeconds(5))
                                .expired())
                .isFalse();
        assertThat(
                        AnalysisDecider.decide(limited, Observation.NOTHING, end.plusSeconds(5))
                                .wakeAt())
                .contains(end.plusSeconds(6));
        assertThat(
                        AnalysisDecider.decide(limited, Observation.NOTHING, end.plusSeconds(6))
                                .expired())
                .isTrue();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '^',
            value = {
                "'consecutiveSuccessLimit':-1|metrics[0]: consecutiveSuccessLimit must be >= 0",
                "'failureLimit':-2|metrics[0]: failureLimit must be >= 0, or -1 to be disabled",
                "'failureLimit':-1|metrics[0]: failureLimit and consecutiveSuccessLimit cannot both be disabled",
                "'inconclusiveLimit':-1|metrics[0]: inconclusiveLimit must be >= 0",
                "'consecutiveErrorLimit':-1|metrics[0]: consecutiveErrorLimit must be >= 0",
                "'count':3,'interval':'1s','failureLimit':2,'consecutiveSuccessLimit':2|metrics[0]: count (3) must be >= failureLimit + consecutiveSuccessLimit (2 + 2) if both >= 0",
                "'count':1,'consecutiveSuccessLimit':2|metrics[0]: count must be >= consecutiveSuccessLimit",
                "'count':1,'inconclusiveLimit':2|metrics[0]: count must be >= inconclusiveLimit",
                "'count':2|metrics[0]: interval must be specified when count > 1",
                "'interval':'5x'|metrics[0]: invalid interval string: time: unknown unit \"x\" in duration \"5x\"",
                "'interval':'5'|metrics[0]: invalid interval string: time: missing unit in duration \"5\"",
                "'initialDelay':'soon'|metrics[0]: invalid startDelay string: time: invalid duration \"soon\"",
                "'provider':{}|metrics[0]: no provider specified",
                "'provider':{'web':{},'job':{}}|metrics[0]: multiple providers specified"
            })
    void refusesAnInvalidMetric(String fields, String message) {
        Decision decision =
                AnalysisDecider.decide(
                        run("{'name':'m','provider':{'web':{}}," + fields + "}"),
                        Observation.NOTHING,
                        START);
        assertThat(decision.status().phase()).contains(Phase.ERROR);
        assertThat(decision.status().message()).isEqualTo("Analysis spec invalid: " + message);
        assertThat(decision.status().completedAt()).isEmpty();
        assertThat(decision.notices())
                .extracting(Decision.Notice::reason)
                .containsExactly("AnalysisRunError");
    }

    @Test
    void refusesAnInvalidRun() {
        assertThat(AnalysisDecider.decide(run(), Observation.NOTHING, START).status().message())
                .isEqualTo("Analysis spec invalid: no metrics specified");
        assertThat(
                        AnalysisDecider.decide(
                                        run(
                                                "{'name':'m','provider':{'web':{}}}",
                                                "{'name':'m','provider':{'web':{}}}"),
                                        Observation.NOTHING,
                                        START)
                                .status()
                                .message())
                .isEqualTo("Analysis spec invalid: metrics[1]: duplicate name 'm'");
        assertThat(
                        AnalysisDecider.decide(
                                        dryRun(
                                                run("{'name':'m','provider':{'web':{}}}"),
                                                "^other$"),
                                        Observation.NOTHING,
                                        START)
                                .status()
                                .message())
                .isEqualTo(
                        "Analysis spec invalid: dryRun[0]: Rule didn't match any metric name(s)");
    }

    @Test
    void resolvesArgumentsOrSaysWhichIsMissing() {
        AnalysisRun run =
                run(
                        "{'name':'m','provider':{'web':{'url':'http://{{ args.host }}/{{args.path}}'}},'count':'{{args.n}}'}");
        assertThat(AnalysisDecider.decide(run, Observation.NOTHING, START).status().message())
                .isEqualTo("Unable to resolve metric arguments: failed to resolve {{ args.host }}");
        AnalysisRun empty =
                arguments(
                        run, new AnalysisRun.Argument("host", Optional.empty(), Optional.empty()));
        assertThat(AnalysisDecider.decide(empty, Observation.NOTHING, START).status().message())
                .isEqualTo(
                        "Unable to resolve metric arguments: argument \"host\" was not supplied");
        List<AnalysisRun.Argument> arguments =
                List.of(
                        new AnalysisRun.Argument("host", Optional.of("a\"b"), Optional.empty()),
                        new AnalysisRun.Argument(
                                "path",
                                Optional.empty(),
                                Optional.of(new AnalysisRun.SecretKey("s", "k"))),
                        new AnalysisRun.Argument("n", Optional.of("1"), Optional.empty()));
        Arguments resolved = Arguments.withSecrets(arguments, Map.of("path", "hush"));
        Metric metric = resolved.resolve(run.metrics().getFirst());
        assertThat(metric.settings().path("url").asText("")).isEqualTo("http://a\"b/hush");
        assertThat(metric.count()).hasValue(1);
        assertThat(resolved.mask("no hush here")).isEqualTo("no ***** here");
    }
}
