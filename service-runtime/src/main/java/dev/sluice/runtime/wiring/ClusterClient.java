package dev.sluice.runtime.wiring;

import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.fabric8.kubernetes.client.http.AsyncBody;
import io.fabric8.kubernetes.client.http.BasicBuilder;
import io.fabric8.kubernetes.client.http.HttpClient;
import io.fabric8.kubernetes.client.http.HttpRequest;
import io.fabric8.kubernetes.client.http.HttpResponse;
import io.fabric8.kubernetes.client.http.Interceptor;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import io.fabric8.kubernetes.client.utils.TokenRefreshInterceptor;
import io.micrometer.core.instrument.MeterRegistry;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.inject.Disposes;
import jakarta.enterprise.inject.Produces;
import java.net.URI;
import java.nio.ByteBuffer;
import java.util.List;

/// The client for the API server. Each request that it makes, watches included, is counted in
/// `sluice_api_requests_total{verb,resource}`, and each answer by the name that the original
/// controller gave it.
@ApplicationScoped
class ClusterClient {

    @Produces
    @ApplicationScoped
    KubernetesClient client(
            KubernetesSerialization serialization, Config config, MeterRegistry metrics) {
        return new KubernetesClientBuilder()
                .withConfig(config)
                .withKubernetesSerialization(serialization)
                .withHttpClientBuilderConsumer(http -> tune(http, config, metrics))
                .build();
    }

    void close(@Disposes KubernetesClient client) {
        client.close();
    }

    private static void tune(HttpClient.Builder http, Config config, MeterRegistry metrics) {
        if (!hasToken(config)) {
            http.addOrReplaceInterceptor(TokenRefreshInterceptor.NAME, null);
        }
        http.addOrReplaceInterceptor("sluice-count", new Count(metrics));
    }

    /// Who signs in with a certificate has no token to refresh. A minute after the start the
    /// client would read the whole kubeconfig for every single request, in search of one.
    private static boolean hasToken(Config config) {
        boolean hasCertificate =
                config.getClientCertData() != null || config.getClientCertFile() != null;
        return !hasCertificate
                || config.getOauthTokenProvider() != null
                || config.getOauthToken() != null
                || config.getAutoOAuthToken() != null
                || config.getAuthProvider() != null
                || config.getUsername() != null;
    }

    private record Count(MeterRegistry metrics) implements Interceptor {
        /// Dashboards have this label. Names of objects would make series without end (C11).
        private static final String NO_NAME = "N/A";

        private static final String NAMESPACES = "/namespaces/";

        @Override
        public void before(BasicBuilder builder, HttpRequest request, RequestTags tags) {
            URI uri = request.uri();
            String resource = resource(uri.getPath());
            metrics.counter(
                            "sluice.api.requests",
                            "verb",
                            verb(request.method(), uri),
                            "resource",
                            resource)
                    .increment();
        }

        @Override
        public void after(
                HttpRequest request,
                HttpResponse<?> response,
                AsyncBody.Consumer<List<ByteBuffer>> consumer) {
            String path = request.uri().getPath();
            metrics.counter(
                            "controller.clientset.k8s.request",
                            "kind",
                            resource(path),
                            "namespace",
                            namespace(path),
                            "name",
                            NO_NAME,
                            "verb",
                            verb(request.method(), request.uri()),
                            "status_code",
                            Integer.toString(response.code()))
                    .increment();
        }

        private static String namespace(String path) {
            int start = path.indexOf(NAMESPACES);
            if (start < 0) {
                return "";
            }
            String rest = path.substring(start + NAMESPACES.length());
            int end = rest.indexOf('/');
            return end < 0 ? "" : rest.substring(0, end);
        }

        private static String verb(String method, URI uri) {
            String query = uri.getQuery();
            if (query != null && query.contains("watch=true")) {
                return "watch";
            }
            return method == null ? "get" : method.toLowerCase(java.util.Locale.ROOT);
        }

        /// The plural in a path such as `/apis/apps/v1/namespaces/a/replicasets/b`.
        static String resource(String path) {
            String[] parts = path.split("/", -1);
            int next = path.startsWith("/apis/") ? 4 : 3;
            if (parts.length > next + 2 && parts[next].equals("namespaces")) {
                next += 2;
            }
            return parts.length > next ? parts[next] : "";
        }
    }
}
