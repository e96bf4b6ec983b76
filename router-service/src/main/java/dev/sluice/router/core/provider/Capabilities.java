package dev.sluice.router.core.provider;

import dev.sluice.router.core.EvidenceLevel;
import dev.sluice.router.core.TrafficPlan;
import dev.sluice.router.core.TrafficPlan.ManagedRoute;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/// What a router can be asked for. A plan that asks for more is refused, with the reason, and
/// traffic stays where it is.
///
/// @param features what it can do beside dividing traffic between two Services
/// @param maxWeight the largest whole that its weights can sum to
/// @param evidence the strongest proof that it can give (R5)
/// @param sessions how a user stays on one version
/// @param propagation how a change reaches the proxies
public record Capabilities(
        Set<Feature> features,
        int maxWeight,
        EvidenceLevel evidence,
        String sessions,
        String propagation) {

    /// The whole of routers whose weights are percentages.
    static final int PERCENT = 100;

    /// What a release may ask for.
    public enum Feature {
        /// Requests with a header go to the canary (`setHeaderRoute`).
        HEADER_ROUTES("header routes"),
        /// Requests with a cookie go to the canary.
        COOKIES("cookie rules"),
        /// A copy of requests goes to the canary (`setMirrorRoute`).
        MIRROR_ROUTES("mirror routes"),
        /// TCP and TLS are divided too.
        TCP("TCP"),
        /// Services of experiments have shares of their own.
        EXPERIMENTS("weights of experiments"),
        /// Two Services change roles at each promotion.
        PING_PONG("ping-pong");

        private final String text;

        Feature(String text) {
            this.text = text;
        }

        /// As messages and the matrix call it.
        public String text() {
            return text;
        }
    }

    public Capabilities {
        features = Set.copyOf(features);
    }

    /// Why a plan can't be asked of this router.
    Optional<String> refusal(String router, TrafficPlan plan, boolean pingPong) {
        if (plan.maxWeight() > maxWeight) {
            return Optional.of(
                    "%s divides traffic into at most %d parts, maxTrafficWeight is %d"
                            .formatted(router, maxWeight, plan.maxWeight()));
        }
        return missing(Feature.HEADER_ROUTES, router, names(plan, false))
                .or(() -> missing(Feature.MIRROR_ROUTES, router, names(plan, true)))
                .or(
                        () ->
                                missing(
                                        Feature.EXPERIMENTS,
                                        router,
                                        plan.routing().additional().stream()
                                                .map(TrafficPlan.Destination::serviceName)
                                                .toList()))
                .or(
                        () ->
                                missing(
                                        Feature.PING_PONG,
                                        router,
                                        pingPong ? List.of("pingPong") : List.of()));
    }

    private static List<String> names(TrafficPlan plan, boolean mirror) {
        return plan.routes().stream()
                .filter(r -> r.mirror() == mirror)
                .map(ManagedRoute::name)
                .toList();
    }

    private Optional<String> missing(Feature feature, String router, List<String> asked) {
        return asked.isEmpty() || features.contains(feature)
                ? Optional.empty()
                : Optional.of(
                        "traffic router '%s' has no %s, asked for: %s. Traffic stays where it is"
                                .formatted(router, feature.text(), String.join(", ", asked)));
    }
}
