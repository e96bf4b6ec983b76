package dev.sluice.router.core.provider;

import java.util.ArrayList;
import java.util.List;

/// Every router that a Rollout may name, and what it can be asked for: the source of the capability
/// matrix.
public final class RouterCatalog {

    private RouterCatalog() {}

    /// How far the tests go.
    public enum Trial {
        /// Releases under a steady load of requests, none of which may fail.
        PROXY("a real proxy under load"),
        /// What is written is valid and comes to rest; nobody routes by it.
        SCHEMA("its schema on a real API server");

        private final String text;

        Trial(String text) {
            this.text = text;
        }

        /// As the matrix calls it.
        public String text() {
            return text;
        }
    }

    /// One router.
    ///
    /// @param name as users know it
    /// @param key where it is configured, under `trafficRouting`
    /// @param through whether it is reached by way of the Gateway API
    /// @param trial what its tests have it do
    /// @param remark what the columns don't say
    public record Entry(
            String name,
            String key,
            boolean through,
            Capabilities capabilities,
            Trial trial,
            String remark) {}

    /// The routers, those with a configuration of their own first.
    public static List<Entry> entries() {
        List<Entry> entries =
                new ArrayList<>(
                        List.of(
                                own(
                                        "Gateway API",
                                        "plugins.argoproj-labs/gatewayAPI",
                                        GatewayProvider.CAPABILITIES,
                                        Trial.PROXY,
                                        "HTTPRoute, GRPCRoute, TCPRoute, TLSRoute, by name or by"
                                                + " labels. Header routes on HTTPRoute and"
                                                + " GRPCRoute, mirror routes on HTTPRoute. The proxy under"
                                                + " load divides HTTPRoutes by weight"),
                                own(
                                        "Istio",
                                        "istio",
                                        IstioProvider.CAPABILITIES,
                                        Trial.PROXY,
                                        "hosts or subsets; HTTP, TLS and TCP routes of any number"
                                                + " of VirtualServices. Cookies by a header match"
                                                + " on `cookie`. The proxy under load, an Envoy led"
                                                + " by Istio as an ingress gateway, divides HTTP"
                                                + " routes by weight, between hosts and between"
                                                + " subsets"),
                                own(
                                        "NGINX Ingress",
                                        "nginx",
                                        NginxProvider.CAPABILITIES,
                                        Trial.SCHEMA,
                                        "header and cookie rules with"
                                                + " `additionalIngressAnnotations`"
                                                + " (`canary-by-header`, `canary-by-cookie`)."
                                                + " Not tried on a proxy: what ingress-nginx"
                                                + " writes asks for an NGINX with Lua for streams,"
                                                + " and for Lua libraries (a balancer in C among"
                                                + " them), which Debian 12 does not have"),
                                own(
                                        "AWS ALB",
                                        "alb",
                                        AlbProvider.CAPABILITIES,
                                        Trial.SCHEMA,
                                        "exact header values only. The load balancer itself is not"
                                                + " asked what it does"),
                                own(
                                        "SMI",
                                        "smi",
                                        SmiProvider.CAPABILITIES,
                                        Trial.SCHEMA,
                                        "a TrafficSplit"),
                                own(
                                        "Traefik",
                                        "traefik",
                                        TraefikProvider.CAPABILITIES,
                                        Trial.SCHEMA,
                                        "a weighted TraefikService"),
                                own(
                                        "Ambassador",
                                        "ambassador",
                                        AmbassadorProvider.CAPABILITIES,
                                        Trial.SCHEMA,
                                        "a canary Mapping while the canary has a share"),
                                own(
                                        "Apache APISIX",
                                        "apisix",
                                        ApisixProvider.CAPABILITIES,
                                        Trial.SCHEMA,
                                        "header routes are ApisixRoutes with a higher priority")));
        for (String implementation :
                List.of(
                        "Envoy Gateway",
                        "Kong",
                        "Google Cloud",
                        "HAProxy",
                        "Contour",
                        "Linkerd",
                        "NGINX Gateway Fabric",
                        "Cilium")) {
            entries.add(
                    new Entry(
                            implementation,
                            "plugins.argoproj-labs/gatewayAPI",
                            true,
                            GatewayProvider.CAPABILITIES,
                            implementation.equals("Contour") ? Trial.PROXY : Trial.SCHEMA,
                            ""));
        }
        return entries;
    }

    private static Entry own(
            String name, String key, Capabilities capabilities, Trial trial, String remark) {
        return new Entry(name, key, false, capabilities, trial, remark);
    }
}
