package dev.sluice.rollout.core;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.rollout.core.AnalysisSpec.TemplateRef;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Whole releases, replica by replica. Where an invariant asks for another way than the reference
/// takes, the test says which.
class WorkedTracesTest {
    private static World released(String spec) {
        World world = new World(spec).service("stable").service("canary");
        world.templates.put(
                new TemplateRef("t", false),
                Trees.json("{\"metrics\":[{\"name\":\"m\",\"count\":1}]}"));
        world.settle();
        world.scales.clear();
        world.later(1);
        world.image("demo:2");
        world.settle();
        return world;
    }

    private static String basic(int replicas, String limits, String weights) {
        StringBuilder steps = new StringBuilder();
        for (String w : weights.split(" ")) {
            steps.append(steps.isEmpty() ? "" : ",")
                    .append("{\"setWeight\":" + w + "},{\"pause\":{}}");
        }
        return "{\"replicas\":"
                + replicas
                + ",\"strategy\":{\"canary\":{"
                + limits
                + "\"steps\":["
                + steps
                + "]}}}";
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "4  | 0 0 | 25 50 100 | (0,3) (1,3) (1,2) (2,2) (2,1) (4,1) (4,0)",
                "10 | 0 0 | 10 30 100 | (0,9) (1,9) (1,7) (3,7) (3,5) (8,5) (8,0) (10,0)",
                "3  | 0 0 | 50 100    | (1,3) (1,2) (2,2) (2,1) (3,1) (3,0)",
                "1  | 0 0 | 50 100    | (1,1) (1,0)",
                "5  | 1 0 | 20 40     | (1,5) (1,4) (2,4) (2,3)",
            })
    void aCanaryWithoutARouter_A1(int replicas, String limits, String weights, String trace) {
        String[] given = limits.split(" ");
        World world =
                released(
                        basic(
                                replicas,
                                limits.equals("0 0")
                                        ? ""
                                        : "\"maxSurge\":"
                                                + given[0]
                                                + ",\"maxUnavailable\":"
                                                + given[1]
                                                + ",",
                                weights));
        for (int i = 1; i < weights.split(" ").length; i++) {
            world.resume();
            world.settle();
        }
        assertThat(String.join(" ", world.scales)).isEqualTo(trace);
    }

    /// Deviation: the first pass of the way back uses all of the slack that the rule of counts
    /// allows (N - U available, at most N + S), which takes one pass less.
    @Test
    void anAbortWithoutARouter_A1() {
        World world = released(basic(4, "", "100"));
        world.scales.clear();
        world.status("{\"abort\":true}");
        world.settle();
        assertThat(String.join(" ", world.scales)).isEqualTo("(4,1) (2,1) (2,3) (0,3) (0,4)");
    }

    @Test
    void podsThatNeverBecomeReadyEndTheTraceWhereAvailabilityWouldFall_A1() {
        World world = new World(basic(4, "", "50"));
        world.settle();
        String stable = world.status().stableRS();
        world.later(1);
        world.image("demo:2");
        for (int i = 0; i < 20; i++) {
            world.step();
        }
        assertThat(world.available(stable)).isEqualTo(3);
        world.later(1);
        world.image("demo:3");
        world.settle();
        assertThat(world.status().pauseConditions()).isNotEmpty();
        assertThat(world.sizeOf(world.status().currentPodHash())).isEqualTo(2);
    }

    /// Deviations: the share moves in a pass after the one that scaled, once its evidence is there
    /// (P2), and both roles end on the new revision in one plan.
    @Test
    void aCanaryWithARouter_A3() {
        World world =
                released(
                        """
                        {"replicas":4,"strategy":{"canary":{"stableService":"stable","canaryService":"canary",
                         "trafficRouting":{"plugins":{"argoproj-labs/gatewayAPI":{"httpRoute":"web"}}},
                         "steps":[{"setWeight":25},{"pause":{}},{"setWeight":75},
                          {"analysis":{"templates":[{"templateName":"t"}]}}]}}}\
                        """);
        String old = world.status().stableRS();
        String fresh = world.status().currentPodHash();
        assertThat(world.scales).isEqualTo(List.of("(1,4)"));
        assertThat(world.selected("canary")).isEqualTo(fresh);
        assertThat(world.canaryWeight()).isEqualTo(25);
        assertThat(world.status().currentStepIndex()).contains(1);
        world.resume();
        world.settle();
        assertThat(world.scales).isEqualTo(List.of("(1,4)", "(3,4)"));
        assertThat(world.canaryWeight()).isEqualTo(75);
        assertThat(world.status().currentStepIndex()).contains(3);
        world.finish(world.status().stepRun().orElseThrow().name(), "Successful", "");
        world.settle();
        assertThat(world.status().stableRS()).isEqualTo(fresh);
        assertThat(world.status().currentStepIndex()).contains(4);
        assertThat(world.selected("stable")).isEqualTo(fresh);
        assertThat(world.canaryWeight()).isZero();
        assertThat(world.sizeOf(old)).isEqualTo(4);
        assertThat(world.pods(old).strings("annotations")).containsKey(Names.SCALE_DOWN_DEADLINE);
        world.later(31);
        world.settle();
        assertThat(world.sizeOf(old)).isZero();
    }

    @Test
    void aRetryBeforeTheDeadlineGoesOnWithTheSamePods_A3() {
        World world =
                released(
                        """
                        {"replicas":4,"strategy":{"canary":{"stableService":"stable","canaryService":"canary",
                         "trafficRouting":{"plugins":{"argoproj-labs/gatewayAPI":{"httpRoute":"web"}}},
                         "steps":[{"setWeight":75},{"pause":{}}]}}}\
                        """);
        String fresh = world.status().currentPodHash();
        world.status("{\"abort\":true}");
        world.settle();
        assertThat(world.status().currentStepIndex()).contains(0);
        assertThat(world.sizeOf(fresh)).isEqualTo(3);
        assertThat(world.pods(fresh).strings("annotations")).containsKey(Names.SCALE_DOWN_DEADLINE);
        world.scales.clear();
        world.status("{\"abort\":false}");
        world.settle();
        assertThat(world.scales).isEmpty();
        assertThat(world.pods(fresh).strings("annotations"))
                .doesNotContainKey(Names.SCALE_DOWN_DEADLINE);
        assertThat(world.selected("canary")).isEqualTo(fresh);
        assertThat(world.canaryWeight()).isEqualTo(75);
    }
}
