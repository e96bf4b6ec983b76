package dev.sluice.rollout.core;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.rollout.core.TrafficPlan.Share;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Random schedules: pods come late, evidence comes late or after a drain time, people change
/// their minds. The seed is in the name of every failure.
class ScheduleTest {
    private static final int RUNS = 60;
    private static final String CANARY =
            """
            {"replicas":4,"strategy":{"canary":{"stableService":"stable","canaryService":"canary",
             "trafficRouting":{"nginx":{"stableIngress":"web"}},
             "steps":[{"setWeight":25},{"pause":{"duration":5}},{"setWeight":50},{"setWeight":75}]}}}\
            """;
    private static final String BASIC =
            """
            {"replicas":4,"strategy":{"canary":{"stableService":"stable","canaryService":"canary",
             "steps":[{"setWeight":25},{"pause":{"duration":5}},{"setWeight":50}]}}}\
            """;
    private static final String BLUE_GREEN =
            """
            {"replicas":3,"strategy":{"blueGreen":{"activeService":"stable","previewService":"canary",
             "autoPromotionSeconds":5}}}\
            """;

    @ParameterizedTest
    @ValueSource(strings = {CANARY, BASIC, BLUE_GREEN})
    void noScheduleTakesPodsAwayFromTrafficAndEveryOneEnds_D1_D2_P1_L1(String spec) {
        for (long seed = 1; seed <= RUNS; seed++) {
            try {
                play(spec, new Random(seed));
            } catch (AssertionError | RuntimeException e) {
                Assertions.fail("seed " + seed + " of " + spec.lines().findFirst().orElse(""), e);
            }
        }
    }

    private static void play(String spec, Random random) {
        World world = new World(spec).service("stable").service("canary");
        world.ingresses.put(
                "web",
                Trees.json(
                        "{\"spec\":{\"rules\":[{\"http\":{\"paths\":[{\"backend\":{\"service\":{\"name\":\"stable\"}}}]}}]}}"));
        world.settle();
        world.drainSeconds = random.nextInt(3) * 4;
        int image = 2;
        world.image("demo:" + image);
        for (int i = 0; i < 150; i++) {
            RolloutStatus before = world.status();
            switch (random.nextInt(12)) {
                case 0, 1, 2, 3, 4 -> world.step();
                case 5, 6 -> onePodUp(world, random);
                case 7, 8 -> world.route();
                case 9 -> world.later(random.nextInt(12));
                case 10 -> image = person(world, random, image);
                default -> world.step();
            }
            check(world, before);
        }
        world.status("{\"abort\":false,\"pauseConditions\":null}");
        for (int i = 0; i < 12; i++) {
            world.settle();
            world.later(20);
        }
        assertThat(world.status().phase()).as(world.describe()).isEqualTo("Healthy");
        int left = world.sets.values().stream().mapToInt(World.Pods::replicas).sum();
        assertThat(left).isEqualTo(world.rollout.at("/spec/replicas").asInt());
        assertThat(world.decide().isQuiet()).isTrue();
    }

    private static void onePodUp(World world, Random random) {
        var sets = world.sets.values().stream().toList();
        World.Pods pods = sets.get(random.nextInt(sets.size()));
        pods.available = Math.min(pods.replicas(), pods.available + 1 + random.nextInt(2));
    }

    private static int person(World world, Random random, int image) {
        switch (random.nextInt(6)) {
            case 0 -> world.status("{\"abort\":true}");
            case 1 -> world.status("{\"abort\":false}");
            case 2 -> world.status("{\"promoteFull\":true}");
            case 3 -> world.status("{\"pauseConditions\":null}");
            case 4 -> world.image("demo:" + (1 + random.nextInt(image)));
            default -> {
                world.image("demo:" + (image + 1));
                return image + 1;
            }
        }
        return image;
    }

    private static void check(World world, RolloutStatus before) {
        RolloutStatus status = world.status();
        int n = world.rollout.at("/spec/replicas").asInt();
        TrafficPlan plan = status.trafficPlan().orElse(null);
        if (plan != null) {
            Map<String, Integer> live = new TreeMap<>();
            for (Share share : plan.live()) {
                live.merge(share.podTemplateHash(), share.weight(), Math::max);
                assertThat(world.sizeOf(share.podTemplateHash()))
                        .as("D1: pods of %s", share)
                        .isGreaterThanOrEqualTo(
                                TrafficPlan.need(share.weight(), plan.maxWeight(), n));
            }
            for (Share share : plan.shares()) {
                assertThat(live.getOrDefault(share.podTemplateHash(), 0))
                        .as("live covers the plan")
                        .isGreaterThanOrEqualTo(share.weight());
            }
            int sum = plan.shares().stream().mapToInt(Share::weight).sum();
            assertThat(sum).as("T4").isIn(0, plan.maxWeight());
            long formerId = before.trafficPlan().map(TrafficPlan::id).orElse(0L);
            assertThat(plan.id()).as("plan ids rise").isGreaterThanOrEqualTo(formerId);
        }
        world.services.values().stream()
                .map(Observation.ServiceView::hash)
                .filter(h -> !h.isEmpty())
                .forEach(
                        h ->
                                assertThat(world.sizeOf(h))
                                        .as("D2: a Service selects " + h)
                                        .isPositive());
        assertThat(status.stableRS()).as("S7").isNotEmpty();
        if (!before.stableRS().equals(status.stableRS())) {
            assertThat(world.available(status.stableRS())).as("P1").isGreaterThanOrEqualTo(n);
        }
        assertThat(
                        status.controllerPause()
                                && status.pauseConditions().isEmpty()
                                && !before.controllerPause())
                .as("a pause of ours is never left half set")
                .isFalse();
    }
}
