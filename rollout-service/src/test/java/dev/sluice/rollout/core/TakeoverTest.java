package dev.sluice.rollout.core;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.rollout.core.TrafficPlan.Role;
import dev.sluice.rollout.core.TrafficPlan.Weights;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/// A release that somebody else has brought to where it stands goes on from there.
class TakeoverTest {

    @Nested
    class OfARoutedCanary {
        private final World world =
                new World(
                                """
                                {"replicas":4,"strategy":{"canary":{"stableService":"stable","canaryService":"canary",
                                 "trafficRouting":{"nginx":{"stableIngress":"web"}},
                                 "steps":[{"setWeight":25},{"pause":{}},{"setWeight":75},{"pause":{}}]}}}\
                                """)
                        .service("stable")
                        .service("canary");
        private String stable = "";
        private String fresh = "";

        @BeforeEach
        void pauseAtAQuarter() {
            world.ingresses.put(
                    "web",
                    Trees.json(
                            "{\"spec\":{\"rules\":[{\"http\":{\"paths\":[{\"backend\":{\"service\":{\"name\":\"stable\"}}}]}}]}}"));
            world.settle();
            world.image("demo:2");
            world.settle();
            stable = world.status().stableRS();
            fresh = world.status().currentPodHash();
            assertThat(world.status().phase()).isEqualTo("Paused");
            world.scales.clear();
            world.events.clear();
        }

        private Weights planned() {
            return world.status().trafficPlan().flatMap(TrafficPlan::weights).orElseThrow();
        }

        @Test
        void keepsItsWeightItsPodsAndItsPause() {
            world.forgetUs();
            world.settle();
            assertThat(planned()).isEqualTo(new Weights(25, 75));
            assertThat(world.status().phase()).isEqualTo("Paused");
            assertThat(world.status().currentStepIndex()).contains(1);
            assertThat(world.status().release().orElseThrow().attempt()).isEqualTo(1);
            assertThat(world.scales).isEmpty();
            assertThat(world.events).isEmpty();
        }

        @Test
        void keepsItsWeightWhileTheNextOneHasNoPodsYet() {
            world.pods(fresh).broken = true;
            world.status("{\"pauseConditions\":null}");
            world.settle();
            assertThat(world.sizeOf(fresh)).isEqualTo(3);
            world.forgetUs();
            world.settle();
            assertThat(planned()).isEqualTo(new Weights(25, 75));
            world.pods(fresh).broken = false;
            world.settle();
            assertThat(planned()).isEqualTo(new Weights(75, 25));
        }

        @Test
        void keepsThePodsOfEveryRevisionThatHasAShareThoughItWasSuperseded() {
            world.forgetUs();
            world.image("demo:3");
            while (world.status().trafficPlan().isEmpty()) {
                world.step();
            }
            TrafficPlan plan = world.status().trafficPlan().orElseThrow();
            assertThat(plan.weights()).contains(new Weights(25, 75));
            assertThat(plan.liveShare(fresh)).isEqualTo(25);
            assertThat(plan.selected(Role.CANARY)).contains(fresh);
            assertThat(world.sizeOf(fresh)).isEqualTo(1);
            world.settle();
            assertThat(world.status().phase()).isEqualTo("Paused");
            assertThat(world.selected("canary")).isEqualTo(world.status().currentPodHash());
        }

        @Test
        void believesTheStatusMoreThanAPlanFromBeforeItsAbsence() {
            world.status(
                    "{\"canary\":{\"weights\":{\"canary\":{\"weight\":60},\"stable\":{\"weight\":40}}}}");
            world.pods(fresh).broken = true;
            world.step();
            assertThat(planned()).isEqualTo(new Weights(60, 40));
            assertThat(world.status().trafficPlan().orElseThrow().isObserved()).isFalse();
        }

        @Test
        void takesARevisionThatWasPromotedInItsAbsenceAsStable() {
            world.status(
                    """
                    {"stableRS":"%1$s","currentStepIndex":4,"pauseConditions":null,"controllerPause":null,
                     "canary":{"weights":{"canary":{"weight":0,"podTemplateHash":"%1$s"},
                                          "stable":{"weight":100,"podTemplateHash":"%1$s"}}}}\
                    """
                            .formatted(fresh));
            world.point("stable", fresh);
            world.point("canary", fresh);
            world.settle();
            TrafficPlan plan = world.status().trafficPlan().orElseThrow();
            assertThat(plan.selected(Role.STABLE)).contains(fresh);
            assertThat(plan.weights()).contains(new Weights(0, 100));
            assertThat(world.status().phase()).isEqualTo("Healthy");
        }

        @Test
        void finishesAPromotionThatWasCutShort() {
            world.forgetUs();
            world.status(
                    """
                    {"stableRS":"%1$s","currentStepIndex":4,"pauseConditions":null,"controllerPause":null,
                     "canary":{"weights":{"canary":{"weight":100,"podTemplateHash":"%1$s"},
                                          "stable":{"weight":0,"podTemplateHash":"%2$s"}}}}\
                    """
                            .formatted(fresh, stable));
            while (world.status().trafficPlan().isEmpty()) {
                world.step();
            }
            assertThat(planned()).isEqualTo(new Weights(100, 0));
            world.settle();
            assertThat(planned()).isEqualTo(new Weights(0, 100));
            assertThat(world.selected("stable")).isEqualTo(fresh);
            assertThat(world.status().phase()).isEqualTo("Healthy");
        }
    }

    @Nested
    class OfABlueGreenRelease {
        private final World world =
                new World(
                                """
                                {"replicas":3,"strategy":{"blueGreen":{"activeService":"active","previewService":"preview",
                                 "autoPromotionEnabled":false}}}\
                                """)
                        .service("active")
                        .service("preview");
        private String blue = "";
        private String green = "";

        @BeforeEach
        void pauseBeforeThePromotion() {
            world.settle();
            world.image("demo:2");
            world.settle();
            blue = world.status().stableRS();
            green = world.status().currentPodHash();
            assertThat(world.status().phase()).isEqualTo("Paused");
            world.scales.clear();
        }

        @Test
        void keepsBothServicesWhereTheyLead() {
            world.forgetUs();
            world.settle();
            assertThat(world.selected("active")).isEqualTo(blue);
            assertThat(world.selected("preview")).isEqualTo(green);
            assertThat(world.status().phase()).isEqualTo("Paused");
            assertThat(world.scales).isEmpty();
        }

        @Test
        void keepsTheActiveServiceWhereSomebodyElseHasSwitchedIt() {
            world.point("active", green);
            world.status("{\"blueGreen\":{\"activeSelector\":\"%s\"}}".formatted(green));
            world.spec("{\"paused\":true}");
            world.settle();
            assertThat(world.selected("active")).isEqualTo(green);
            assertThat(world.status().trafficPlan().flatMap(p -> p.selected(Role.ACTIVE)))
                    .contains(green);
        }
    }
}
