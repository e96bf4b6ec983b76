package dev.sluice.explorer.check;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.sluice.explorer.Exploration;
import dev.sluice.explorer.drive.Breakage;
import dev.sluice.explorer.drive.RolloutWorker.Op;
import dev.sluice.explorer.engine.Play;
import dev.sluice.explorer.engine.Schedule;
import dev.sluice.explorer.model.Cluster;
import dev.sluice.rollout.core.Command;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Writes to the Deployment of a `workloadRef` that rollout-service never makes.
class WorkloadRulesTest {

    @BeforeAll
    static void quiet() {
        Exploration.quiet();
    }

    private static Cluster after(String schedule) {
        return Play.before(Schedule.parse(schedule), Breakage.NONE).cluster();
    }

    private static RolloutWrite scale(Cluster cluster, int to) {
        JsonNode metadata = cluster.workload().orElseThrow().path("metadata");
        Op op =
                new Op.Do(
                        new Command.ScaleWorkload(
                                "web",
                                metadata.path("uid").asText(),
                                metadata.path("resourceVersion").asText(),
                                to));
        return RulesTest.write(cluster, op, cluster.rollout().status(), false);
    }

    @Test
    void aTakeOverLeavesAsManyPodsAsAreWanted() {
        Cluster begun = after("workload-plain@fresh: turn");

        assertThat(WorkloadRules.t5(scale(begun, 2)))
                .hasValueSatisfying(how -> assertThat(how).contains("of 3"));
        assertThat(WorkloadRules.t5(scale(begun, 3))).isEmpty();
        assertThat(WorkloadRules.c3(scale(begun, 3))).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({
        "workload-plain, 2, false",
        "workload-nginx, 1, true",
        "workload-nginx, 0, true",
        "workload-never, 0, true",
    })
    void theDeploymentIsScaledAsTheModeHasIt(String scenario, int to, boolean isBroken) {
        Cluster begun = after(scenario + "@fresh: turn");

        assertThat(WorkloadRules.h1(scale(begun, to)).isPresent()).isEqualTo(isBroken);
    }

    @ParameterizedTest
    @CsvSource({
        "workload-plain, 0",
        "workload-gateway, 0",
        "workload-nginx, 0",
        "workload-bluegreen, 0",
        "workload-never, 2"
    })
    void theTakeOverEndsAsTheModeHasIt(String scenario, int left) {
        Cluster done =
                Play.play(Schedule.parse(scenario + "@fresh: turn*2"), Breakage.NONE)
                        .world()
                        .cluster();

        assertThat(done.workload().orElseThrow().at("/spec/replicas").asInt()).isEqualTo(left);
        assertThat(done.rollout().status().phase()).isEqualTo("Healthy");
    }

    /// Later revisions are not the Deployment's concern.
    @Test
    void nobodyTouchesTheDeploymentAfterTheFirstRevision() {
        Cluster later = after("workload-plain: image1 turn*4 workload-scale3");

        assertThat(WorkloadRules.h1(scale(later, 0))).isPresent();
    }
}
