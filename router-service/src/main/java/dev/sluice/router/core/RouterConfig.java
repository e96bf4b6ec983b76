package dev.sluice.router.core;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// One router named under `spec.strategy.canary.trafficRouting`.
public sealed interface RouterConfig {

    /// The key by which users know it.
    String name();

    /// `trafficRouting.istio`.
    ///
    /// @param problem what is wrong with the block
    record Istio(
            List<VirtualService> virtualServices,
            Optional<DestinationRule> destinationRule,
            Optional<String> problem)
            implements RouterConfig {

        public Istio {
            virtualServices = List.copyOf(virtualServices);
        }

        /// One VirtualService and which of its routes divide traffic; nothing listed means its
        /// only one.
        public record VirtualService(
                String namespace,
                String name,
                List<String> http,
                List<TlsMatch> tls,
                List<Long> tcpPorts) {}

        /// A TLS route by port, server names, or both.
        public record TlsMatch(Optional<Long> port, List<String> sniHosts) {}

        /// Where subsets rather than Services divide traffic.
        public record DestinationRule(
                String name, String canarySubset, String stableSubset, List<String> additional) {}

        @Override
        public String name() {
            return "istio";
        }
    }

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

    /// `trafficRouting.alb`.
    ///
    /// @param stickiness seconds that a user stays with one target group
    record Alb(
            String annotationPrefix,
            List<String> ingresses,
            int servicePort,
            Optional<String> rootService,
            Optional<Long> stickiness)
            implements RouterConfig {
        @Override
        public String name() {
            return "alb";
        }
    }

    /// `trafficRouting.smi`.
    record Smi(Optional<String> rootService, Optional<String> trafficSplit)
            implements RouterConfig {
        @Override
        public String name() {
            return "smi";
        }
    }

    /// `trafficRouting.ambassador`.
    record Ambassador(List<String> mappings) implements RouterConfig {
        @Override
        public String name() {
            return "ambassador";
        }
    }

    /// `trafficRouting.traefik`.
    record Traefik(String service) implements RouterConfig {
        @Override
        public String name() {
            return "traefik";
        }
    }

    /// `trafficRouting.apisix`.
    ///
    /// @param rules names of the HTTP rules; none means the one named like the route
    record Apisix(String route, List<String> rules) implements RouterConfig {
        @Override
        public String name() {
            return "apisix";
        }
    }

    /// The Gateway API, configured as the plugin of that name is.
    ///
    /// @param inProgress the label on a route while its canary has a share
    /// @param problem what is wrong with the block
    record GatewayApi(
            List<Route> routes,
            List<Selection> selections,
            Optional<Label> inProgress,
            Optional<String> problem)
            implements RouterConfig {

        /// A route by name.
        ///
        /// @param headerRoutes whether header and mirror routes go to it
        public record Route(ObjectRef ref, boolean headerRoutes) {}

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
