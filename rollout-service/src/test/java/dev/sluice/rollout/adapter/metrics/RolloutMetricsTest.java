package dev.sluice.rollout.adapter.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.sluice.rollout.app.Sighting;
import dev.sluice.rollout.core.Notice;
import dev.sluice.rollout.core.ParseResult;
import dev.sluice.rollout.core.RolloutMeta;
import dev.sluice.rollout.core.RolloutStatus;
import dev.sluice.rollout.core.Trees;
import dev.sluice.rollout.core.status.StatusJson;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.micrometer.prometheus.PrometheusConfig;
import io.micrometer.prometheus.PrometheusMeterRegistry;
import java.time.Instant;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@SuppressWarnings("deprecation")
class RolloutMetricsTest {
    private static final String OBJECT = "name=\"demo\",namespace=\"ns\"";

    private Instant now = Instant.parse("2026-03-01T10:00:00Z");
    private final PrometheusMeterRegistry registry =
            new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
    private final RolloutMetrics metrics =
            new RolloutMetrics(new SimpleMeterRegistry(), registry, () -> now);

    private static JsonNode json(String text) {
        return Trees.json(text.replace('\'', '"'));
    }

    private static RolloutMeta meta(String uid) {
        return new RolloutMeta("ns", "demo", uid, "1", 1, Map.of(), Map.of());
    }

    private void show(String strategy, String status) {
        JsonNode rollout =
                json("{'spec':{'replicas':3,'strategy':" + strategy + "},'status':" + status + "}");
        RolloutStatus parsed = StatusJson.parse(rollout.path("status"));
        metrics.show(
                new Sighting.Invalid(new ParseResult.Invalid(meta("u"), parsed, rollout, "")),
                parsed);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{'canary':{}}                                     | canary    | ''",
                "{'canary':{'trafficRouting':{'alb':{}}}}          | canary    | ALB",
                "{'canary':{'trafficRouting':{'ambassador':{}}}}   | canary    | Ambassador",
                "{'canary':{'trafficRouting':{'istio':{}}}}        | canary    | Istio",
                "{'canary':{'trafficRouting':{'nginx':{}}}}        | canary    | Nginx",
                "{'canary':{'trafficRouting':{'smi':{}}}}          | canary    | SMI",
                "{'canary':{'trafficRouting':{'appMesh':{}}}}      | canary    | AppMesh",
                "{'blueGreen':{}}                                  | blueGreen | ''",
                "{}                                                | none      | ''",
            })
    void infoTellsStrategyAndRouter(String strategy, String kind, String router) {
        show(strategy, "{}");
        assertThat(scrape())
                .contains(
                        "rollout_info{"
                                + OBJECT
                                + ",phase=\"Progressing\",strategy=\""
                                + kind
                                + "\",traffic_router=\""
                                + router
                                + "\"} 1.0");
    }

    /// Label order is no part of the format: both sides are sorted.
    private String scrape() {
        StringBuilder text = new StringBuilder();
        registry.scrape()
                .lines()
                .forEach(
                        line -> {
                            int open = line.indexOf('{');
                            int close = line.lastIndexOf('}');
                            if (open < 0 || line.startsWith("#")) {
                                text.append(line).append('\n');
                                return;
                            }
                            String labels =
                                    java.util.Arrays.stream(
                                                    line.substring(open + 1, close).split(","))
                                            .filter(l -> !l.isEmpty())
                                            .sorted()
                                            .collect(java.util.stream.Collectors.joining(","));
                            text.append(line, 0, open + 1)
                                    .append(labels)
                                    .append(line.substring(close))
                                    .append('\n');
                        });
        return text.toString();
    }

    @ParameterizedTest
    @CsvSource({
        "Progressing, NewReplicaSetAvailable, Completed",
        "Progressing, ReplicaSetUpdated, Progressing",
        "Progressing, RolloutPaused, Paused",
        "Progressing, RolloutAborted, Abort",
        "Progressing, ProgressDeadlineExceeded, Timeout",
        "Progressing, ReplicaSetCreateError, Error",
        "InvalidSpec, InvalidSpec, InvalidSpec",
    })
    void thePhaseComesFromTheConditions(String type, String reason, String phase) {
        show(
                "{'canary':{}}",
                "{'conditions':[{'type':'"
                        + type
                        + "','status':'True','reason':'"
                        + reason
                        + "'}]}");
        assertThat(scrape())
                .contains(",phase=\"" + phase + "\",strategy=\"canary\",traffic_router=\"\"} 1.0")
                .contains(
                        "rollout_phase{"
                                + OBJECT
                                + ",phase=\""
                                + phase
                                + "\",strategy=\"canary\"} 1.0");
        assertThat(
                        scrape().lines()
                                .filter(l -> l.startsWith("rollout_phase{") && l.endsWith(" 0.0")))
                .hasSize(6);
    }

    @Test
    void countsOfPodsLooksErrorsAndEventsAreThere() {
        // Given
        show("{'canary':{}}", "{'replicas':4,'updatedReplicas':2,'availableReplicas':3}");

        // When
        metrics.reconciled(meta("u"), 0.2, true);
        metrics.noticed(meta("u"), Notice.normal("RolloutUpdated", ""));

        // Then
        assertThat(scrape())
                .contains(
                        "rollout_info_replicas_available{" + OBJECT + "} 3.0",
                        "rollout_info_replicas_unavailable{" + OBJECT + "} 1.0",
                        "rollout_info_replicas_desired{" + OBJECT + "} 3.0",
                        "rollout_info_replicas_updated{" + OBJECT + "} 2.0",
                        "rollout_reconcile_bucket{le=\"0.01\"," + OBJECT + "} 0.0",
                        "rollout_reconcile_bucket{le=\"0.15\"," + OBJECT + "} 0.0",
                        "rollout_reconcile_bucket{le=\"0.25\"," + OBJECT + "} 1.0",
                        "rollout_reconcile_bucket{le=\"0.5\"," + OBJECT + "} 1.0",
                        "rollout_reconcile_bucket{le=\"1.0\"," + OBJECT + "} 1.0",
                        "rollout_reconcile_count{" + OBJECT + "} 1.0",
                        "rollout_events_total{"
                                + OBJECT
                                + ",reason=\"RolloutUpdated\",type=\"Normal\"} 1.0",
                        "argo_rollouts_controller_info{version=",
                        "rollout_reconcile_error{" + OBJECT + "} 1.0");
        assertThat(scrape())
                .containsPattern(
                        "build_info\\{commit=\".+\",goarch=\".+\",goversion=\"java\\d+\",version=\".+\"}"
                                + " 1.0");
    }

    @Test
    void aReleaseIsMeasuredOnceWhenItEnds() {
        // Given
        RolloutStatus running = duration("{'rolloutStartedAt':'2026-03-01T10:00:00Z'}");
        RolloutStatus ended =
                duration(
                        "{'rolloutStartedAt':'2026-03-01T10:00:00Z','finishedAt':'2026-03-01T10:05:00Z',"
                                + "'totalManualPauseDurationSeconds':200,'completionStatus':'Promoted'}");

        // When
        metrics.moved(running, ended, now);
        metrics.moved(ended, ended, now);

        // Then
        assertThat(scrape())
                .contains(
                        "rollout_duration_seconds_sum{status=\"Promoted\"} 300.0",
                        "rollout_duration_seconds_count{status=\"Promoted\"} 1.0",
                        "rollout_duration_seconds_bucket{le=\"120.0\",status=\"Promoted\"} 0.0",
                        "rollout_duration_seconds_bucket{le=\"300.0\",status=\"Promoted\"} 1.0",
                        "rollout_duration_seconds_bucket{le=\"28800.0\",status=\"Promoted\"} 1.0",
                        "rollout_progression_duration_seconds_sum{status=\"Promoted\"} 100.0",
                        "rollout_progression_duration_seconds_bucket{le=\"900.0\",status=\"Promoted\"}"
                                + " 1.0",
                        "rollout_manual_pause_duration_seconds_sum{status=\"Promoted\"} 200.0",
                        "rollout_manual_pause_duration_seconds_bucket{le=\"0.0\",status=\"Promoted\"}"
                                + " 0.0");
    }

    private static RolloutStatus duration(String duration) {
        return StatusJson.parse(json("{'duration':" + duration + "}"));
    }

    @Test
    void aReleaseWhosePlaceIsTakenWasSuperseded() {
        metrics.moved(
                duration("{'rolloutStartedAt':'2026-03-01T10:00:00Z'}"),
                duration("{'rolloutStartedAt':'2026-03-01T10:01:00Z'}"),
                now);
        assertThat(scrape()).contains("rollout_duration_seconds_sum{status=\"Superseded\"} 60.0");
    }

    @Test
    void seriesCanBeReadForAMinuteAfterTheObjectIsGone() {
        // Given
        show("{'canary':{}}", "{}");

        // When
        metrics.gone("u");

        // Then
        assertThat(scrape()).contains("rollout_info{" + OBJECT);
        now = now.plusSeconds(66);
        assertThat(scrape()).doesNotContain(OBJECT);
    }

    @Test
    void aSuccessorOfTheSameNameShowsOnlyItsOwnSeries() {
        // Given
        show("{'canary':{}}", "{}");
        metrics.gone("u");

        // When
        metrics.reconciled(meta("v"), 0.1, false);

        // Then
        assertThat(scrape()).doesNotContain("rollout_info{" + OBJECT);
        assertThat(scrape().lines().filter(l -> l.startsWith("rollout_reconcile_count{")))
                .hasSize(1);
    }
}
