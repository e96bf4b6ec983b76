package dev.sluice.cli;

import dev.sluice.testkit.LocalStack;
import dev.sluice.testkit.Part;
import dev.sluice.testkit.Progress;
import dev.sluice.testkit.Projects;
import dev.sluice.testkit.Prometheus;
import dev.sluice.testkit.ServiceProcess;
import dev.sluice.testkit.SluiceService;
import dev.sluice.testkit.StackException;
import dev.sluice.testkit.StackOptions;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(
        name = "up",
        description = {
            "Starts the local stack and the four services.",
            "Stays in the foreground until Ctrl-C; with --detach it runs on in the background."
        },
        mixinStandardHelpOptions = true)
final class Up implements Callable<Integer> {
    @Mixin private NameOption name = new NameOption();

    @Option(
            names = "--kubeconfig",
            paramLabel = "FILE",
            description =
                    "Use this existing cluster instead of an own control plane; Kafka and PostgreSQL stay embedded.")
    private Optional<Path> kubeconfig = Optional.empty();

    @Option(
            names = "--crds",
            description = "Apply our CRDs to the cluster of --kubeconfig (always done without it).")
    private boolean crds;

    @Option(
            names = "--instance-id",
            paramLabel = "ID",
            description =
                    "Act only on objects labelled argo-rollouts.argoproj.io/controller-instance-id=ID.")
    private Optional<String> instanceId = Optional.empty();

    @Option(
            names = "--replicas",
            paramLabel = "N",
            defaultValue = "1",
            description = "Processes of each service (default: ${DEFAULT-VALUE}).")
    private int replicas;

    @Option(
            names = "--nodes",
            paramLabel = "N",
            defaultValue = "2",
            description = "Simulated nodes (default: ${DEFAULT-VALUE}).")
    private int nodes;

    @Option(names = "--no-services", description = "Start only what the services need.")
    private boolean withoutServices;

    @Option(names = "--detach", description = "Return when everything is up, and leave it running.")
    private boolean detach;

    @Override
    public Integer call() throws InterruptedException {
        check();
        if (detach) {
            return Background.start(name.value(), withoutDetach());
        }
        try (var stack = LocalStack.start(options())) {
            var services = withoutServices ? List.<ServiceProcess>of() : startServices(stack);
            publish(stack, services);
            Runtime.getRuntime().addShutdownHook(new Thread(() -> StackState.remove(name.value())));
            hint(stack);
            new CountDownLatch(1).await();
        }
        return 0;
    }

    private void hint(LocalStack stack) {
        var isStandard = name.value().equals(NameOption.standard());
        Progress.say(
                "use it with '%s./sluice kubectl get pods -A' or KUBECONFIG=%s; stop it with './sluice down%s'",
                isStandard ? "" : "SLUICE_STACK=" + name.value() + " ",
                stack.controlPlane().kubeconfig(),
                isStandard ? "" : " --name " + name.value());
    }

    private void check() {
        StackState.running(name.value())
                .ifPresent(
                        state -> {
                            throw new StackException(
                                    "the stack '%s' is already up (pid %d): './sluice status' shows it, './sluice down' stops it, --name starts another"
                                            .formatted(state.name(), state.owner()));
                        });
        kubeconfig
                .filter(file -> !Files.isReadable(file))
                .ifPresent(
                        file -> {
                            throw new StackException("no readable kubeconfig at " + file);
                        });
        if (replicas < 1 || replicas > 20) {
            throw new StackException("--replicas must be 1 to 20, not " + replicas);
        }
    }

    /// The same wish for the process that stays in the background.
    private List<String> withoutDetach() {
        var arguments = new ArrayList<>(List.of("up", "--name", name.value()));
        kubeconfig.ifPresent(
                file ->
                        arguments.addAll(
                                List.of("--kubeconfig", file.toAbsolutePath().toString())));
        instanceId.ifPresent(id -> arguments.addAll(List.of("--instance-id", id)));
        if (crds) {
            arguments.add("--crds");
        }
        if (withoutServices) {
            arguments.add("--no-services");
        }
        arguments.addAll(List.of("--replicas", Integer.toString(replicas)));
        arguments.addAll(List.of("--nodes", Integer.toString(nodes)));
        return arguments;
    }

    private StackOptions options() {
        var parts =
                kubeconfig.isPresent()
                        ? EnumSet.of(Part.API, Part.KAFKA, Part.POSTGRES)
                        : EnumSet.allOf(Part.class);
        var options =
                StackOptions.everything().withName(name.value()).withParts(parts).withNodes(nodes);
        if (kubeconfig.isEmpty() || crds) {
            options = options.withCrds(Projects.crds());
        }
        return kubeconfig.isPresent() ? options.withExistingCluster(kubeconfig.get()) : options;
    }

    private List<ServiceProcess> startServices(LocalStack stack) {
        var environment = new LinkedHashMap<String, String>();
        instanceId.ifPresent(id -> environment.put("SLUICE_INSTANCE_ID", id));
        var started = new ArrayList<ServiceProcess>();
        for (int replica = 1; replica <= replicas; replica++) {
            for (var service : SluiceService.values()) {
                started.add(startReplica(stack, service, replica, environment));
            }
        }
        if (kubeconfig.isEmpty()) {
            stack.prometheus()
                    .scrape(
                            new Prometheus.ScrapeJob(
                                    "sluice",
                                    "/q/metrics",
                                    started.stream()
                                            .map(one -> "127.0.0.1:" + one.port())
                                            .toList()));
        }
        return started;
    }

    private static ServiceProcess startReplica(
            LocalStack stack, SluiceService service, int replica, Map<String, String> environment) {
        var process = replica == 1 ? service.module() : service.module() + "-" + replica;
        int port =
                replica == 1 && service.isDefaultPortFree()
                        ? service.defaultPort()
                        : stack.reservePort();
        return ServiceProcess.start(service.module(), process, port, stack, environment);
    }

    private void publish(LocalStack stack, List<ServiceProcess> services) {
        var parts = new ArrayList<StackState.RunningPart>();
        stack.status()
                .forEach(
                        part ->
                                parts.add(
                                        new StackState.RunningPart(
                                                part.name(),
                                                part.pid(),
                                                part.address(),
                                                healthOf(part))));
        services.forEach(
                service ->
                        parts.add(
                                new StackState.RunningPart(
                                        service.name(),
                                        service.pid(),
                                        service.url(),
                                        service.url() + "/q/health/ready")));
        var self = ProcessHandle.current();
        new StackState(
                        name.value(),
                        self.pid(),
                        StackState.startOf(self),
                        stack.controlPlane().kubeconfig().toString(),
                        stack.folder().toString(),
                        parts)
                .write();
    }

    private static String healthOf(LocalStack.PartStatus part) {
        return part.name().equals("prometheus") ? part.address() + "/-/healthy" : "";
    }
}
