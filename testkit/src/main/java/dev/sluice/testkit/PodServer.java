package dev.sluice.testkit;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/// The program inside a pod: answers every HTTP request without a body, and says which pod it is.
///
/// When it is closed, connections are reset and new ones refused, as when a container is gone.
final class PodServer implements AutoCloseable {
    private static final int BACKLOG = 256;

    private final ServerSocket listener;
    private final byte[] answer;
    private final Set<Socket> connections = ConcurrentHashMap.newKeySet();

    /// @param headers lines of the answer's head
    PodServer(String address, int port, Iterable<String> headers) throws IOException {
        this.answer =
                ("HTTP/1.1 200 OK\r\ncontent-length: 0\r\n"
                                + String.join("\r\n", headers)
                                + "\r\n\r\n")
                        .getBytes(StandardCharsets.US_ASCII);
        this.listener = new ServerSocket();
        listener.bind(new InetSocketAddress(InetAddress.getByName(address), port), BACKLOG);
        Thread.ofVirtual().name("pod-" + address).start(this::accept);
    }

    private void accept() {
        while (!listener.isClosed()) {
            try {
                var connection = listener.accept();
                connections.add(connection);
                if (listener.isClosed()) {
                    reset(connection);
                }
                Thread.ofVirtual().start(() -> serve(connection));
            } catch (IOException e) {
                return; // closed
            }
        }
    }

    private void serve(Socket connection) {
        try (connection) {
            connection.setTcpNoDelay(true);
            var requests = new BufferedInputStream(connection.getInputStream());
            while (skipHead(requests)) {
                connection.getOutputStream().write(answer);
            }
        } catch (IOException e) {
            return; // the proxy has hung up, or this pod is gone
        } finally {
            connections.remove(connection);
        }
    }

    /// False at the end of the connection.
    private static boolean skipHead(InputStream requests) throws IOException {
        int ends = 0;
        while (ends < 4) {
            int next = requests.read();
            if (next < 0) {
                return false;
            }
            ends = next == (ends % 2 == 0 ? '\r' : '\n') ? ends + 1 : next == '\r' ? 1 : 0;
        }
        return true;
    }

    @Override
    public void close() {
        try {
            listener.close();
        } catch (IOException e) {
            Progress.say("%s: %s", listener, e);
        }
        connections.forEach(PodServer::reset);
    }

    private static void reset(Socket connection) {
        try {
            connection.setSoLinger(true, 0);
            connection.close();
        } catch (IOException e) {
            return; // closed already
        }
    }
}
