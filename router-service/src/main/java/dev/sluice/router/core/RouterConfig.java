package dev.sluice.router.core;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// One router named under `spec.strategy.canary.trafficRouting`.
public sealed interface RouterConfig {

    /// The key by which users know it.
    String name();

    /// `trafficRouting.nginx`.
    record Nginx(
            String annotationPrefix,
            List<String> stableIngresses,
            Map<String, String> additionalAnnotations,
            Map<String, String> canaryAnnotations,
            Optional<Long> maxTrafficWeight)
            implements RouterConfig {
        @Override
        public String name() {
            return "nginx";
        }
    }

    /// `trafficRouting.plugins["argoproj-labs/gatewayAPI"]`.
    record GatewayApi(
            List<ObjectRef> routes,
            List<String> managedRoutes,
            Optional<Label> inProgress,
            Optional<String> problem)
            implements RouterConfig {

        /// The label that a route carries while its canary has a share.
        public record Label(String key, String value) {}

        @Override
        public String name() {
            return "argoproj-labs/gatewayAPI";
        }
    }

    /// A router that this version can't program. Never ignored: a plan with it is refused by name.
    record Unsupported(String name, JsonNode config) implements RouterConfig {}
}
