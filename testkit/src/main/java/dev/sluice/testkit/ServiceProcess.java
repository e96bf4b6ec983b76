package dev.sluice.testkit;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/// One of the four services as its users run it: the packaged application in a JVM of its own.
public final class ServiceProcess implements AutoCloseable {
    /// Environment variable with JVM options in place of [#QUICK_START].
    public static final String JAVA_OPTIONS = "SLUICE_JAVA_OPTIONS";

    /// For tests and demos, where a service lives for minutes: no time for the optimising compiler.
    /// What is to be measured must run without the last of them.
    private static final String QUICK_START =
            "-Xms24m -Xmx256m -XX:+UseSerialGC -XX:TieredStopAtLevel=1";

    private static final Pattern BLANKS = Pattern.compile("\\s+");
    private static final Duration LIMIT = Duration.ofSeconds(90);
    private static final Duration GRACE = Duration.ofSeconds(20);
    private static final HttpClient HTTP =
            HttpClient.newBuilder().connectTimeout(Duration.ofSeconds(2)).build();

    private final GuardedProcess.Spec spec;
    private final int port;
    private GuardedProcess process;

    /// What a service has used since it started.
    ///
    /// @param residentBytes memory in use now; 0 where the system does not tell
    /// @param peakResidentBytes the most memory it ever had in use
    public record Usage(Duration cpu, long residentBytes, long peakResidentBytes) {}

    private ServiceProcess(GuardedProcess.Spec spec, int port, GuardedProcess process) {
        this.spec = spec;
        this.port = port;
        this.process = process;
    }

    /// Starts the service against the stack on a free port and waits until it is ready.
    ///
    /// @param service module name, such as `rollout-service`
    /// @param environment wins over what points at the stack; [#JAVA_OPTIONS] in it, or else in the
    ///     environment of this JVM, replaces the JVM options
    public static ServiceProcess start(
            String service, LocalStack stack, Map<String, String> environment) {
        return start(service, service, stack.reservePort(), stack, environment);
    }

    /// Starts one replica under a name of its own on this port.
    public static ServiceProcess start(
            String service,
            String name,
            int port,
            LocalStack stack,
            Map<String, String> environment) {
        var jar = Projects.root().resolve(service).resolve("target/quarkus-app/quarkus-run.jar");
        if (!Files.isRegularFile(jar)) {
            throw new StackException(
                    "%s is not packaged (%s is missing): run './sluice build' first"
                            .formatted(service, jar));
        }
        var variables = new LinkedHashMap<>(stack.serviceEnvironment());
        variables.put("QUARKUS_HTTP_PORT", Integer.toString(port));
        variables.put("QUARKUS_HTTP_HOST", "127.0.0.1");
        variables.putAll(environment);
        var command = command(jar, variables);
        variables.remove(JAVA_OPTIONS);
        // Run from another folder, a JVM does not accept the class path of its cache.
        var spec =
                GuardedProcess.Spec.of(name, command, Folders.parentOf(jar))
                        .withLog(stack.folder().resolve(name + ".log"))
                        .withEnvironment(variables);
        long start = System.nanoTime();
        var started = new ServiceProcess(spec, port, GuardedProcess.start(spec));
        stack.adopt(started);
        started.awaitReady();
        Progress.say(
                "%s ready (%s) at %s",
                name, Progress.elapsed(Progress.since(start)), started.url());
        return started;
    }

    private static List<String> command(Path jar, Map<String, String> variables) {
        var options =
                Optional.ofNullable(variables.get(JAVA_OPTIONS))
                        .or(() -> Optional.ofNullable(System.getenv(JAVA_OPTIONS)))
                        .orElse(QUICK_START);
        var command = new ArrayList<String>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        // Made while packaging; a JVM that it does not fit goes on without it.
        var cache = jar.resolveSibling("app.aot");
        if (Files.isRegularFile(cache)) {
            command.add("-XX:AOTCache=" + cache);
            command.add("-Xlog:aot=off,cds=off");
        }
        BLANKS.splitAsStream(options.strip()).filter(o -> !o.isEmpty()).forEach(command::add);
        command.add("-jar");
        command.add(jar.toString());
        return List.copyOf(command);
    }

    private void awaitReady() {
        boolean ready = false;
        try {
            ready = Await.ready(process, LIMIT, this::isReady);
            if (!ready) {
                throw new StackException(
                        "%s ended while starting:%n%s".formatted(spec.name(), process.tail(25)));
            }
        } finally {
            if (!ready) {
                process.kill9();
            }
        }
    }

    /// Whether the readiness probe answers well.
    public boolean isReady() {
        var request =
                HttpRequest.newBuilder(URI.create(url() + "/q/health/ready"))
                        .timeout(Duration.ofSeconds(5))
                        .build();
        try {
            return HTTP.send(request, HttpResponse.BodyHandlers.discarding()).statusCode() == 200;
        } catch (IOException e) {
            return false;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    public String name() {
        return spec.name();
    }

    public String url() {
        return "http://127.0.0.1:" + port;
    }

    public int port() {
        return port;
    }

    public long pid() {
        return process.pid();
    }

    public boolean isAlive() {
        return process.isAlive();
    }

    public Path log() {
        return process.log();
    }

    /// The environment that it was started with, beyond that of this JVM.
    public Map<String, String> environment() {
        return spec.environment();
    }

    /// Ends the service without warning.
    public void kill9() {
        process.kill9();
    }

    /// Ends the service in order.
    public void stop() {
        process.stop(GRACE);
    }

    /// Starts it again with the same port and environment; stops it first when it still runs.
    public void restart() {
        launchAgain();
        awaitReady();
    }

    /// Starts it again and does not wait until it is ready.
    public void launchAgain() {
        if (process.isAlive()) {
            stop();
        }
        process = GuardedProcess.start(spec);
    }

    public Usage usage() {
        var cpu =
                ProcessHandle.of(process.pid())
                        .flatMap(handle -> handle.info().totalCpuDuration())
                        .orElse(Duration.ZERO);
        return new Usage(cpu, statusBytes("VmRSS:"), statusBytes("VmHWM:"));
    }

    private long statusBytes(String field) {
        var lines = new ArrayList<String>();
        try {
            lines.addAll(
                    Files.readAllLines(Path.of("/proc", Long.toString(process.pid()), "status")));
        } catch (IOException e) {
            return 0;
        }
        return lines.stream()
                .filter(line -> line.startsWith(field))
                .mapToLong(line -> 1024 * Long.parseLong(line.replaceAll("\\D", "")))
                .findFirst()
                .orElse(0);
    }

    @Override
    public void close() {
        stop();
    }
}
