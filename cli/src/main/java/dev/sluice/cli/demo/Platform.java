package dev.sluice.cli.demo;

import dev.sluice.testkit.Commands;
import dev.sluice.testkit.GitRepo;
import dev.sluice.testkit.LocalStack;
import dev.sluice.testkit.Projects;
import dev.sluice.testkit.ServiceProcess;
import dev.sluice.testkit.Tool;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/// What the people of the story do: commit to Git (the Git host then calls the webhook), create the
/// Application, and use the stock kubectl plugin.
final class Platform {
    private static final String API = "argoproj.io/v1alpha1";
    private static final String FOLDER = "apps/checkout";

    private final LocalStack stack;
    private final GitRepo repo;
    private final ServiceProcess sync;
    private final HttpClient http = HttpClient.newHttpClient();

    Platform(LocalStack stack, GitRepo repo, ServiceProcess sync) {
        this.stack = stack;
        this.repo = repo;
        this.sync = sync;
    }

    /// An object that does not exist yet.
    static GenericKubernetesResource empty() {
        GenericKubernetesResource none = new GenericKubernetesResource();
        none.setMetadata(new ObjectMetaBuilder().withGeneration(0L).build());
        return none;
    }

    /// Commits the guide's manifests and the demo's overlay.
    void commitFirst() {
        Path samples = Projects.root().resolve("k8s/samples/demo");
        Path target = repo.work().resolve(FOLDER);
        try (Stream<Path> files = Files.walk(samples)) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                Path copy = target.resolve(samples.relativize(file));
                Files.createDirectories(copy.getParent());
                String text = Files.readString(file);
                boolean isLocal = file.endsWith("overlay/prometheus.yaml");
                Files.writeString(copy, isLocal ? localised(text) : text);
            }
        } catch (IOException e) {
            throw new UncheckedIOException("the demo's manifests cannot be copied", e);
        }
        repo.commitAll("Deploy checkout 1.8.0 and payments 2.4.0");
    }

    private String localised(String manifest) {
        URI prometheus = URI.create(stack.prometheus().url());
        return manifest.replace("value: \"9090\"", "value: \"" + prometheus.getPort() + "\"");
    }

    /// Creates the guide's Application; only repoURL and path differ.
    void createApplication() {
        try {
            String manifest =
                    Files.readString(Projects.root().resolve("k8s/samples/application.yaml"))
                            .replace(
                                    "https://github.com/example-org/platform-gitops.git",
                                    repo.url())
                            .replace("path: apps/checkout", "path: " + FOLDER + "/overlay");
            stack.controlPlane().client().resource(manifest).create();
        } catch (IOException e) {
            throw new UncheckedIOException("the Application's sample cannot be read", e);
        }
    }

    /// Commits another image tag of one workload; answers the commit.
    String commitImage(String workload, String from, String to) {
        return commitImages(Map.of(workload + ":" + from, workload + ":" + to));
    }

    /// Commits other image tags; answers the commit.
    String commitImages(Map<String, String> replacements) {
        Path base = repo.work().resolve(FOLDER).resolve("base");
        for (Map.Entry<String, String> replacement : replacements.entrySet()) {
            String workload = replacement.getKey().substring(0, replacement.getKey().indexOf(':'));
            Path file = base.resolve(workload + ".yaml");
            try {
                String before = Files.readString(file);
                if (!before.contains(replacement.getKey())) {
                    throw new DemoFailure(file + " does not contain " + replacement.getKey());
                }
                Files.writeString(
                        file, before.replace(replacement.getKey(), replacement.getValue()));
            } catch (IOException e) {
                throw new UncheckedIOException("cannot edit " + file, e);
            }
        }
        String commit = repo.commitAll("Release " + String.join(", ", replacements.values()));
        callWebhook(commit);
        return commit;
    }

    /// Asks for a comparison with Git, as users do.
    void refresh() {
        stack.controlPlane()
                .client()
                .genericKubernetesResources(API, "Application")
                .inNamespace(Demo.CONTROL)
                .withName("checkout")
                .patch(
                        PatchContext.of(PatchType.JSON_MERGE),
                        "{\"metadata\":{\"annotations\":"
                                + "{\"argocd.argoproj.io/refresh\":\"normal\"}}}");
    }

    /// Runs the stock plugin: `kubectl argo rollouts <verb> <rollout>`.
    String plugin(String verb, String rollout) {
        List<String> command =
                List.of(
                        stack.binaries().path(Tool.ARGO_ROLLOUTS_PLUGIN).toString(),
                        verb,
                        rollout,
                        "--namespace",
                        Demo.NAMESPACE,
                        "--kubeconfig",
                        stack.controlPlane().kubeconfig().toString());
        Commands.Result result = Commands.run(Path.of("."), Map.of(), command);
        if (result.code() != 0) {
            throw new DemoFailure(
                    "kubectl argo rollouts %s %s failed: %s"
                            .formatted(verb, rollout, result.output()));
        }
        return "$ kubectl argo rollouts %s %s → %s"
                .formatted(verb, rollout, result.output().strip());
    }

    /// What the Git host does after a push: a signed call of sync-service's webhook.
    private void callWebhook(String commit) {
        String body =
                """
                {"ref":"refs/heads/main","after":"%s","repository":{"html_url":"%s","default_branch":"main"},
                 "commits":[{"added":[],"removed":[],"modified":["%s/base/checkout.yaml"]}]}
                """
                        .formatted(commit, repo.url().replaceAll("\\.git$", ""), FOLDER);
        HttpRequest request =
                HttpRequest.newBuilder(URI.create(sync.url() + "/api/webhook"))
                        .header("Content-Type", "application/json")
                        .header("X-GitHub-Event", "push")
                        .header("X-Hub-Signature-256", "sha256=" + signature(body))
                        .POST(HttpRequest.BodyPublishers.ofString(body))
                        .build();
        try {
            HttpResponse<String> answer = http.send(request, HttpResponse.BodyHandlers.ofString());
            if (answer.statusCode() != 200) {
                throw new DemoFailure(
                        "the webhook answered %d: %s"
                                .formatted(answer.statusCode(), answer.body()));
            }
        } catch (IOException e) {
            throw new UncheckedIOException("the webhook cannot be called", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new DemoFailure("interrupted");
        }
    }

    private static String signature(String body) {
        try {
            Mac mac = Mac.getInstance("HmacSHA256");
            mac.init(
                    new SecretKeySpec(
                            Demo.WEBHOOK_SECRET.getBytes(StandardCharsets.UTF_8), "HmacSHA256"));
            return HexFormat.of().formatHex(mac.doFinal(body.getBytes(StandardCharsets.UTF_8)));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every JDK has HmacSHA256", e);
        }
    }
}
