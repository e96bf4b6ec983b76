package dev.sluice.e2e;

import com.fasterxml.jackson.databind.JsonNode;
import dev.sluice.testkit.OriginalController;
import dev.sluice.testkit.ServiceProcess;
import dev.sluice.testkit.StackSession;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Whoever looks after the Rollouts of a namespace.
sealed interface Keeper extends AutoCloseable {

    /// Where it tells how often it has looked at each Rollout.
    String metricsUrl();

    /// Whether it waits for nothing any more.
    boolean isAtRest(String rollout);

    /// How often it has looked at this Rollout since it started.
    default long looks(String rollout) {
        Pattern line =
                Pattern.compile(
                        "(?m)^rollout_reconcile_count\\{[^}]*\\bname=\"%s\"[^}]*} ([0-9]+)"
                                .formatted(Pattern.quote(rollout)));
        Matcher found = line.matcher(metrics());
        return found.find() ? Long.parseLong(found.group(1)) : 0;
    }

    private String metrics() {
        try (HttpClient http = HttpClient.newHttpClient()) {
            return http.send(
                            HttpRequest.newBuilder(URI.create(metricsUrl())).build(),
                            HttpResponse.BodyHandlers.ofString())
                    .body();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    /// Ends it without warning.
    void kill9();

    /// Ends it in order.
    void stop();

    @Override
    default void close() {
        kill9();
    }

    static Keeper original(Workspace place) {
        return new Original(OriginalController.start(place.stack(), place.namespace()));
    }

    /// @param topicPrefix keeps its events apart from those of others
    static Keeper sluice(StackSession session, Workspace place, String topicPrefix) {
        return Sluice.start(session, place, topicPrefix);
    }

    /// The controller that Sluice replaces.
    record Original(OriginalController controller) implements Keeper {
        @Override
        public String metricsUrl() {
            return controller.metricsUrl();
        }

        @Override
        public boolean isAtRest(String rollout) {
            return true;
        }

        @Override
        public void kill9() {
            controller.kill9();
        }

        @Override
        public void stop() {
            controller.stop();
        }
    }

    /// Those of our services that take part in a release.
    record Sluice(Workspace place, List<ServiceProcess> services) implements Keeper {
        /// Simulated pods have no proxy that lags: a short drain keeps the tests short.
        private static final Map<String, String> SETTINGS =
                Map.of("SLUICE_ROUTER_DRAIN_NGINX", "2s", "SLUICE_ROUTER_DRAIN_SERVICES", "1s");

        static Sluice start(StackSession session, Workspace place, String topicPrefix) {
            Rights rights = Rights.granted(session.client());
            Map<String, String> environment =
                    new LinkedHashMap<>(place.stack().serviceEnvironment());
            environment.put("SLUICE_NAMESPACE", place.namespace());
            environment.put("SLUICE_KAFKA_TOPIC_PREFIX", topicPrefix);
            environment.putAll(SETTINGS);
            List<ServiceProcess> services =
                    List.of("rollout-service", "router-service", "analysis-service").stream()
                            .map(
                                    service -> {
                                        Map<String, String> own = new LinkedHashMap<>(environment);
                                        own.put(
                                                "KUBECONFIG",
                                                rights.kubeconfig(service).toString());
                                        return ServiceProcess.start(service, place.stack(), own);
                                    })
                            .toList();
            return new Sluice(place, services);
        }

        @Override
        public String metricsUrl() {
            return services.getFirst().url() + "/q/metrics";
        }

        @Override
        public boolean isAtRest(String rollout) {
            JsonNode status = place.rollout(rollout).at("/status");
            JsonNode plan = status.at("/trafficPlan");
            boolean isSettled =
                    plan.isMissingNode()
                            || (plan.at("/observed/plan").asLong(-1) == plan.at("/id").asLong()
                                    && plan.at("/live").equals(plan.at("/shares")));
            return !status.at("/why").isMissingNode() && isSettled;
        }

        @Override
        public void kill9() {
            services.forEach(ServiceProcess::kill9);
        }

        @Override
        public void stop() {
            services.forEach(ServiceProcess::stop);
        }
    }
}
