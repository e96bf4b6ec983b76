package dev.sluice.testkit;

import io.fabric8.kubernetes.api.model.NodeBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.PodCondition;
import io.fabric8.kubernetes.api.model.PodConditionBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.fabric8.kubernetes.client.informers.ResourceEventHandler;
import io.fabric8.kubernetes.client.informers.SharedIndexInformer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Stream;

/// A node whose pods really answer requests, each at an address of its own.
///
/// It plays the kubelet for them. A pod gets an address and a server, and only then is ready. A
/// pod that is to end goes on answering for its whole `terminationGracePeriodSeconds`, as one with
/// a `preStop` pause does; then its connections are reset, new ones refused, and it is gone. Only
/// pods that ask for the node come here: see [#POD_SPEC].
public final class AnsweringNode implements AutoCloseable {
    /// The other simulated nodes leave its pods alone: see stages.yaml.
    static final String NAME = "sluice-answering";

    /// What a pod's spec must have, as YAML.
    public static final String POD_SPEC =
            """
            nodeSelector: {kubernetes.io/hostname: sluice-answering}
            tolerations: [{key: sluice.dev/answering, operator: Exists}]
            """;

    /// Response headers: the pod's name, and its label `rollouts-pod-template-hash`.
    public static final String POD_HEADER = "x-pod";

    public static final String REVISION_HEADER = "x-revision";

    private static final String REVISION_LABEL = "rollouts-pod-template-hash";

    private final KubernetesClient client;
    private final PodAddresses addresses;
    private final int port;
    private final ScheduledExecutorService kubelet = Executors.newSingleThreadScheduledExecutor();
    private final Map<String, PodServer> servers = new ConcurrentHashMap<>();
    private final Map<String, Future<?>> ending = new ConcurrentHashMap<>();
    private final AtomicBoolean isClosed = new AtomicBoolean();
    private final SharedIndexInformer<Pod> pods;

    private AnsweringNode(KubernetesClient client, PodAddresses addresses, int port) {
        this.client = client;
        this.addresses = addresses;
        this.port = port;
        this.pods =
                client.pods()
                        .inAnyNamespace()
                        .withField("spec.nodeName", NAME)
                        .inform(
                                new ResourceEventHandler<>() {
                                    @Override
                                    public void onAdd(Pod pod) {
                                        kubelet.execute(() -> look(pod));
                                    }

                                    @Override
                                    public void onUpdate(Pod former, Pod pod) {
                                        kubelet.execute(() -> look(pod));
                                    }

                                    @Override
                                    public void onDelete(Pod pod, boolean isLastStateUnknown) {
                                        kubelet.execute(() -> stop(uid(pod)));
                                    }
                                });
    }

    /// Why this machine cannot do it, if so.
    public static Optional<String> obstacle() {
        return PodAddresses.obstacle();
    }

    /// Adds the node to the stack's cluster, until it is closed.
    public static AnsweringNode start(LocalStack stack) {
        stack.require(Part.NODES);
        var addresses = PodAddresses.claim(stack.folder());
        var client = stack.controlPlane().newClient();
        client.resource(
                        new NodeBuilder()
                                .withNewMetadata()
                                .withName(NAME)
                                .addToLabels("kubernetes.io/hostname", NAME)
                                .addToLabels("kubernetes.io/os", "linux")
                                .endMetadata()
                                .withNewSpec()
                                .addNewTaint()
                                .withKey("sluice.dev/answering")
                                .withEffect("NoSchedule")
                                .endTaint()
                                .endSpec()
                                .build())
                .create();
        var node = new AnsweringNode(client, addresses, stack.reservePort());
        stack.adopt(node);
        return node;
    }

    /// The one that every pod listens on.
    public int port() {
        return port;
    }

    private void look(Pod pod) {
        try {
            if (pod.getMetadata().getDeletionTimestamp() != null) {
                end(pod);
            } else if (!servers.containsKey(uid(pod))) {
                run(pod);
            }
        } catch (KubernetesClientException e) {
            Progress.say("pod %s: %s", pod.getMetadata().getName(), e);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot serve " + pod.getMetadata().getName(), e);
        }
    }

    private void run(Pod pod) throws IOException {
        var address = addresses.next();
        servers.put(
                uid(pod),
                new PodServer(
                        address,
                        port,
                        List.of(
                                POD_HEADER + ": " + pod.getMetadata().getName(),
                                REVISION_HEADER
                                        + ": "
                                        + Objects.requireNonNullElse(
                                                pod.getMetadata().getLabels().get(REVISION_LABEL),
                                                "none"))));
        Pod running =
                new PodBuilder()
                        .withNewStatus()
                        .withPhase("Running")
                        .withStartTime(now())
                        .withPodIP(address)
                        .addNewPodIP(address)
                        .withConditions(
                                Stream.of("Initialized", "ContainersReady", "Ready")
                                        .map(AnsweringNode::isTrue)
                                        .toList())
                        .endStatus()
                        .build();
        client.pods()
                .inNamespace(pod.getMetadata().getNamespace())
                .withName(pod.getMetadata().getName())
                .subresource("status")
                .patch(
                        PatchContext.of(PatchType.STRATEGIC_MERGE),
                        client.getKubernetesSerialization().asJson(running));
    }

    private static PodCondition isTrue(String type) {
        return new PodConditionBuilder()
                .withType(type)
                .withStatus("True")
                .withLastTransitionTime(now())
                .build();
    }

    private static String now() {
        return Instant.now().truncatedTo(ChronoUnit.SECONDS).toString();
    }

    private void end(Pod pod) {
        long grace =
                Objects.requireNonNullElse(pod.getMetadata().getDeletionGracePeriodSeconds(), 0L);
        ending.computeIfAbsent(
                uid(pod), _ -> kubelet.schedule(() -> remove(pod), grace, TimeUnit.SECONDS));
    }

    private void remove(Pod pod) {
        stop(uid(pod));
        try {
            client.resource(pod).withGracePeriod(0).delete();
        } catch (KubernetesClientException e) {
            Progress.say("pod %s is not removed: %s", pod.getMetadata().getName(), e);
        }
    }

    private void stop(String uid) {
        var server = servers.remove(uid);
        if (server != null) {
            server.close();
        }
    }

    private static String uid(Pod pod) {
        return pod.getMetadata().getUid();
    }

    @Override
    public void close() {
        if (!isClosed.compareAndSet(false, true)) {
            return; // a stack closes what is left open
        }
        pods.close();
        kubelet.shutdownNow();
        servers.values().forEach(PodServer::close);
        servers.clear();
        client.nodes().withName(NAME).delete();
        client.close();
        addresses.close();
    }
}
