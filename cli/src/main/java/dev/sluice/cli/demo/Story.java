package dev.sluice.cli.demo;

import dev.sluice.testkit.GitRepo;
import dev.sluice.testkit.LocalStack;
import dev.sluice.testkit.ServiceProcess;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Supplier;

/// What must happen, in order. Each expectation waits a bounded time; when it is not met the demo
/// fails and says what was seen.
final class Story {
    private static final String API = "argoproj.io/v1alpha1";
    private static final String HASH = "rollouts-pod-template-hash";
    private static final Duration RELEASE = Duration.ofMinutes(2);
    private static final Duration MOMENT = Duration.ofMinutes(1);

    private final KubernetesClient client;
    private final Narrator narrator;
    private final Platform platform;
    private final Map<String, ServiceProcess> services;

    Story(LocalStack stack, Map<String, ServiceProcess> services, Narrator narrator) {
        this.client = stack.controlPlane().client();
        this.narrator = narrator;
        this.services = Map.copyOf(services);
        GitRepo repo = stack.git().createRepository("platform-gitops");
        this.platform = new Platform(stack, repo, service("sync-service"));
    }

    void play() {
        narrator.chapter("1. The first commit: checkout 1.8.0 and payments 2.4.0 are deployed");
        platform.commitFirst();
        platform.createApplication();
        expect("checkout healthy", RELEASE, () -> phase("checkout").equals("Healthy"));
        expect("payments healthy", RELEASE, () -> phase("payments").equals("Healthy"));
        String first = stable("checkout");

        narrator.chapter("2. A good version: checkout 1.9.0 passes its gates");
        platform.commitImage("checkout", "1.8.0", "1.9.0");
        expect(
                "checkout 1.9.0 promoted",
                RELEASE,
                () -> phase("checkout").equals("Healthy") && !stable("checkout").equals(first));
        String good = stable("checkout");
        expectWeights(good, Set.of(10, 50, 100));
        requireSelector("checkout-stable", good);

        narrator.chapter("3. A bad version: checkout 2.0.0 answers with errors");
        String badCommit = platform.commitImage("checkout", "1.9.0", "2.0.0");
        expect("checkout 2.0.0 aborted", RELEASE, this::isAborted);
        expect("traffic back on 1.9.0", MOMENT, () -> canaryWeight() == 0);
        requireSelector("checkout-stable", good);
        require(stable("checkout").equals(good), "the stable revision changed in an abort");

        narrator.chapter("4. Somebody undoes it; automated sync must not bring 2.0.0 back");
        expect("the commit is rejected", MOMENT, () -> isRejected(badCommit));
        narrator.say(platform.plugin("undo", "checkout"));
        expect("1.9.0 healthy again", MOMENT, () -> phase("checkout").equals("Healthy"));
        platform.refresh();
        expect("Git and cluster differ", MOMENT, () -> syncStatus().equals("OutOfSync"));
        requireForAWhile("2.0.0 was applied again", () -> image("checkout").endsWith(":1.9.0"));

        narrator.chapter("5. Git moves on: checkout back to 1.9.0, payments 2.5.0 as blue-green");
        String oldActive = selector("payments-active");
        platform.commitImages(
                Map.of("checkout:2.0.0", "checkout:1.9.0", "payments:2.4.0", "payments:2.5.0"));
        expect("payments paused before the switch", RELEASE, this::paymentsWaits);
        require(
                selector("payments-active").equals(oldActive),
                "production was switched before a person promoted it");
        require(
                !selector("payments-preview").equals(oldActive),
                "the preview does not show the new version");
        narrator.say(platform.plugin("promote", "payments"));
        expect(
                "payments 2.5.0 live and checked",
                RELEASE,
                () ->
                        phase("payments").equals("Healthy")
                                && !selector("payments-active").equals(oldActive));
        expect("in sync again", MOMENT, () -> syncStatus().equals("Synced"));

        narrator.chapter("6. What the journal remembers of checkout");
        new JournalReader(service("rollout-service").url(), narrator)
                .show(rollout("checkout").getMetadata().getUid());
    }

    private ServiceProcess service(String name) {
        ServiceProcess found = services.get(name);
        if (found == null) {
            throw new IllegalArgumentException("no service " + name);
        }
        return found;
    }

    private boolean isAborted() {
        return Fields.text(rollout("checkout"), "status", "abort").equals("true")
                && phase("checkout").equals("Degraded");
    }

    private boolean paymentsWaits() {
        return Fields.list(rollout("payments"), "status", "pauseConditions").stream()
                .anyMatch(c -> Fields.text(c, "reason").equals("BlueGreenPause"));
    }

    private boolean isRejected(String commit) {
        return Fields.list(application(), "status", "rejectedRevisions").stream()
                .anyMatch(r -> Fields.text(r, "revision").equals(commit));
    }

    /// The narrator hears of each status in turn, and may still be on its way to the last one.
    private void expectWeights(String hash, Set<Integer> wanted) {
        expect(
                "canary weights %s observed".formatted(new TreeSet<>(wanted)),
                MOMENT,
                () -> narrator.observedWeights("checkout", hash).containsAll(wanted));
    }

    private void requireSelector(String service, String hash) {
        expect(
                "service %s selects %s".formatted(service, hash),
                MOMENT,
                () -> selector(service).equals(hash));
    }

    private void requireForAWhile(String otherwise, Supplier<Boolean> condition) {
        Instant end = Instant.now().plusSeconds(8);
        while (Instant.now().isBefore(end)) {
            require(condition.get(), otherwise);
            pause();
        }
        narrator.say("✔ still 1.9.0 eight seconds and a refresh later");
    }

    private void expect(String what, Duration limit, Supplier<Boolean> condition) {
        Instant end = Instant.now().plus(limit);
        while (!condition.get()) {
            if (Instant.now().isAfter(end)) {
                throw new DemoFailure(
                        "'%s' did not come within %d s. checkout: %s | payments: %s | app: %s"
                                .formatted(
                                        what,
                                        limit.toSeconds(),
                                        describe("checkout"),
                                        describe("payments"),
                                        Fields.list(application(), "status", "conditions")));
            }
            pause();
        }
        narrator.say("✔ " + what);
    }

    private static void require(boolean condition, String otherwise) {
        if (!condition) {
            throw new DemoFailure(otherwise);
        }
    }

    private static void pause() {
        try {
            Thread.sleep(150);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new DemoFailure("interrupted");
        }
    }

    private String describe(String rollout) {
        return phase(rollout) + " " + Fields.text(rollout(rollout), "status", "message");
    }

    private String phase(String rollout) {
        GenericKubernetesResource found = rollout(rollout);
        return Fields.text(found, "status", "observedGeneration")
                        .equals(String.valueOf(found.getMetadata().getGeneration()))
                ? Fields.text(found, "status", "phase")
                : "";
    }

    private String stable(String rollout) {
        return Fields.text(rollout(rollout), "status", "stableRS");
    }

    private String image(String rollout) {
        return Fields.list(rollout(rollout), "spec", "template", "spec", "containers").stream()
                .map(container -> Fields.text(container, "image"))
                .findFirst()
                .orElse("");
    }

    private int canaryWeight() {
        return Fields.number(rollout("checkout"), "status", "canary", "weights", "canary", "weight")
                .orElse(-1);
    }

    private String selector(String name) {
        Service service = client.services().inNamespace(Demo.NAMESPACE).withName(name).get();
        String hash = service == null ? null : service.getSpec().getSelector().get(HASH);
        return hash == null ? "" : hash;
    }

    private GenericKubernetesResource rollout(String name) {
        GenericKubernetesResource found =
                client.genericKubernetesResources(API, "Rollout")
                        .inNamespace(Demo.NAMESPACE)
                        .withName(name)
                        .get();
        return found == null ? Platform.empty() : found;
    }

    private String syncStatus() {
        return Fields.text(application(), "status", "sync", "status");
    }

    private GenericKubernetesResource application() {
        GenericKubernetesResource found =
                client.genericKubernetesResources(API, "Application")
                        .inNamespace(Demo.CONTROL)
                        .withName("checkout")
                        .get();
        return found == null ? Platform.empty() : found;
    }
}
