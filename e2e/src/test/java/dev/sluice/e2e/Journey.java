package dev.sluice.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import dev.sluice.testkit.AnsweringNode;
import dev.sluice.testkit.Edge;
import dev.sluice.testkit.EnvoyGateway;
import dev.sluice.testkit.Load;
import dev.sluice.testkit.ServiceProcess;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.stream.Collectors;

/// A Rollout behind the proxy, under load from when it first serves until the journey ends; then
/// every request must have been answered by one of its pods.
final class Journey implements AutoCloseable {
    private static final int REPLICAS = 4;
    private static final int SAMPLE = 300;

    /// Shorter than a proxy is made to lag: pods that go too early are missed.
    static final int GRACE_SECONDS = 10;

    /// Not a measure of anything: all that runs side by side shares a machine that may be busy.
    static final Duration LIMIT = Duration.ofMinutes(6);

    /// Something that was done or seen.
    private record Note(Instant at, String text) {}

    private final Installation sluice;
    private final String name;
    private final Load load;
    private final Queue<Note> notes = new ConcurrentLinkedQueue<>();

    private Journey(Installation sluice, String name, Load load) {
        this.sluice = sluice;
        this.name = name;
        this.load = load;
    }

    /// The moment before: nothing of the Rollout is there yet.
    record Start(Installation sluice, AnsweringNode node, String name) {
        /// @param graceSeconds how long pods that are to end go on answering
        /// @param steps YAML flow list
        /// @param specFields further ones of the Rollout's spec
        /// @param strategyFields further ones of its canary strategy
        Journey canary(
                TrafficRouter router,
                int graceSeconds,
                String steps,
                String specFields,
                String strategyFields) {
            return begin(
                    router,
                    graceSeconds,
                    specFields,
                    """
                    canary:
                      stableService: NAME-stable
                      canaryService: NAME-canary
                      trafficRouting: %s
                      steps: %s
                    """
                                    .formatted(router.trafficRouting(), steps)
                            + strategyFields.indent(2));
        }

        Journey blueGreen(Edge edge) {
            return begin(
                    TrafficRouter.toActive(edge),
                    GRACE_SECONDS,
                    "",
                    """
                    blueGreen:
                      activeService: NAME-active
                      previewService: NAME-preview
                      autoPromotionEnabled: false
                      scaleDownDelaySeconds: 1
                    """);
        }

        private Journey begin(
                TrafficRouter router, int graceSeconds, String specFields, String strategy) {
            for (String service : router.services()) {
                sluice.create(
                        Manifests.service(name + service, name)
                                .replace("targetPort: 8080", "targetPort: " + node.port()));
            }
            String host = name + ".example.test";
            for (String object : router.objects().split("---\n", -1)) {
                sluice.create(
                        named(object)
                                .replaceAll("\\bHOST\\b", host)
                                .replaceAll("\\bEDGE\\b", router.edge().name()));
            }
            String template =
                    """
                    metadata: {labels: {app: NAME}}
                    spec:
                      terminationGracePeriodSeconds: %d
                      containers: [{name: app, image: example.test/app:v1}]
                    """
                                    .formatted(graceSeconds)
                            + AnsweringNode.POD_SPEC.indent(2);
            sluice.create(named(Rollouts.of(REPLICAS, template, strategy) + specFields.indent(2)));
            int port = router.edge().port();
            await(name + " is up")
                    .atMost(LIMIT)
                    .until(() -> sluice.phase(name).equals("Healthy") && Load.isServed(port, host));
            Journey journey = new Journey(sluice, name, Load.start(port, host));
            journey.note("load begins");
            return journey;
        }

        private String named(String manifest) {
            return manifest.replaceAll("\\bNAME\\b", name);
        }
    }

    private void note(String text) {
        notes.add(new Note(Instant.now(), text));
    }

    String name() {
        return name;
    }

    void release(String version) {
        note("release of " + version);
        sluice.setImage(name, "example.test/app:" + version);
    }

    void plugin(String... arguments) {
        note(String.join(" ", arguments));
        sluice.plugin(arguments);
    }

    void promote() {
        plugin("promote", name);
    }

    void abort() {
        plugin("abort", name);
    }

    void kill(ServiceProcess service) {
        note("kill -9 of " + service.name());
        service.kill9();
        service.launchAgain();
        await(service.name() + " is ready").atMost(LIMIT).until(service::isReady);
        note(service.name() + " is back");
    }

    /// What the proxy is told from now on reaches it later.
    void freeze(EnvoyGateway gateway) {
        gateway.freeze();
        note("the proxy learns nothing more");
    }

    void thaw(EnvoyGateway gateway) {
        note("the proxy learns what it has missed");
        gateway.thaw();
    }

    /// From outside, as when a node is drained.
    void deleteOnePodOf(String revision) {
        var pods =
                sluice.client()
                        .pods()
                        .inNamespace(sluice.namespace())
                        .withLabel("app", name)
                        .withLabel(Workspace.HASH, revision);
        String pod =
                pods.list().getItems().stream()
                        .filter(one -> one.getMetadata().getDeletionTimestamp() == null)
                        .findFirst()
                        .orElseThrow()
                        .getMetadata()
                        .getName();
        note("pod %s is deleted".formatted(pod));
        sluice.client().pods().inNamespace(sluice.namespace()).withName(pod).delete();
    }

    JsonNode status() {
        return sluice.rollout(name).at("/status");
    }

    String stable() {
        return status().at("/stableRS").asText();
    }

    /// Waits until the release has halted at this step and no proxy does anything else any more.
    void awaitPausedAt(int step) {
        await("%s halts at step %d".formatted(name, step))
                .atMost(LIMIT)
                .untilAsserted(
                        () -> {
                            assertThat(sluice.phase(name))
                                    .as(status().toString())
                                    .isEqualTo("Paused");
                            assertThat(status().at("/currentStepIndex").asInt()).isEqualTo(step);
                        });
        awaitSettled();
    }

    void awaitPhase(String phase) {
        await("%s is %s".formatted(name, phase))
                .atMost(LIMIT)
                .untilAsserted(
                        () ->
                                assertThat(sluice.phase(name))
                                        .as(status().toString())
                                        .isEqualTo(phase));
    }

    /// Waits until the image is the stable one and only its pods are left.
    void awaitPromoted(String version) {
        sluice.awaitStable(name, "example.test/app:" + version, LIMIT);
        awaitSettled();
        String stable = stable();
        await("%s has only pods of %s".formatted(name, version))
                .atMost(LIMIT)
                .untilAsserted(
                        () ->
                                assertThat(replicas())
                                        .allSatisfy(
                                                (revision, count) ->
                                                        assertThat(count)
                                                                .as(revision)
                                                                .isEqualTo(
                                                                        revision.equals(stable)
                                                                                ? REPLICAS
                                                                                : 0)));
        note("only pods of " + version);
    }

    /// How many pods this revision is to have.
    int replicasOf(String revision) {
        return Objects.requireNonNull(replicas().get(revision), revision);
    }

    private Map<String, Integer> replicas() {
        return new Workspace(sluice.stack(), sluice.namespace())
                .replicaSets(name).stream()
                        .collect(
                                Collectors.toMap(
                                        set ->
                                                Objects.requireNonNull(
                                                        set.getMetadata()
                                                                .getLabels()
                                                                .get(Workspace.HASH)),
                                        set -> set.getSpec().getReplicas()));
    }

    /// Waits until all proxies are known to do what the plan says.
    void awaitSettled() {
        await(name + " has settled")
                .atMost(LIMIT)
                .untilAsserted(
                        () -> {
                            JsonNode plan = status().at("/trafficPlan");
                            assertThat(plan.at("/observed/plan").asLong(-1))
                                    .as(plan.toString())
                                    .isEqualTo(plan.at("/id").asLong());
                            assertThat(plan.at("/live")).isEqualTo(plan.at("/shares"));
                        });
        note("settled at " + status().at("/trafficPlan/shares"));
    }

    /// Waits until no proxy sends anything elsewhere; on its way back traffic may halt at levels.
    void awaitAllTraffic(String revision) {
        await("all traffic of %s goes to %s".formatted(name, revision))
                .atMost(LIMIT)
                .untilAsserted(
                        () ->
                                assertThat(status().at("/trafficPlan/shares"))
                                        .singleElement()
                                        .matches(
                                                share ->
                                                        share.at("/podTemplateHash")
                                                                .asText()
                                                                .equals(revision)));
        awaitSettled();
    }

    /// The new revision gets this share of the requests from now on.
    void assertShare(int percent) {
        JsonNode status = status();
        assertShare(status.at("/currentPodHash").asText(), percent);
    }

    /// This revision gets this share of the requests from now on.
    void assertShare(String revision, int percent) {
        Instant from = Instant.now();
        await("requests to " + name).atMost(LIMIT).until(() -> load.since(from).size() >= SAMPLE);
        List<Load.Answer> answers = load.since(from);
        int hits = (int) answers.stream().filter(one -> one.revision().equals(revision)).count();
        note("%d of %d requests at %d %%".formatted(hits, answers.size(), percent));
        assertThat(new Binomial(answers.size(), percent / 100.0).mayGive(hits))
                .as(
                        "%s: %d of %d requests went to %s, which is to have %d %%",
                        name, hits, answers.size(), revision, percent)
                .isTrue();
    }

    /// Ends the load; fails with all that is known about each request that was lost.
    void assertNothingLost() {
        load.close();
        List<Load.Answer> all = load.all();
        List<Load.Answer> lost = all.stream().filter(Load.Answer::isLost).toList();
        String report =
                notes.stream()
                                .map(note -> "  %s %s".formatted(note.at(), note.text()))
                                .collect(Collectors.joining("\n"))
                        + lost.stream()
                                .map(one -> "\n  lost, while '%s': %s".formatted(during(one), one))
                                .collect(Collectors.joining());
        System.out.printf("%s: %d requests, %d lost%n%s%n", name, all.size(), lost.size(), report);
        assertThat(lost).as(report).isEmpty();
    }

    private String during(Load.Answer answer) {
        return notes.stream()
                .filter(note -> note.at().isBefore(answer.done()))
                .reduce((_, last) -> last)
                .map(Note::text)
                .orElse("before the load");
    }

    @Override
    public void close() {
        load.close();
    }
}
