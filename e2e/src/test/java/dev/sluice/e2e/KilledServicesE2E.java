package dev.sluice.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import dev.sluice.events.RolloutEvent;
import dev.sluice.testkit.Part;
import dev.sluice.testkit.ServiceProcess;
import dev.sluice.testkit.SluiceStack;
import dev.sluice.testkit.StackSession;
import io.fabric8.kubernetes.api.model.apps.ReplicaSet;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;

/// C4: each service killed with -9 at random moments over twenty releases.
@SluiceStack({Part.NODES, Part.KAFKA, Part.POSTGRES})
class KilledServicesE2E {
    private static final int ROLLOUTS = 5;
    private static final int ROUNDS = 4;

    @Test
    void twentyReleasesEndRightWhileServicesAreKilled(StackSession session) throws Exception {
        long seed = Long.getLong("sluice.seed", 20261123L);
        System.out.println("seed " + seed + " (-Dsluice.seed=… repeats the kills)");
        try (Installation sluice =
                Installation.start(
                        session, "rollout-service", "router-service", "analysis-service")) {
            sluice.create(gate());
            List<String> names = new ArrayList<>();
            for (int i = 0; i < ROLLOUTS; i++) {
                String name = "shop" + i;
                names.add(name);
                sluice.createRoutedCanary(
                        name,
                        2,
                        "[{setWeight: 50}, {pause: {duration: 1s}},"
                                + " {analysis: {templates: [{templateName: gate}]}},"
                                + " {setWeight: 100}]");
            }
            AtomicBoolean isOver = new AtomicBoolean();
            Thread killer = Thread.ofVirtual().start(() -> kill(sluice, new Random(seed), isOver));
            for (int round = 2; round < 2 + ROUNDS; round++) {
                String image = "example.test/app:v" + round;
                names.forEach(name -> sluice.setImage(name, image));
                for (String name : names) {
                    awaitStable(sluice, name, image);
                }
            }
            isOver.set(true);
            killer.join();

            assertAllEventsOnce(sluice, names);
            for (String name : names) {
                assertNothingLeftOver(sluice, name);
            }
        }
    }

    private static void awaitStable(Installation sluice, String name, String image) {
        await().atMost(Duration.ofMinutes(4))
                .untilAsserted(
                        () -> {
                            JsonNode rollout = sluice.rollout(name);
                            assertThat(sluice.phase(name))
                                    .as(rollout.at("/status").toString())
                                    .isEqualTo("Healthy");
                            assertThat(
                                            rollout.at("/spec/template/spec/containers/0/image")
                                                    .asText())
                                    .isEqualTo(image);
                        });
    }

    /// Kills one service after the other and starts it again, until the releases are over.
    private static void kill(Installation sluice, Random random, AtomicBoolean isOver) {
        List<ServiceProcess> services = sluice.all();
        while (!isOver.get()) {
            sleep(1500 + random.nextInt(4000));
            ServiceProcess victim = services.get(random.nextInt(services.size()));
            victim.kill9();
            victim.restart();
        }
    }

    private static void assertAllEventsOnce(Installation sluice, List<String> names) {
        await().atMost(Installation.LIMIT)
                .untilAsserted(
                        () -> {
                            EventLog log = sluice.events();
                            for (String name : names) {
                                assertThat(log.of(name, RolloutEvent.RolloutCompleted.class))
                                        .hasSize(1 + ROUNDS);
                                assertThat(log.of(name, RolloutEvent.RolloutStarted.class))
                                        .hasSize(1 + ROUNDS);
                            }
                        });
        EventLog log = sluice.events();
        log.assertNoEventTwice();
        names.forEach(log::assertOneEndPerAttempt);
    }

    private static void assertNothingLeftOver(Installation sluice, String name) {
        assertThat(sluice.programmedWeight(name)).isZero();
        String stable = sluice.rollout(name).at("/status/stableRS").asText();
        await().atMost(Installation.LIMIT)
                .untilAsserted(
                        () ->
                                assertThat(replicaSets(sluice, name))
                                        .allSatisfy(
                                                rs -> {
                                                    assertThat(
                                                                    rs.getMetadata()
                                                                            .getOwnerReferences())
                                                            .hasSize(1);
                                                    assertThat(rs.getSpec().getReplicas())
                                                            .isEqualTo(
                                                                    hash(rs).equals(stable)
                                                                            ? 2
                                                                            : 0);
                                                }));
        assertThat(
                        sluice.client()
                                .genericKubernetesResources(Installation.API, "AnalysisRun")
                                .inNamespace(sluice.namespace())
                                .list()
                                .getItems())
                .allSatisfy(run -> assertThat(run.getMetadata().getOwnerReferences()).hasSize(1));
    }

    private static List<ReplicaSet> replicaSets(Installation sluice, String name) {
        return sluice.client()
                .apps()
                .replicaSets()
                .inNamespace(sluice.namespace())
                .withLabel("app", name)
                .list()
                .getItems();
    }

    private static String hash(ReplicaSet replicaSet) {
        return String.valueOf(
                replicaSet.getMetadata().getLabels().get("rollouts-pod-template-hash"));
    }

    /// A gate that needs no metrics server: a Job that the simulated nodes complete.
    private static String gate() {
        return """
               apiVersion: argoproj.io/v1alpha1
               kind: AnalysisTemplate
               metadata:
                 name: gate
                 namespace: NAMESPACE
               spec:
                 metrics:
                   - name: smoke
                     provider:
                       job:
                         spec:
                           backoffLimit: 0
                           template:
                             spec:
                               restartPolicy: Never
                               containers:
                                 - name: smoke
                                   image: example.test/smoke:1
               """;
    }

    private static void sleep(long millis) {
        Instant end = Instant.now().plusMillis(millis);
        while (Instant.now().isBefore(end)) {
            try {
                Thread.sleep(50);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return;
            }
        }
    }
}
