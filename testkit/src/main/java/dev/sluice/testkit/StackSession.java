package dev.sluice.testkit;

import io.fabric8.kubernetes.api.model.NamespaceBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;

/// One test class's own corner of a stack: a namespace and a prefix for its Kafka topics.
public final class StackSession {
    private static final Duration LIMIT = Duration.ofSeconds(30);

    private final LocalStack stack;
    private final String namespace;
    private final String topicPrefix;

    private StackSession(LocalStack stack, String namespace, String topicPrefix) {
        this.stack = stack;
        this.namespace = namespace;
        this.topicPrefix = topicPrefix;
    }

    static StackSession open(LocalStack stack, String label, int number) {
        var word = label.toLowerCase(Locale.ROOT).replaceAll("[^a-z0-9]", "");
        var namespace = "%s-%d".formatted(word.substring(0, Math.min(30, word.length())), number);
        createNamespace(stack.controlPlane().client(), namespace, stack.hasControllers());
        return new StackSession(stack, namespace, "t%d.".formatted(number));
    }

    private static void createNamespace(
            KubernetesClient client, String name, boolean hasControllers) {
        client.resource(
                        new NamespaceBuilder()
                                .withNewMetadata()
                                .withName(name)
                                .endMetadata()
                                .build())
                .create();
        long start = System.nanoTime();
        // Pods are refused until the namespace has its service account.
        while (hasControllers
                && client.serviceAccounts().inNamespace(name).withName("default").get() == null) {
            if (Progress.since(start).compareTo(LIMIT) > 0) {
                throw new StackException("namespace %s got no service account".formatted(name));
            }
            Await.pause();
        }
    }

    public LocalStack stack() {
        return stack;
    }

    /// Shared by everybody; do not close it.
    public KubernetesClient client() {
        return stack.controlPlane().client();
    }

    public String namespace() {
        return namespace;
    }

    /// The namespace as its user sees it.
    public Workspace workspace() {
        return new Workspace(stack, namespace);
    }

    public String topicPrefix() {
        return topicPrefix;
    }

    /// A further namespace, for tests of what crosses namespaces.
    public String createNamespace(String suffix) {
        var name = namespace + "-" + suffix;
        createNamespace(client(), name, stack.hasControllers());
        return name;
    }

    /// Points a service at the stack and confines it to this session.
    public Map<String, String> serviceEnvironment() {
        var environment = new LinkedHashMap<>(stack.serviceEnvironment());
        environment.put("SLUICE_NAMESPACE", namespace);
        environment.put("SLUICE_KAFKA_TOPIC_PREFIX", topicPrefix);
        return environment;
    }
}
