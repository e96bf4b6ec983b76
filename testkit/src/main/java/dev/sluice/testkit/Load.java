package dev.sluice.testkit;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// A steady stream of requests to one host behind a proxy, with every answer written down.
///
/// Plain sockets, since HTTP clients hide a connection that broke by trying again.
public final class Load implements AutoCloseable {
    private static final int CLIENTS = 4;
    private static final int LIMIT_MILLIS = 30_000;

    /// One request.
    ///
    /// @param status 0 without an answer
    /// @param revision whose pod has answered; empty when none did
    public record Answer(Instant sent, Instant done, int status, String revision, String problem) {
        public boolean isLost() {
            return status != 200 || revision.isEmpty();
        }
    }

    private final int port;
    private final String host;
    private final Duration pace;
    private final Queue<Answer> answers = new ConcurrentLinkedQueue<>();
    private final CountDownLatch isOver = new CountDownLatch(1);
    private final ExecutorService clients = Executors.newVirtualThreadPerTaskExecutor();

    private Load(int port, String host, Duration pace) {
        this.port = port;
        this.host = host;
        this.pace = pace;
        for (int client = 0; client < CLIENTS; client++) {
            boolean isNewEachTime = client == 0;
            clients.execute(() -> send(!isNewEachTime));
        }
    }

    /// Forty requests a second by four clients.
    public static Load start(int port, String host) {
        return new Load(port, host, Duration.ofMillis(100));
    }

    /// @param pace of each of the four clients
    public static Load start(int port, String host, Duration pace) {
        return new Load(port, host, pace);
    }

    /// Whether the proxy lets a request through to a pod.
    public static boolean isServed(int port, String host) {
        try (Connection connection = new Connection(port)) {
            return !connection.ask(host).isLost();
        } catch (IOException e) {
            return false;
        }
    }

    private void send(boolean keepsConnection) {
        @Nullable Connection connection = null;
        try {
            while (!isOver.await(pace.toMillis(), TimeUnit.MILLISECONDS)) {
                Instant sent = Instant.now();
                try {
                    if (connection == null) {
                        connection = new Connection(port);
                    }
                    answers.add(connection.ask(host));
                    if (!keepsConnection || connection.isToBeClosed) {
                        connection.close();
                        connection = null;
                    }
                } catch (IOException e) {
                    answers.add(new Answer(sent, Instant.now(), 0, "", e.toString()));
                    closeQuietly(connection);
                    connection = null;
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            closeQuietly(connection);
        }
    }

    private static void closeQuietly(@Nullable Connection connection) {
        try {
            if (connection != null) {
                connection.close();
            }
        } catch (IOException e) {
            Progress.say("not closed: %s", e);
        }
    }

    /// Those of requests that were sent from then on.
    public List<Answer> since(Instant then) {
        return answers.stream().filter(answer -> !answer.sent().isBefore(then)).toList();
    }

    public List<Answer> all() {
        return List.copyOf(answers);
    }

    @Override
    public void close() {
        isOver.countDown();
        clients.close();
    }

    /// HTTP/1.1, as far as it takes to get answers without a body.
    private static final class Connection implements AutoCloseable {
        private final Socket socket = new Socket();
        private final InputStream input;
        private boolean isToBeClosed;

        Connection(int port) throws IOException {
            socket.connect(
                    new InetSocketAddress(InetAddress.getLoopbackAddress(), port), LIMIT_MILLIS);
            socket.setSoTimeout(LIMIT_MILLIS);
            socket.setTcpNoDelay(true);
            input = new BufferedInputStream(socket.getInputStream());
        }

        Answer ask(String host) throws IOException {
            Instant sent = Instant.now();
            socket.getOutputStream()
                    .write(
                            "GET / HTTP/1.1\r\nhost: %s\r\n\r\n"
                                    .formatted(host)
                                    .getBytes(StandardCharsets.US_ASCII));
            int status = Integer.parseInt(line().split(" ", -1)[1]);
            String revision = "";
            int length = 0;
            for (String header = line(); !header.isEmpty(); header = line()) {
                String value = header.substring(header.indexOf(':') + 1).strip();
                switch (header.substring(0, header.indexOf(':')).toLowerCase(Locale.ROOT)) {
                    case "x-revision" -> revision = value;
                    case "content-length" -> length = Integer.parseInt(value);
                    case "connection" -> isToBeClosed = value.equalsIgnoreCase("close");
                    default -> {}
                }
            }
            String body = new String(input.readNBytes(length), StandardCharsets.UTF_8);
            return new Answer(sent, Instant.now(), status, revision, body);
        }

        private String line() throws IOException {
            StringBuilder line = new StringBuilder();
            for (int next = input.read(); next != '\n'; next = input.read()) {
                if (next < 0) {
                    throw new IOException("the connection has ended after '" + line + "'");
                }
                line.append((char) next);
            }
            return line.toString().strip();
        }

        @Override
        public void close() throws IOException {
            socket.close();
        }
    }
}
