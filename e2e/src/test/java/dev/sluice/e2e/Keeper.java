package dev.sluice.e2e;

import com.fasterxml.jackson.databind.JsonNode;
import dev.sluice.testkit.OriginalController;
import dev.sluice.testkit.ServiceProcess;
import dev.sluice.testkit.StackSession;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// Whoever looks after the Rollouts of a namespace.
sealed interface Keeper extends AutoCloseable {

    /// Whether it knows this Rollout, and has nothing left to do or to wait for.
    boolean hasSettled(String rollout);

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
        /// The last of these finds nothing to do that an earlier one has left.
        private static final int LOOKS = 4;

        @Override
        public boolean hasSettled(String rollout) {
            return controller.looks(rollout) >= LOOKS;
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
    record Sluice(Workspace place, Instant since, List<ServiceProcess> services) implements Keeper {
        /// Simulated pods have no proxy that lags: a short drain keeps the tests short.
        private static final Map<String, String> SETTINGS =
                Map.of("SLUICE_ROUTER_DRAIN_NGINX", "2s", "SLUICE_ROUTER_DRAIN_SERVICES", "1s");

        static Sluice start(StackSession session, Workspace place, String topicPrefix) {
            Instant since = Instant.now();
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
            return new Sluice(place, since, services);
        }

        @Override
        public boolean hasSettled(String rollout) {
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
