package dev.sluice.cli.demo;

import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.informers.ResourceEventHandler;
import io.fabric8.kubernetes.client.informers.SharedIndexInformer;
import java.io.PrintStream;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentSkipListSet;
import java.util.function.Consumer;

/// Watches the release and prints a line whenever something that a person cares about changes:
/// sync, phase, step, weights wanted and observed, measurements, verdicts. It also keeps what it
/// has
/// seen, so that the story can be checked against it.
final class Narrator implements AutoCloseable {
    private static final String API = "argoproj.io/v1alpha1";

    private final KubernetesClient client;
    private final PrintStream out;
    private final Instant start;
    private final Map<String, String> lastLine = new LinkedHashMap<>();
    private final Map<String, Set<Integer>> observedWeights = new ConcurrentHashMap<>();
    private final List<SharedIndexInformer<GenericKubernetesResource>> informers =
            new ArrayList<>();

    Narrator(KubernetesClient client, List<String> namespaces, PrintStream out, Instant start) {
        this.client = client;
        this.out = out;
        this.start = start;
        for (String namespace : namespaces) {
            follow("Application", namespace, this::application);
            follow("Rollout", namespace, this::rollout);
            follow("AnalysisRun", namespace, this::analysisRun);
        }
    }

    /// A heading of the story.
    void chapter(String text) {
        say("");
        say("━━ " + text);
    }

    /// One line with the time since the start.
    synchronized void say(String text) {
        if (text.isEmpty()) {
            out.println();
            return;
        }
        Duration since = Duration.between(start, Instant.now());
        out.printf("%4d.%ds  %s%n", since.toSeconds(), since.toMillisPart() / 100, text);
    }

    /// Canary weights that were observed on a revision, by `rollout/hash`.
    Set<Integer> observedWeights(String rollout, String hash) {
        return observedWeights.getOrDefault(rollout + "/" + hash, Set.of());
    }

    @Override
    public void close() {
        informers.forEach(SharedIndexInformer::close);
    }

    private void follow(String kind, String namespace, Consumer<GenericKubernetesResource> teller) {
        informers.add(
                client.genericKubernetesResources(API, kind)
                        .inNamespace(namespace)
                        .inform(
                                new ResourceEventHandler<>() {
                                    @Override
                                    public void onAdd(GenericKubernetesResource object) {
                                        teller.accept(object);
                                    }

                                    @Override
                                    public void onUpdate(
                                            GenericKubernetesResource old,
                                            GenericKubernetesResource object) {
                                        teller.accept(object);
                                    }

                                    @Override
                                    public void onDelete(
                                            GenericKubernetesResource object, boolean isUnknown) {
                                        say(
                                                kind
                                                        + " "
                                                        + object.getMetadata().getName()
                                                        + " deleted");
                                    }
                                }));
    }

    private void application(GenericKubernetesResource application) {
        String commit = Fields.text(application, "status", "sync", "revision");
        String operation = Fields.text(application, "status", "operationState", "phase");
        String rejected =
                Fields.list(application, "status", "rejectedRevisions").isEmpty()
                        ? ""
                        : "  (a revision is rejected)";
        changed(
                "app " + application.getMetadata().getName(),
                "%s  health %s  commit %s  operation %s%s"
                        .formatted(
                                Fields.text(application, "status", "sync", "status"),
                                Fields.text(application, "status", "health", "status"),
                                commit.substring(0, Math.min(7, commit.length())),
                                operation,
                                rejected));
    }

    private void rollout(GenericKubernetesResource rollout) {
        String name = rollout.getMetadata().getName();
        int steps = Fields.list(rollout, "spec", "strategy", "canary", "steps").size();
        Optional<Integer> observed =
                Fields.number(rollout, "status", "canary", "weights", "canary", "weight");
        Optional<Integer> wanted =
                Fields.number(rollout, "status", "trafficPlan", "weights", "canary");
        String hash =
                Fields.text(rollout, "status", "canary", "weights", "canary", "podTemplateHash");
        observed.ifPresent(
                weight ->
                        observedWeights
                                .computeIfAbsent(
                                        name + "/" + hash, key -> new ConcurrentSkipListSet<>())
                                .add(weight));
        StringBuilder line = new StringBuilder(Fields.text(rollout, "status", "phase"));
        if (steps > 0) {
            line.append("  step ")
                    .append(Fields.text(rollout, "status", "currentStepIndex"))
                    .append('/')
                    .append(steps)
                    .append("  canary weight wanted ")
                    .append(wanted.map(String::valueOf).orElse("-"))
                    .append(" observed ")
                    .append(observed.map(String::valueOf).orElse("-"));
        } else {
            line.append("  active ")
                    .append(Fields.text(rollout, "status", "blueGreen", "activeSelector"))
                    .append("  preview ")
                    .append(Fields.text(rollout, "status", "blueGreen", "previewSelector"));
        }
        String message = Fields.text(rollout, "status", "message");
        String why = Fields.text(rollout, "status", "why", "message");
        if (!message.isEmpty()) {
            line.append("  | ").append(message);
        }
        if (!why.isEmpty() && !why.equals(message)) {
            line.append("  | why: ").append(why);
        }
        changed("rollout " + name, line.toString());
    }

    private void analysisRun(GenericKubernetesResource run) {
        String name = run.getMetadata().getName();
        for (Object result : Fields.list(run, "status", "metricResults")) {
            int number = 0;
            for (Object measurement : Fields.list(result, "measurements")) {
                number++;
                changed(
                        "measured %s #%d".formatted(name, number),
                        "%s = %s  %s %s"
                                .formatted(
                                        Fields.text(result, "name"),
                                        Fields.text(measurement, "value"),
                                        Fields.text(measurement, "phase"),
                                        Fields.text(measurement, "message")));
            }
        }
        String phase = Fields.text(run, "status", "phase");
        if (!phase.isEmpty()) {
            changed(
                    "analysis " + name,
                    (phase + "  " + Fields.text(run, "status", "message")).strip());
        }
    }

    private void changed(String subject, String line) {
        synchronized (lastLine) {
            if (line.equals(lastLine.put(subject, line))) {
                return;
            }
        }
        say("%-34s %s".formatted(subject, line));
    }
}
