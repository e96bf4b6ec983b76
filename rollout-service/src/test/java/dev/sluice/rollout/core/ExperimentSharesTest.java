package dev.sluice.rollout.core;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.rollout.core.Planning.Wanted;
import dev.sluice.rollout.core.TrafficPlan.Destination;
import dev.sluice.rollout.core.TrafficPlan.Share;
import dev.sluice.rollout.core.TrafficPlan.Weights;
import dev.sluice.rollout.core.canary.CanaryRouting;
import java.util.List;
import org.junit.jupiter.api.Test;

class ExperimentSharesTest {
    private static final String SPEC =
            """
            {"replicas":4,"strategy":{"canary":{"stableService":"stable","canaryService":"canary",
             "trafficRouting":{"plugins":{"argoproj-labs/gatewayAPI":{"httpRoute":"web"}}},
             "steps":[{"setWeight":25},{"pause":{}}]}}}\
            """;

    private static World paused() {
        World world = new World(SPEC).service("stable").service("canary");
        world.settle();
        world.image("demo:2");
        world.settle();
        return world;
    }

    private static Wanted.Routing wanted(World world, Destination... destinations) {
        Pass pass = new Pass(world.observe(), world.now);
        pass.destinations = List.of(destinations);
        Strategy.Canary canary = (Strategy.Canary) pass.spec.strategy();
        return (Wanted.Routing) CanaryRouting.wanted(pass, canary);
    }

    @Test
    void anExperimentTakesItsShareFromTheStableRevisions_T4() {
        World world = paused();
        Destination baseline = new Destination("exp-a", "hash-a", 10);
        Destination candidate = new Destination("exp-b", "hash-b", 5);
        Wanted.Routing routing = wanted(world, baseline, candidate);
        assertThat(routing.weights()).contains(new Weights(25, 60, List.of(baseline, candidate)));
        assertThat(routing.shares().stream().mapToInt(Share::weight).sum()).isEqualTo(100);
        assertThat(routing.shares())
                .contains(new Share("hash-a", 10), new Share("hash-b", 5))
                .contains(new Share(world.status().stableRS(), 60));
    }

    @Test
    void anExperimentGetsNothingWhereTheStableRevisionHasTooLittleLeft_T4() {
        Wanted.Routing routing = wanted(paused(), new Destination("exp-a", "hash-a", 76));
        assertThat(routing.weights()).contains(new Weights(25, 75));
    }

    @Test
    void anAbortTakesTheShareOfAnExperimentAway_A7() {
        World world = paused();
        world.status("{\"abort\":true}");
        Wanted.Routing routing = wanted(world, new Destination("exp-a", "hash-a", 10));
        assertThat(routing.weights()).contains(new Weights(0, 100));
    }
}
