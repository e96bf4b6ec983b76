package dev.sluice.testkit;

import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;

/// The parts that Sluice needs around it, running on this machine for as long as this object is
/// open.
///
/// Parts not started at first start when they are first asked for. Several stacks run side by side.
/// Closing ends every process and removes the folder; if this JVM dies first, the processes end
/// anyway (see [GuardedProcess]) and the next stack removes the folder.
public final class LocalStack implements AutoCloseable {
    private final StackOptions options;
    private final StackFolder folder;
    private final Ports ports = new Ports();
    private final Binaries binaries = Binaries.standard();
    private final Map<Part, CompletableFuture<AutoCloseable>> parts = new ConcurrentHashMap<>();
    private final Queue<AutoCloseable> adopted = new ConcurrentLinkedQueue<>();
    private final AtomicBoolean isClosed = new AtomicBoolean();
    private final Thread atExit = new Thread(this::closeParts, "sluice-stack-exit");

    /// One process or server of the stack.
    public record PartStatus(String name, long pid, String address, boolean isHealthy) {}

    private LocalStack(StackOptions options) {
        this.options = options;
        this.folder = StackFolder.create(options.name());
        Runtime.getRuntime().addShutdownHook(atExit);
    }

    /// Starts the parts at the same time and waits for all of them.
    ///
    /// @throws StackException when one does not start; then nothing is left running
    public static LocalStack start(StackOptions options) {
        long start = System.nanoTime();
        var stack = new LocalStack(options);
        try {
            stack.require(options.parts());
        } catch (RuntimeException | Error e) {
            stack.close();
            throw e;
        }
        Progress.say(
                "stack '%s' is up after %s: %s",
                options.name(), Progress.elapsed(Progress.since(start)), stack.folder());
        return stack;
    }

    /// Starts those parts that do not run yet.
    public void require(Part... wanted) {
        require(Arrays.asList(wanted));
    }

    public void require(Collection<Part> wanted) {
        try (var executor = Executors.newVirtualThreadPerTaskExecutor()) {
            var started = new EnumMap<Part, CompletableFuture<AutoCloseable>>(Part.class);
            for (var part : Part.withRequirements(wanted)) {
                started.put(
                        part,
                        parts.computeIfAbsent(
                                part,
                                key ->
                                        CompletableFuture.supplyAsync(
                                                () -> startTimed(key), executor)));
            }
            CompletableFuture.allOf(started.values().toArray(CompletableFuture[]::new)).join();
        } catch (CompletionException e) {
            throw unwrapped(e);
        }
    }

    private static RuntimeException unwrapped(CompletionException e) {
        return e.getCause() instanceof StackException known
                ? new StackException(String.valueOf(known.getMessage()), known)
                : new StackException("a part of the stack did not start: " + e.getCause(), e);
    }

    private AutoCloseable startTimed(Part part) {
        long start = System.nanoTime();
        var started = startPart(part);
        Progress.say(
                "%s ready (%s)",
                part.name().toLowerCase(java.util.Locale.ROOT),
                Progress.elapsed(Progress.since(start)));
        return started;
    }

    private AutoCloseable startPart(Part part) {
        return switch (part) {
            case API -> startApi();
            case NODES -> startNodes();
            case KAFKA -> KafkaBroker.start(folder().resolve("kafka"), ports);
            case POSTGRES -> Postgres.start(folder().resolve("postgres"), ports);
            case PROMETHEUS -> Prometheus.start(folder().resolve("prometheus"), ports, binaries);
            case GIT -> GitServer.start(folder().resolve("git"));
        };
    }

    private ControlPlane startApi() {
        var plane =
                options.kubeconfig()
                        .map(ControlPlane::existing)
                        .orElseGet(
                                () ->
                                        ControlPlane.start(
                                                folder().resolve("control-plane"),
                                                ports,
                                                binaries,
                                                Instant.now()));
        if (!options.crds().isEmpty()) {
            try {
                plane.applyCrds(options.crds());
            } catch (RuntimeException e) {
                plane.close();
                throw e;
            }
        }
        return plane;
    }

    private AutoCloseable startNodes() {
        if (options.kubeconfig().isEmpty()) {
            controlPlane().startNodes(options.nodes(), ports, binaries);
        }
        return () -> {}; // its processes belong to the control plane
    }

    private <T> T part(Part part, Class<T> type) {
        if (isClosed.get()) {
            throw new IllegalStateException("the stack is closed");
        }
        require(part);
        var future = parts.get(part);
        if (future == null) {
            throw new IllegalStateException(part + " has gone");
        }
        return type.cast(future.join());
    }

    public ControlPlane controlPlane() {
        return part(Part.API, ControlPlane.class);
    }

    public KafkaBroker kafka() {
        return part(Part.KAFKA, KafkaBroker.class);
    }

    public Postgres postgres() {
        return part(Part.POSTGRES, Postgres.class);
    }

    public Prometheus prometheus() {
        return part(Part.PROMETHEUS, Prometheus.class);
    }

    public GitServer git() {
        return part(Part.GIT, GitServer.class);
    }

    /// Whether something acts on objects; with [Part#API] alone they are only stored.
    boolean hasControllers() {
        return options.kubeconfig().isPresent() || running().containsKey(Part.NODES);
    }

    public Binaries binaries() {
        return binaries;
    }

    public String name() {
        return options.name();
    }

    /// Data and logs of all parts; removed on close, unless `-Dsluice.keep=true`.
    public Path folder() {
        return folder.path();
    }

    /// A TCP port that is this stack's own until it closes.
    public int reservePort() {
        return ports.reserve();
    }

    /// The environment that points a service at this stack.
    public Map<String, String> serviceEnvironment() {
        var environment = new LinkedHashMap<String, String>();
        environment.put("KUBECONFIG", controlPlane().kubeconfig().toString());
        environment.put("KAFKA_BOOTSTRAP_SERVERS", kafka().bootstrapServers());
        environment.put("QUARKUS_DATASOURCE_REACTIVE_URL", postgres().reactiveUrl());
        environment.put("QUARKUS_DATASOURCE_USERNAME", postgres().user());
        environment.put("QUARKUS_DATASOURCE_PASSWORD", postgres().password());
        return environment;
    }

    /// Closes this, too, before the parts it depends on.
    void adopt(AutoCloseable dependent) {
        adopted.add(dependent);
    }

    /// What runs, in the order of [Part].
    public List<PartStatus> status() {
        var rows = new ArrayList<PartStatus>();
        for (var started : running().values()) {
            switch (started) {
                case ControlPlane plane -> addPlane(rows, plane);
                case KafkaBroker kafka -> rows.add(row(kafka.process(), kafka.bootstrapServers()));
                case Postgres postgres -> rows.add(row(postgres.process(), postgres.jdbcUrl()));
                case Prometheus prometheus -> rows.add(row(prometheus.process(), prometheus.url()));
                case GitServer git ->
                        rows.add(
                                new PartStatus(
                                        "git", ProcessHandle.current().pid(), git.url(), true));
                default -> {} // the nodes, listed with the control plane
            }
        }
        return rows;
    }

    private SortedMap<Part, AutoCloseable> running() {
        var running = new TreeMap<Part, AutoCloseable>();
        parts.forEach(
                (part, future) -> {
                    if (future.isDone() && !future.isCompletedExceptionally()) {
                        running.put(part, future.join());
                    }
                });
        return running;
    }

    private static void addPlane(List<PartStatus> rows, ControlPlane plane) {
        if (plane.processes().isEmpty()) {
            rows.add(new PartStatus("cluster", 0, plane.server(), plane.isHealthy()));
        }
        for (var process : plane.processes()) {
            var address = process.name().equals("kube-apiserver") ? plane.server() : "";
            rows.add(row(process, address));
        }
    }

    private static PartStatus row(GuardedProcess process, String address) {
        return new PartStatus(process.name(), process.pid(), address, process.isAlive());
    }

    @Override
    public void close() {
        closeParts();
        try {
            Runtime.getRuntime().removeShutdownHook(atExit);
        } catch (IllegalStateException e) {
            return; // this is the shutdown
        }
    }

    private void closeParts() {
        if (!isClosed.compareAndSet(false, true)) {
            return;
        }
        closeAll(adopted.stream().map(one -> (Supplier<AutoCloseable>) () -> one).toList());
        closeAll(
                parts.values().stream()
                        .map(future -> (Supplier<AutoCloseable>) future::join)
                        .toList());
        ports.close();
        folder.close();
    }

    private static void closeAll(List<Supplier<AutoCloseable>> all) {
        try (var executor = Executors.newVirtualThreadPerTaskExecutor()) {
            all.forEach(one -> executor.execute(() -> closePart(one)));
        }
    }

    private static void closePart(Supplier<AutoCloseable> part) {
        try {
            part.get().close();
        } catch (CompletionException e) {
            return; // it never started, and has cleaned up after itself
        } catch (Exception e) {
            Progress.say("a part did not close in order: %s", e);
        }
    }
}
