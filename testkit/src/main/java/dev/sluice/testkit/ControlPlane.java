package dev.sluice.testkit;

import io.fabric8.kubernetes.api.model.NodeBuilder;
import io.fabric8.kubernetes.api.model.apiextensions.v1.CustomResourceDefinition;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Optional;

/// etcd and kube-apiserver and, when asked for, the controllers, the scheduler and simulated nodes.
///
/// Also stands for an existing cluster that somebody gave us a kubeconfig of; then nothing is
/// started or stopped.
public final class ControlPlane implements AutoCloseable {
    private static final Duration LIMIT = Duration.ofSeconds(90);
    private static final int PORT_ATTEMPTS = 4;

    private final Path folder;
    private final Path kubeconfig;
    private final String server;
    private final KubernetesClient client;
    private final List<GuardedProcess> processes = new ArrayList<>();

    private ControlPlane(Path folder, Path kubeconfig, String server) {
        this.folder = folder;
        this.kubeconfig = kubeconfig;
        this.server = server;
        this.client = newClient();
    }

    /// Starts etcd and kube-apiserver and waits until they serve.
    static ControlPlane start(Path folder, Ports ports, Binaries binaries, Instant now) {
        binaries.prepare(List.of(Tool.ETCD, Tool.KUBE_APISERVER));
        for (int attempt = 1; ; attempt++) {
            var started = tryStart(Folders.create(folder), ports, binaries, now);
            if (started.isPresent()) {
                return started.get();
            }
            if (attempt == PORT_ATTEMPTS) {
                throw new StackException(
                        "the control plane did not start:%n%s%n%s"
                                .formatted(
                                        GuardedProcess.tail(folder.resolve("etcd.log"), 10),
                                        GuardedProcess.tail(
                                                folder.resolve("kube-apiserver.log"), 10)));
            }
            Folders.delete(folder.resolve("etcd"));
        }
    }

    static ControlPlane existing(Path kubeconfig) {
        var config = Config.fromKubeconfig(kubeconfig.toFile());
        return new ControlPlane(Folders.parentOf(kubeconfig), kubeconfig, config.getMasterUrl());
    }

    private static Optional<ControlPlane> tryStart(
            Path folder, Ports ports, Binaries binaries, Instant now) {
        int port = ports.reserve();
        var server = "https://127.0.0.1:" + port;
        var etcdUrl = "http://127.0.0.1:" + ports.reserve();
        writeCredentials(folder, server, now);
        var plane = new ControlPlane(folder, folder.resolve("kubeconfig"), server);
        var etcd =
                GuardedProcess.start(
                        etcd(folder, binaries.path(Tool.ETCD), etcdUrl, ports.reserve()));
        plane.processes.add(etcd);
        var apiServer =
                GuardedProcess.start(
                        apiServer(folder, binaries.path(Tool.KUBE_APISERVER), etcdUrl, port));
        plane.processes.add(apiServer);
        boolean ready = false;
        try {
            ready =
                    Await.ready(
                            apiServer,
                            LIMIT,
                            () -> {
                                if (!etcd.isAlive()) {
                                    apiServer.kill9(); // seen as ended by the wait
                                }
                                return plane.answers("/readyz");
                            });
        } finally {
            if (!ready) {
                plane.close();
            }
        }
        return ready ? Optional.of(plane) : Optional.empty();
    }

    private static void writeCredentials(Path folder, String server, Instant now) {
        var authority = new CertificateAuthority(now);
        var serving =
                authority.server(
                        List.of(
                                "localhost",
                                "kubernetes",
                                "kubernetes.default",
                                "kubernetes.default.svc"),
                        List.of("127.0.0.1", "10.96.0.1"),
                        now);
        var admin = authority.client("O=system:masters,CN=sluice-admin", now);
        try {
            Files.writeString(folder.resolve("ca.crt"), authority.certificate());
            Files.writeString(folder.resolve("server.crt"), serving.certificate());
            Files.writeString(folder.resolve("server.key"), serving.key());
            Files.writeString(
                    folder.resolve("service-accounts.key"), CertificateAuthority.newKey());
            Files.writeString(
                    folder.resolve("kubeconfig"),
                    """
                    apiVersion: v1
                    kind: Config
                    clusters:
                    - name: sluice
                      cluster: {server: "%s", certificate-authority-data: %s}
                    users:
                    - name: admin
                      user: {client-certificate-data: %s, client-key-data: %s}
                    contexts:
                    - name: sluice
                      context: {cluster: sluice, user: admin}
                    current-context: sluice
                    """
                            .formatted(
                                    server,
                                    base64(authority.certificate()),
                                    base64(admin.certificate()),
                                    base64(admin.key())));
        } catch (IOException e) {
            throw new UncheckedIOException("cannot write credentials into " + folder, e);
        }
    }

    private static String base64(String text) {
        return Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.US_ASCII));
    }

    private static GuardedProcess.Spec etcd(Path folder, Path program, String url, int peerPort) {
        var peer = "http://127.0.0.1:" + peerPort;
        return GuardedProcess.Spec.of(
                "etcd",
                List.of(
                        program.toString(),
                        "--data-dir=" + folder.resolve("etcd"),
                        "--listen-client-urls=" + url,
                        "--advertise-client-urls=" + url,
                        "--listen-peer-urls=" + peer,
                        "--initial-advertise-peer-urls=" + peer,
                        "--initial-cluster=default=" + peer,
                        "--log-level=warn",
                        "--unsafe-no-fsync"),
                folder);
    }

    private static GuardedProcess.Spec apiServer(Path folder, Path program, String etcd, int port) {
        return GuardedProcess.Spec.of(
                "kube-apiserver",
                List.of(
                        program.toString(),
                        "--etcd-servers=" + etcd,
                        "--bind-address=127.0.0.1",
                        "--advertise-address=127.0.0.1",
                        "--endpoint-reconciler-type=none",
                        "--secure-port=" + port,
                        "--cert-dir=" + folder.resolve("certs"),
                        "--tls-cert-file=" + folder.resolve("server.crt"),
                        "--tls-private-key-file=" + folder.resolve("server.key"),
                        "--client-ca-file=" + folder.resolve("ca.crt"),
                        "--service-cluster-ip-range=10.96.0.0/12",
                        "--service-account-issuer=https://kubernetes.default.svc",
                        "--service-account-key-file=" + folder.resolve("service-accounts.key"),
                        "--service-account-signing-key-file="
                                + folder.resolve("service-accounts.key"),
                        "--authorization-mode=RBAC,Node",
                        "--allow-privileged",
                        "--profiling=false"),
                folder);
    }

    /// Starts the controllers, the scheduler and the nodes, and waits until the nodes are ready.
    void startNodes(int count, Ports ports, Binaries binaries) {
        binaries.prepare(List.of(Tool.KUBE_CONTROLLER_MANAGER, Tool.KUBE_SCHEDULER, Tool.KWOK));
        createNodes(count);
        launch(
                "kube-controller-manager",
                binaries.path(Tool.KUBE_CONTROLLER_MANAGER),
                ports,
                controllerFlags());
        launch("kube-scheduler", binaries.path(Tool.KUBE_SCHEDULER), ports, clientFlags());
        launchKwok(binaries.path(Tool.KWOK));
        Await.ready(processes.getLast(), LIMIT, () -> readyNodes() == count && hasDefaultAccount());
    }

    private List<String> clientFlags() {
        return List.of(
                "--kubeconfig=" + kubeconfig,
                "--leader-elect=false",
                "--bind-address=127.0.0.1",
                "--kube-api-qps=400",
                "--kube-api-burst=800",
                "--profiling=false");
    }

    private List<String> controllerFlags() {
        var flags = new ArrayList<>(clientFlags());
        flags.add("--service-account-private-key-file=" + folder.resolve("service-accounts.key"));
        flags.add("--root-ca-file=" + folder.resolve("ca.crt"));
        // A control plane on a busy laptop must not evict its pods because a heartbeat came late.
        flags.add("--node-monitor-grace-period=10m");
        return flags;
    }

    private void launch(String name, Path program, Ports ports, List<String> flags) {
        for (int attempt = 1; ; attempt++) {
            int port = ports.reserve();
            var command = new ArrayList<>(List.of(program.toString(), "--secure-port=" + port));
            command.add("--cert-dir=" + folder.resolve(name));
            command.addAll(flags);
            var process = GuardedProcess.start(GuardedProcess.Spec.of(name, command, folder));
            if (Await.ready(process, LIMIT, () -> !Ports.isBindable(port))) {
                processes.add(process);
                return;
            }
            if (attempt == PORT_ATTEMPTS) {
                throw new StackException("%s did not start:%n%s".formatted(name, process.tail(10)));
            }
        }
    }

    private void launchKwok(Path program) {
        var stages = folder.resolve("stages.yaml");
        try (var source = ControlPlane.class.getResourceAsStream("stages.yaml")) {
            if (source == null) {
                throw new StackException("stages.yaml is missing from testkit's jar");
            }
            Files.write(stages, source.readAllBytes());
        } catch (IOException e) {
            throw new UncheckedIOException("cannot write " + stages, e);
        }
        processes.add(
                GuardedProcess.start(
                        GuardedProcess.Spec.of(
                                "kwok",
                                List.of(
                                        program.toString(),
                                        "--kubeconfig=" + kubeconfig,
                                        "--manage-all-nodes=true",
                                        "--node-ip=10.244.0.1",
                                        "--cidr=10.64.0.0/12",
                                        "--node-lease-duration-seconds=40",
                                        "--config=" + stages),
                                folder)));
    }

    private void createNodes(int count) {
        for (int i = 0; i < count; i++) {
            var name = "sluice-node-" + i;
            var node =
                    new NodeBuilder()
                            .withNewMetadata()
                            .withName(name)
                            .addToLabels("kubernetes.io/hostname", name)
                            .addToLabels("kubernetes.io/os", "linux")
                            .addToLabels("kubernetes.io/arch", "amd64")
                            .addToLabels("topology.kubernetes.io/zone", "zone-" + i % 3)
                            .addToAnnotations("kwok.x-k8s.io/node", "fake")
                            .endMetadata()
                            .build();
            client.nodes().resource(node).create();
        }
    }

    private long readyNodes() {
        return client.nodes().list().getItems().stream()
                .filter(
                        node ->
                                node.getStatus().getConditions().stream()
                                        .anyMatch(
                                                condition ->
                                                        "Ready".equals(condition.getType())
                                                                && "True"
                                                                        .equals(
                                                                                condition
                                                                                        .getStatus())))
                .filter(node -> node.getSpec().getTaints().isEmpty())
                .count();
    }

    private boolean hasDefaultAccount() {
        return client.serviceAccounts().inNamespace("default").withName("default").get() != null;
    }

    private boolean answers(String path) {
        try {
            return "ok".equals(client.raw(path));
        } catch (KubernetesClientException e) {
            return false;
        }
    }

    /// Applies every CustomResourceDefinition in these folders or files and waits until they serve.
    public void applyCrds(List<Path> sources) {
        var files = sources.stream().flatMap(ControlPlane::yamlFiles).toList();
        if (files.isEmpty()) {
            throw new StackException("no CustomResourceDefinition found in " + sources);
        }
        var definitions =
                files.stream()
                        .map(
                                file ->
                                        client.apiextensions()
                                                .v1()
                                                .customResourceDefinitions()
                                                .load(file.toFile())
                                                .item())
                        .toList();
        definitions.forEach(this::apply);
        definitions.forEach(this::awaitServed);
    }

    /// Applies the definition and waits until its objects are served.
    public void install(CustomResourceDefinition definition) {
        apply(definition);
        awaitServed(definition);
    }

    private void apply(CustomResourceDefinition definition) {
        client.resource(definition).forceConflicts().serverSideApply();
    }

    /// That a definition is established is written down a moment before the server acts on it; once
    /// the discovery tells of the kind, its objects are served and clients find it.
    private void awaitServed(CustomResourceDefinition definition) {
        long start = System.nanoTime();
        while (!isServed(definition)) {
            if (Progress.since(start).compareTo(LIMIT) > 0) {
                throw new StackException(
                        "%s is not served".formatted(definition.getMetadata().getName()));
            }
            Await.pause();
        }
    }

    private boolean isServed(CustomResourceDefinition definition) {
        var spec = definition.getSpec();
        return spec.getVersions().stream()
                .filter(version -> Boolean.TRUE.equals(version.getServed()))
                .allMatch(
                        version ->
                                isDiscovered(
                                        spec.getGroup() + "/" + version.getName(),
                                        spec.getNames().getPlural()));
    }

    private boolean isDiscovered(String groupVersion, String plural) {
        var found = client.getApiResources(groupVersion);
        return found != null
                && found.getResources().stream()
                        .anyMatch(resource -> plural.equals(resource.getName()));
    }

    private static java.util.stream.Stream<Path> yamlFiles(Path source) {
        if (Files.isRegularFile(source)) {
            return java.util.stream.Stream.of(source);
        }
        try (var entries = Files.list(source)) {
            return entries
                    .filter(file -> file.toString().endsWith(".yaml"))
                    .sorted()
                    .toList()
                    .stream();
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read CRDs from " + source, e);
        }
    }

    /// The administrator's kubeconfig; the certificates are inside, nothing else is needed.
    public Path kubeconfig() {
        return kubeconfig;
    }

    public String server() {
        return server;
    }

    /// The stack's own client; do not close it.
    public KubernetesClient client() {
        return client;
    }

    /// A client of the caller's own, to be closed by the caller.
    public KubernetesClient newClient() {
        var config = Config.fromKubeconfig(kubeconfig.toFile());
        config.setRequestRetryBackoffLimit(0); // a test sees the first answer, not the tenth
        config.setMaxConcurrentRequestsPerHost(64);
        return new KubernetesClientBuilder().withConfig(config).build();
    }

    List<GuardedProcess> processes() {
        return List.copyOf(processes);
    }

    boolean isHealthy() {
        return processes.stream().allMatch(GuardedProcess::isAlive) && answers("/readyz");
    }

    @Override
    public void close() {
        client.close();
        // Clients first, etcd last. Nothing here is worth saving, and kube-apiserver takes its time
        // when asked politely.
        processes.reversed().forEach(GuardedProcess::kill9);
        processes.clear();
    }
}
