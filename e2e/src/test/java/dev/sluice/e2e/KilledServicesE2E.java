package dev.sluice.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import dev.sluice.events.RolloutEvent;
import dev.sluice.testkit.GitRepo;
import dev.sluice.testkit.Part;
import dev.sluice.testkit.ServiceProcess;
import dev.sluice.testkit.SluiceStack;
import dev.sluice.testkit.StackSession;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/// C4: each service killed with -9 at random moments over twenty releases that come from Git.
@SluiceStack({Part.NODES, Part.KAFKA, Part.POSTGRES, Part.GIT})
class KilledServicesE2E {
    private static final String APPLICATION = "shops";
    private static final int SHOPS = 5;
    private static final int RELEASES = 20;
    private static final int REPLICAS = 2;
    private static final Duration LIMIT = Duration.ofMinutes(3);
    private static final List<String> NAMES =
            IntStream.range(0, SHOPS).mapToObj(i -> "shop" + i).toList();

    private static final String STEPS =
            "[{setWeight: 50}, {pause: {duration: 1s}},"
                    + " {analysis: {templates: [{templateName: gate}]}}, {setWeight: 100}]";

    private static final int STEP_COUNT = 4;

    @Test
    void twentyReleasesEndRightWhileServicesAreKilled(StackSession session) throws Exception {
        long seed = Long.getLong("sluice.seed", 20261123L);
        System.out.println("seed " + seed + " (-Dsluice.seed=… repeats the kills)");
        try (Installation sluice =
                Installation.start(
                        session,
                        "sync-service",
                        "rollout-service",
                        "router-service",
                        "analysis-service")) {
            GitRepo repo = session.stack().git().createRepository(sluice.namespace());
            List<String> commits = new ArrayList<>();
            commits.add(repo.commit("all shops", firstFiles()));
            sluice.create(application(repo.url()));
            awaitSynced(sluice, commits.getLast());
            NAMES.forEach(name -> sluice.awaitPhase(name, "Healthy"));

            CountDownLatch isOver = new CountDownLatch(1);
            FutureTask<Map<String, Integer>> killer =
                    new FutureTask<>(() -> kill(sluice, new Random(seed), isOver));
            Thread.ofVirtual().start(killer);
            try {
                for (int release = 0; release < RELEASES; release++) {
                    String name = NAMES.get(release % SHOPS);
                    int version = 2 + release / SHOPS;
                    // One release of a shop ends before its next one; the shops do not wait for
                    // each other.
                    sluice.awaitStable(name, image(version - 1), LIMIT);
                    commits.add(
                            repo.commit(
                                    name + " v" + version,
                                    Map.of(rolloutFile(name), rollout(name, version))));
                    awaitSynced(sluice, commits.getLast());
                }
                for (String name : NAMES) {
                    sluice.awaitStable(name, image(1 + RELEASES / SHOPS), LIMIT);
                }
            } finally {
                isOver.countDown();
            }
            Map<String, Integer> kills = killer.get(2, TimeUnit.MINUTES);
            System.out.println("killed: " + kills);

            assertThat(kills).as("kills of each service").hasSize(sluice.all().size());
            assertAsInGit(sluice, repo);
            assertCommitsAreTheirOwn(sluice, commits);
            assertAllEventsOnce(sluice, commits);
            for (String name : NAMES) {
                Leftovers.assertOnlyStableRuns(sluice, name, REPLICAS);
            }
            Leftovers.assertNoOrphans(sluice);
        }
    }

    private static void awaitSynced(Installation sluice, String commit) {
        await().atMost(LIMIT)
                .untilAsserted(
                        () -> {
                            JsonNode status = sluice.application(APPLICATION).at("/status");
                            assertThat(status.at("/operationState/syncResult/revision").asText())
                                    .as(status.toString())
                                    .isEqualTo(commit);
                            assertThat(status.at("/operationState/phase").asText())
                                    .isEqualTo("Succeeded");
                        });
    }

    /// Kills one service after the other, each time in another order, and starts it again, until
    /// the releases are over.
    private static Map<String, Integer> kill(
            Installation sluice, Random random, CountDownLatch isOver) throws InterruptedException {
        Map<String, Integer> kills = new TreeMap<>();
        List<ServiceProcess> services = new ArrayList<>(sluice.all());
        while (true) {
            Collections.shuffle(services, random);
            for (ServiceProcess victim : services) {
                if (isOver.await(1000 + random.nextInt(3500), TimeUnit.MILLISECONDS)) {
                    return kills;
                }
                victim.kill9();
                kills.merge(victim.name(), 1, Integer::sum);
                victim.restart();
            }
        }
    }

    /// Every object is in the cluster as the last commit has it.
    private static void assertAsInGit(Installation sluice, GitRepo repo) {
        await().atMost(Installation.LIMIT)
                .untilAsserted(
                        () -> {
                            JsonNode status = sluice.application(APPLICATION).at("/status");
                            assertThat(status.at("/sync/revision").asText()).isEqualTo(repo.head());
                            assertThat(status.at("/sync/status").asText())
                                    .as(status.toString())
                                    .isEqualTo("Synced");
                            // Two Services, an Ingress and a Rollout of each shop, and the gate.
                            assertThat(status.at("/resources")).hasSize(SHOPS * 4 + 1);
                            assertThat(status.at("/resources"))
                                    .filteredOn(one -> one.at("/kind").asText().equals("Rollout"))
                                    .hasSize(SHOPS)
                                    .allMatch(
                                            one ->
                                                    one.at("/health/status")
                                                            .asText()
                                                            .equals("Healthy"));
                        });
    }

    /// A release names the commit that changed its Rollout, and no later one. A service that was
    /// away may not know it at all.
    private static void assertCommitsAreTheirOwn(Installation sluice, List<String> commits) {
        List<String> last = commits.subList(commits.size() - SHOPS, commits.size());
        for (int i = 0; i < SHOPS; i++) {
            assertThat(sluice.rollout(NAMES.get(i)).at("/status/release/commit").asText())
                    .as(NAMES.get(i))
                    .isIn("", last.get(i));
        }
    }

    private static void assertAllEventsOnce(Installation sluice, List<String> commits) {
        int each = 1 + RELEASES / SHOPS;
        await().atMost(Installation.LIMIT)
                .untilAsserted(
                        () -> {
                            EventLog log = sluice.events();
                            assertThat(log.syncedCommits(APPLICATION))
                                    .containsExactlyElementsOf(commits);
                            for (String name : NAMES) {
                                assertThat(log.of(name, RolloutEvent.RolloutCompleted.class))
                                        .hasSize(each);
                                assertThat(log.of(name, RolloutEvent.RolloutStarted.class))
                                        .hasSize(each);
                                assertThat(log.of(name, RolloutEvent.StepCompleted.class))
                                        .hasSize((each - 1) * STEP_COUNT);
                            }
                            assertThat(log.analyses())
                                    .hasSize(RELEASES)
                                    .allMatch(one -> one.endsWith(" Successful"));
                        });
        EventLog log = sluice.events();
        log.assertNoEventTwice();
        NAMES.forEach(log::assertOneEndPerAttempt);
    }

    private static Map<String, String> firstFiles() {
        Map<String, String> files = new LinkedHashMap<>();
        files.put("shops/gate.yaml", GATE);
        for (String name : NAMES) {
            files.put("shops/" + name + "-ingress.yaml", inGit(Manifests.ingress(name)));
            for (String role : List.of("stable", "canary")) {
                String service = name + "-" + role;
                files.put("shops/" + service + ".yaml", inGit(Manifests.service(service, name)));
            }
            files.put(rolloutFile(name), rollout(name, 1));
        }
        return files;
    }

    private static String rolloutFile(String name) {
        return "shops/" + name + "-rollout.yaml";
    }

    private static String rollout(String name, int version) {
        return inGit(Manifests.routedCanary(name, REPLICAS, STEPS))
                .replace(image(1), image(version));
    }

    private static String image(int version) {
        return "example.test/app:v" + version;
    }

    /// The Application says which namespace.
    private static String inGit(String manifest) {
        return manifest.replaceAll("\n +namespace: NAMESPACE", "");
    }

    private static String application(String repository) {
        return """
               apiVersion: argoproj.io/v1alpha1
               kind: Application
               metadata:
                 name: %s
                 namespace: NAMESPACE
               spec:
                 project: default
                 source:
                   repoURL: %s
                   path: shops
                   targetRevision: HEAD
                 destination:
                   server: https://kubernetes.default.svc
                   namespace: NAMESPACE
                 syncPolicy:
                   automated:
                     prune: true
                     selfHeal: true
               """
                .formatted(APPLICATION, repository);
    }

    /// A gate that needs no metrics server: a Job that the simulated nodes complete.
    private static final String GATE =
            """
            apiVersion: argoproj.io/v1alpha1
            kind: AnalysisTemplate
            metadata:
              name: gate
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
