package dev.sluice.router.core.provider;

import dev.sluice.router.core.Change;
import dev.sluice.router.core.Move.Reason;
import dev.sluice.router.core.ObjectRef;
import dev.sluice.router.core.Role;
import dev.sluice.router.core.RolloutView;
import dev.sluice.router.core.RouteState;
import dev.sluice.router.core.RouterConfig;
import dev.sluice.router.core.Routing;
import dev.sluice.router.core.Selection;
import dev.sluice.router.core.Snapshot;
import dev.sluice.router.core.TrafficPlan;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalLong;

/// One kind of router, for one Rollout. Pure: it says what to read, what that means, and what to
/// write. A configuration is always computed from the plan, never from the former one (R2).
public interface Provider {

    RouterConfig config();

    /// The key under `trafficRouting`.
    default String name() {
        return config().name();
    }

    /// What it can be asked for.
    Capabilities capabilities();

    /// How long after a write a proxy may still apply the former configuration, where nothing
    /// better than a read-back proves it.
    Duration drainBound();

    /// The objects that it needs to see.
    List<ObjectRef> reads(TrafficPlan plan);

    /// Objects that it needs to see and knows by their labels only.
    default List<Selection> selections() {
        return List.of();
    }

    /// What those objects say, or why they can't carry the plan.
    Reading read(Snapshot seen, TrafficPlan plan, Instant now);

    /// A write that brings `route` nearer to `routing`, and stamps the plan. Where one route is
    /// made of several objects, it takes several of these.
    ///
    /// @param route one of the routes of [#read]
    Change desired(Snapshot seen, TrafficPlan plan, ObjectRef route, Routing routing, Instant now);

    /// The write that lets a subset select a revision, or only stamps the plan on it.
    ///
    /// @param subset one of the subsets of [#read]
    default Change point(
            Snapshot seen, TrafficPlan plan, String subset, Optional<String> hash, Instant now) {
        throw new IllegalStateException(name() + " has no subset " + subset);
    }

    /// What was read.
    sealed interface Reading {
        /// Every routing object of this router, and the subsets that it selects pods by.
        record Routes(List<RouteState> routes, List<Subset> subsets) implements Reading {
            public Routes {
                routes = List.copyOf(routes);
                subsets = List.copyOf(subsets);
            }

            Routes(List<RouteState> routes) {
                this(routes, List.of());
            }
        }

        /// Nothing may be written: the message goes to the Rollout as it is.
        record Unusable(Reason reason, String message) implements Reading {

            static Unusable invalid(String message) {
                return new Unusable(Reason.INVALID, message);
            }

            /// An object, or its whole kind, is not there.
            static Unusable missing(ObjectRef ref) {
                String group = ref.apiVersion().substring(0, ref.apiVersion().indexOf('/'));
                return new Unusable(
                        Reason.MISSING,
                        "%ss.%s \"%s\" not found in namespace %s, or its CRD is not installed"
                                .formatted(
                                        ref.kind().toLowerCase(Locale.ROOT),
                                        group,
                                        ref.name(),
                                        ref.namespace()));
            }
        }
    }

    /// Pods of one revision, selected by an object of the router.
    ///
    /// @param target the revision that it has to select
    /// @param selected the revision that it selects
    /// @param former revisions that proxies may still reach through it
    /// @param managed whether it is ours already
    record Subset(
            String name,
            Role role,
            String target,
            Optional<String> selected,
            List<String> former,
            boolean managed,
            OptionalLong stampedPlan) {}

    /// What a provider reads; a plan that it can't carry out is refused before anything else.
    static Reading reading(
            Provider provider, RolloutView rollout, Snapshot seen, TrafficPlan plan, Instant now) {
        return provider.capabilities()
                .refusal(provider.name(), plan, rollout.pingPong())
                .<Reading>map(m -> new Reading.Unusable(Reason.UNSUPPORTED, m))
                .orElseGet(() -> provider.read(seen, plan, now));
    }

    /// The provider of a router configuration.
    static Provider of(RouterConfig config, RolloutView rollout, Setup setup) {
        DrainBounds drain = setup.drain();
        ApiVersions apis = setup.apis();
        return switch (config) {
            case RouterConfig.Istio istio ->
                    new IstioProvider(istio, rollout, apis.istio(), drain.istio());
            case RouterConfig.Nginx nginx -> new NginxProvider(nginx, rollout, drain.nginx());
            case RouterConfig.Alb alb -> new AlbProvider(alb, rollout, drain.alb());
            case RouterConfig.Smi smi -> new SmiProvider(smi, rollout, apis.smi(), drain.others());
            case RouterConfig.Ambassador ambassador ->
                    new AmbassadorProvider(ambassador, rollout, apis.ambassador(), drain.others());
            case RouterConfig.Traefik traefik ->
                    new TraefikProvider(traefik, rollout, apis.traefik(), drain.others());
            case RouterConfig.Apisix apisix -> new ApisixProvider(apisix, rollout, drain.others());
            case RouterConfig.GatewayApi gateway ->
                    new GatewayProvider(gateway, rollout, drain.gateway());
            case RouterConfig.Unsupported unsupported -> new UnsupportedRouter(unsupported);
        };
    }

    /// What an installation decides for all Rollouts.
    record Setup(DrainBounds drain, ApiVersions apis) {}

    /// Drain bounds of the providers.
    record DrainBounds(
            Duration services,
            Duration nginx,
            Duration gateway,
            Duration istio,
            Duration alb,
            Duration others) {}

    /// Groups and versions of the routers' objects.
    record ApiVersions(String istio, String smi, String ambassador, String traefik) {}
}
