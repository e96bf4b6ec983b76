package dev.sluice.router.core.provider;

import java.util.ArrayList;
import java.util.List;

/// Every router that a Rollout may name, and what it can be asked for: the source of the capability
/// matrix.
public final class RouterCatalog {

    private RouterCatalog() {}

    /// One router.
    ///
    /// @param name as users know it
    /// @param key where it is configured, under `trafficRouting`
    /// @param through whether it is reached by way of the Gateway API
    /// @param remark what the columns don't say
    public record Entry(
            String name, String key, boolean through, Capabilities capabilities, String remark) {}

    /// The routers, those with a configuration of their own first.
    public static List<Entry> entries() {
        List<Entry> entries =
                new ArrayList<>(
                        List.of(
                                own(
                                        "Gateway API",
                                        "plugins.argoproj-labs/gatewayAPI",
                                        GatewayProvider.CAPABILITIES,
                                        "HTTPRoute, GRPCRoute, TCPRoute, TLSRoute, by name or by"
                                                + " labels. Header routes on HTTPRoute and"
                                                + " GRPCRoute, mirror routes on HTTPRoute"),
                                own(
                                        "Istio",
                                        "istio",
                                        IstioProvider.CAPABILITIES,
                                        "hosts or subsets; HTTP, TLS and TCP routes of any number"
                                                + " of VirtualServices. Cookies by a header match"
                                                + " on `cookie`"),
                                own(
                                        "NGINX Ingress",
                                        "nginx",
                                        NginxProvider.CAPABILITIES,
                                        "header and cookie rules with"
                                                + " `additionalIngressAnnotations`"
                                                + " (`canary-by-header`, `canary-by-cookie`)"),
                                own(
                                        "AWS ALB",
                                        "alb",
                                        AlbProvider.CAPABILITIES,
                                        "exact header values only. The load balancer itself is not"
                                                + " asked what it does"),
                                own("SMI", "smi", SmiProvider.CAPABILITIES, "a TrafficSplit"),
                                own(
                                        "Traefik",
                                        "traefik",
                                        TraefikProvider.CAPABILITIES,
                                        "a weighted TraefikService"),
                                own(
                                        "Ambassador",
                                        "ambassador",
                                        AmbassadorProvider.CAPABILITIES,
                                        "a canary Mapping while the canary has a share"),
                                own(
                                        "Apache APISIX",
                                        "apisix",
                                        ApisixProvider.CAPABILITIES,
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
                            ""));
        }
        return entries;
    }

    private static Entry own(String name, String key, Capabilities capabilities, String remark) {
        return new Entry(name, key, false, capabilities, remark);
    }
}
