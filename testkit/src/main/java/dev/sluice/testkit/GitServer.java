package dev.sluice.testkit;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/// Serves Git repositories over HTTP: the real `git http-backend` behind the JDK's own HTTP server.
///
/// Fetch and push are open to everybody on this machine.
public final class GitServer implements AutoCloseable {
    private final Path root;
    private final HttpServer server;
    private final ExecutorService threads;

    private GitServer(Path root, HttpServer server, ExecutorService threads) {
        this.root = root;
        this.server = server;
        this.threads = threads;
    }

    static GitServer start(Path root) {
        if (Commands.onPath("git").isEmpty()) {
            throw new StackException(
                    "git is not on PATH: install it (Debian, Ubuntu: apt-get install git)");
        }
        Folders.create(root);
        try {
            var server =
                    HttpServer.create(
                            new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
            var threads = Executors.newVirtualThreadPerTaskExecutor();
            var git = new GitServer(root, server, threads);
            server.createContext("/", git::handle);
            server.setExecutor(threads);
            server.start();
            return git;
        } catch (IOException e) {
            throw new UncheckedIOException("cannot start the Git server", e);
        }
    }

    /// The address under which repositories lie: `http://127.0.0.1:20123`.
    public String url() {
        return "http://127.0.0.1:" + server.getAddress().getPort();
    }

    /// The folder of the bare repositories.
    public Path root() {
        return root;
    }

    /// A new, empty repository, served as `<url>/<name>.git`.
    public GitRepo createRepository(String name) {
        return GitRepo.create(this, name);
    }

    private void handle(HttpExchange exchange) throws IOException {
        try (exchange) {
            var builder = new ProcessBuilder("git", "http-backend");
            builder.redirectError(ProcessBuilder.Redirect.DISCARD);
            builder.environment().putAll(variables(exchange));
            var backend = builder.start();
            try (var input = backend.getOutputStream()) {
                exchange.getRequestBody().transferTo(input);
            } catch (IOException e) {
                // The backend has refused the request without reading it; its answer says why.
                exchange.getRequestBody().readAllBytes();
            }
            answer(exchange, backend.getInputStream());
        }
    }

    /// The request as CGI passes it on (RFC 3875 §4.1).
    private Map<String, String> variables(HttpExchange exchange) {
        var headers = exchange.getRequestHeaders();
        var variables = new java.util.HashMap<String, String>();
        variables.put("GIT_PROJECT_ROOT", root.toString());
        variables.put("GIT_HTTP_EXPORT_ALL", "1");
        variables.put("REQUEST_METHOD", exchange.getRequestMethod());
        variables.put("PATH_INFO", exchange.getRequestURI().getPath());
        variables.put(
                "QUERY_STRING",
                Optional.ofNullable(exchange.getRequestURI().getRawQuery()).orElse(""));
        variables.put("REMOTE_ADDR", "127.0.0.1");
        variables.put("REMOTE_USER", "local");
        variables.put("GIT_CONFIG_COUNT", "1");
        variables.put("GIT_CONFIG_KEY_0", "safe.directory");
        variables.put("GIT_CONFIG_VALUE_0", "*");
        List.of("Content-Type", "Content-Length")
                .forEach(
                        name ->
                                Optional.ofNullable(headers.getFirst(name))
                                        .ifPresent(
                                                value ->
                                                        variables.put(
                                                                name.toUpperCase(
                                                                                java.util.Locale
                                                                                        .ROOT)
                                                                        .replace('-', '_'),
                                                                value)));
        Optional.ofNullable(headers.getFirst("Content-Encoding"))
                .ifPresent(value -> variables.put("HTTP_CONTENT_ENCODING", value));
        Optional.ofNullable(headers.getFirst("Git-Protocol"))
                .ifPresent(value -> variables.put("GIT_PROTOCOL", value));
        return variables;
    }

    private static void answer(HttpExchange exchange, InputStream backend) throws IOException {
        int status = 200;
        for (var line = headerLine(backend); !line.isEmpty(); line = headerLine(backend)) {
            int colon = line.indexOf(':');
            if (colon < 0) {
                continue;
            }
            var name = line.substring(0, colon);
            var value = line.substring(colon + 1).strip();
            if (name.equalsIgnoreCase("Status")) {
                status = Integer.parseInt(value.substring(0, 3));
            } else {
                exchange.getResponseHeaders().add(name, value);
            }
        }
        exchange.sendResponseHeaders(status, 0);
        try (var body = exchange.getResponseBody()) {
            backend.transferTo(body);
        }
    }

    private static String headerLine(InputStream stream) throws IOException {
        var line = new ByteArrayOutputStream();
        for (int next = stream.read(); next >= 0 && next != '\n'; next = stream.read()) {
            line.write(next);
        }
        return line.toString(StandardCharsets.UTF_8).strip();
    }

    @Override
    public void close() {
        server.stop(0);
        threads.shutdownNow();
    }
}
