package dev.sluice.explorer.check;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sluice.explorer.Exploration;
import dev.sluice.explorer.drive.Breakage;
import dev.sluice.explorer.drive.RolloutWorker.Op;
import dev.sluice.explorer.engine.Play;
import dev.sluice.explorer.engine.Schedule;
import dev.sluice.explorer.model.Cluster;
import dev.sluice.explorer.model.Json;
import dev.sluice.rollout.core.Command;
import dev.sluice.rollout.core.Decision;
import dev.sluice.rollout.core.Observation;
import dev.sluice.rollout.core.Observation.ReplicaSetView;
import dev.sluice.rollout.core.ParseResult;
import dev.sluice.rollout.core.RolloutStatus;
import dev.sluice.rollout.core.status.StatusDraft;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/// Writes that the services never make, and that the rules would not let pass.
class RulesTest {

    @BeforeAll
    static void quiet() {
        Exploration.quiet();
    }

    private static Cluster after(String schedule) {
        return Play.before(Schedule.parse(schedule), Breakage.NONE).cluster();
    }

    private static Observation seen(Cluster cluster) {
        if (!(cluster.rollout().parsed() instanceof ParseResult.Valid(var rollout))) {
            throw new IllegalStateException("not valid");
        }
        return new Observation(
                rollout,
                List.copyOf(cluster.sets().values()),
                Map.of(),
                List.of(),
                Map.of(),
                Map.of(),
                cluster.sets().values().stream()
                        .flatMap(set -> cluster.podViews(set).stream())
                        .toList(),
                List.of(),
                cluster.workload().map(JsonNode.class::cast),
                Optional.empty(),
                Set.of());
    }

    static RolloutWrite write(Cluster cluster, Op op, RolloutStatus next, boolean blind) {
        return write(cluster, op, next, blind, List.of());
    }

    private static RolloutWrite write(
            Cluster cluster, Op op, RolloutStatus next, boolean blind, List<Command> after) {
        return new RolloutWrite(
                op,
                Optional.of(seen(cluster)),
                new Decision(next, Optional.empty(), List.of(), after, List.of(), Optional.empty()),
                blind,
                Facts.of(cluster),
                cluster);
    }

    private static RolloutWrite end(Cluster cluster, String image, boolean blind) {
        ReplicaSetView set = set(cluster, image);
        Op op =
                new Op.Do(
                        new Command.ScaleReplicaSet(
                                set.name(),
                                set.uid(),
                                set.resourceVersion(),
                                set.replicas(),
                                0,
                                Map.of(),
                                Optional.empty(),
                                List.of()));
        return write(cluster, op, cluster.rollout().status(), blind);
    }

    @Test
    void theOldStackOfASwitchDoesNotEndWithoutADeadline() {
        Cluster promoted = after("bluegreen: image1 turn*6 time11000 turn*3");

        assertThat(ScaleRules.b2(end(promoted, "demo:1", false))).isEmpty();
        assertThat(ScaleRules.d5(end(promoted, "demo:1", false)))
                .hasValueSatisfying(how -> assertThat(how).contains("may not end before"));

        Cluster switching = after("bluegreen: image1 turn*2");
        assertThat(ScaleRules.b2(end(switching, "demo:1", false)))
                .hasValueSatisfying(how -> assertThat(how).contains("without a deadline"));
    }

    @Test
    void nothingEndsWhileEvidenceIsAwaitedThatCannotBeRead() {
        Cluster open = after("canary-gateway: image1 turn*2 work*2");
        assertThat(open.rollout().status().trafficPlan().orElseThrow().isObserved()).isFalse();

        assertThat(ScaleRules.t8(end(open, "demo:1", true))).isPresent();
        assertThat(ScaleRules.t8(end(open, "demo:1", false))).isEmpty();
    }

    private static ReplicaSetView set(Cluster cluster, String image) {
        return cluster.sets().values().stream()
                .filter(s -> s.template().toString().contains(image))
                .findFirst()
                .orElseThrow();
    }

    private static RolloutWrite evictions(Cluster cluster, String image, int count) {
        List<Command> evictions =
                cluster.podViews(set(cluster, image)).stream()
                        .limit(count)
                        .<Command>map(pod -> new Command.EvictPod(pod.name(), pod.uid()))
                        .toList();
        Op op = new Op.Do(evictions.getFirst());
        return write(cluster, op, cluster.rollout().status(), false, evictions);
    }

    @Test
    void noPassEvictsMoreThanMayBeMissing() {
        Cluster rest = after("canary-plain-restarts: turn*2");

        assertThat(ScaleRules.d7(evictions(rest, "demo:1", 1))).isEmpty();
        assertThat(ScaleRules.d7(evictions(rest, "demo:1", 2)))
                .hasValueSatisfying(how -> assertThat(how).contains("2 have to stay"));
    }

    @Test
    void theLastPodOfAShareIsNotEvicted() {
        Cluster release = after("canary-restarts: image1 turn*8");

        assertThat(ScaleRules.d8(evictions(release, "demo:1", 1))).isEmpty();
        assertThat(ScaleRules.d8(evictions(release, "demo:2", 1)))
                .hasValueSatisfying(how -> assertThat(how).contains("the last pod"));
    }

    @Test
    void noMeasurementIsBegunTwice() {
        Cluster measured = after("canary-analysis: image1 turn*6");
        var run =
                measured.runs().values().stream()
                        .filter(r -> !r.isCompleted())
                        .findFirst()
                        .orElseThrow();
        ObjectNode again = Json.object("{\"metadata\":{\"name\":\"" + run.name() + "-x\"}}");
        ObjectNode labels = again.withObjectProperty("metadata").putObject("labels");
        run.labels().forEach(labels::put);
        Op op = new Op.Do(new Command.CreateAnalysisRun(again));

        assertThat(ScaleRules.g9(write(measured, op, measured.rollout().status(), false)))
                .hasValueSatisfying(how -> assertThat(how).contains("begins beside"));
        labels.put("rollouts-pod-template-hash", "another");
        assertThat(ScaleRules.g9(write(measured, op, measured.rollout().status(), false)))
                .isEmpty();
    }

    @Test
    void anotherStrategyDoesNotSwitchToTheTarget() {
        Cluster canary = after("strategy-switched: image1 turn*3");
        Cluster switched = after("bluegreen: image1 turn*6");
        StatusDraft next = new StatusDraft(canary.rollout().status());
        next.trafficPlan = switched.rollout().status().trafficPlan();

        Op op = new Op.WriteStatus(Json.object("{}"));

        assertThat(StatusRules.b7(write(canary, op, next.freeze(), false)))
                .hasValueSatisfying(how -> assertThat(how).contains("as active"));
        assertThat(StatusRules.b7(write(canary, op, canary.rollout().status(), false))).isEmpty();
    }
}
