package dev.sluice.analysis.adapter.provider;

import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManager;

/// HTTP for metrics: egress policy, bounded time and body, redirects only within the same host.
final class Fetcher {
    private static final int MAX_REDIRECTS = 5;
    /// Set by the client itself; a metric that sets them would break or smuggle requests.
    private static final Set<String> RESERVED =
            Set.of(
                    "host",
                    "connection",
                    "content-length",
                    "transfer-encoding",
                    "upgrade",
                    "expect");

    /// One request. Headers keep their order; values may hold secrets, so `toString` hides them.
    record Call(
            String method,
            URI target,
            Map<String, String> headers,
            Optional<String> body,
            Duration timeout,
            boolean insecure) {
        Call {
            headers = new LinkedHashMap<>(headers);
        }

        Call to(URI other) {
            return new Call(method, other, headers, body, timeout, insecure);
        }

        @Override
        public String toString() {
            return method + " " + target.getHost();
        }
    }

    record Answer(int status, String body) {
        boolean isSuccess() {
            return status >= 200 && status < 300;
        }
    }

    private final EgressPolicy egress;
    private final int maxBody;
    private final Duration maxTime;
    private final Executor threads = Executors.newVirtualThreadPerTaskExecutor();
    private final HttpClient strict;
    private final HttpClient lax;

    Fetcher(EgressPolicy egress, int maxBody, Duration maxTime) {
        this.egress = egress;
        this.maxBody = maxBody;
        this.maxTime = maxTime;
        this.strict = client().build();
        this.lax = client().sslContext(trustingAll()).build();
    }

    private HttpClient.Builder client() {
        return HttpClient.newBuilder()
                .version(HttpClient.Version.HTTP_1_1)
                .followRedirects(HttpClient.Redirect.NEVER)
                .connectTimeout(Duration.ofSeconds(10))
                .executor(threads);
    }

    /// For metrics with `insecure: true`, which say that they do not care whom they talk to.
    private static SSLContext trustingAll() {
        try {
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(null, new TrustManager[] {new TrustEverybody()}, new SecureRandom());
            return context;
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("this Java has no TLS", e);
        }
    }

    /// Throws `FetchException` for whatever keeps an answer from coming.
    Answer fetch(Call call) {
        Duration patience = call.timeout().compareTo(maxTime) > 0 ? maxTime : call.timeout();
        CompletableFuture<Answer> running =
                CompletableFuture.supplyAsync(() -> follow(call, patience), threads);
        try {
            return running.get(patience.toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException _) {
            running.cancel(true);
            throw new FetchException(
                    "no answer from "
                            + call.target().getHost()
                            + " within "
                            + patience.toSeconds()
                            + " s");
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
            throw new FetchException("interrupted while waiting for " + call.target().getHost());
        } catch (ExecutionException e) {
            throw e.getCause() instanceof FetchException fault
                    ? new FetchException(fault.reason())
                    : new FetchException(
                            "request to " + call.target().getHost() + " failed: " + e.getCause());
        }
    }

    private Answer follow(Call first, Duration patience) {
        Call call = first;
        for (int hop = 0; hop <= MAX_REDIRECTS; hop++) {
            Optional<String> refusal = egress.refusal(call.target());
            if (refusal.isPresent()) {
                throw new FetchException(refusal.get());
            }
            HttpResponse<InputStream> response = send(call, patience);
            try (InputStream body = response.body()) {
                Optional<String> location =
                        response.statusCode() / 100 == 3 && call.method().equals("GET")
                                ? response.headers().firstValue("location")
                                : Optional.empty();
                if (location.isEmpty()) {
                    return new Answer(response.statusCode(), text(body, call));
                }
                call = call.to(sameHost(call.target(), location.get()));
            } catch (IOException e) {
                throw new FetchException(
                        "reading the answer of "
                                + call.target().getHost()
                                + " failed: "
                                + e.getMessage());
            }
        }
        throw new FetchException("too many redirects from " + first.target().getHost());
    }

    private static URI sameHost(URI from, String location) {
        URI to;
        try {
            to = from.resolve(location);
        } catch (IllegalArgumentException _) {
            throw new FetchException("redirect to something that is not an address");
        }
        boolean same =
                Objects.equals(from.getScheme(), to.getScheme())
                        && Objects.equals(from.getHost(), to.getHost())
                        && from.getPort() == to.getPort();
        if (!same) {
            throw new FetchException(
                    "redirect from " + from.getHost() + " to another host is not followed");
        }
        return to;
    }

    private HttpResponse<InputStream> send(Call call, Duration patience) {
        try {
            HttpRequest.BodyPublisher body =
                    call.body()
                            .map(HttpRequest.BodyPublishers::ofString)
                            .orElse(HttpRequest.BodyPublishers.noBody());
            HttpRequest.Builder request =
                    HttpRequest.newBuilder(call.target())
                            .timeout(patience)
                            .method(call.method(), body);
            for (Map.Entry<String, String> header : call.headers().entrySet()) {
                if (RESERVED.contains(header.getKey().toLowerCase(Locale.ROOT))) {
                    throw new FetchException("header " + header.getKey() + " cannot be set");
                }
                request.setHeader(header.getKey(), header.getValue());
            }
            return (call.insecure() ? lax : strict)
                    .send(request.build(), HttpResponse.BodyHandlers.ofInputStream());
        } catch (IllegalArgumentException _) {
            // The client's own text would quote a header's value, which may be a secret.
            throw new FetchException(
                    "the request to "
                            + call.target().getHost()
                            + " has an invalid header or address");
        } catch (IOException e) {
            String detail = e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
            throw new FetchException(
                    "request to " + call.target().getHost() + " failed: " + detail);
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
            throw new FetchException("interrupted");
        }
    }

    private String text(InputStream body, Call call) throws IOException {
        byte[] bytes = body.readNBytes(maxBody + 1);
        if (bytes.length > maxBody) {
            throw new FetchException(
                    "the answer of "
                            + call.target().getHost()
                            + " is longer than "
                            + maxBody
                            + " bytes");
        }
        return new String(bytes, StandardCharsets.UTF_8);
    }
}
