package dev.sluice.router.core.provider;

import com.fasterxml.jackson.databind.JsonNode;
import dev.sluice.router.core.Change;
import dev.sluice.router.core.EvidenceLevel;
import dev.sluice.router.core.Move.Reason;
import dev.sluice.router.core.ObjectRef;
import dev.sluice.router.core.RolloutView;
import dev.sluice.router.core.RouteState;
import dev.sluice.router.core.RouterConfig;
import dev.sluice.router.core.Routing;
import dev.sluice.router.core.Selection;
import dev.sluice.router.core.Snapshot;
import dev.sluice.router.core.TrafficPlan;
import dev.sluice.router.core.TrafficPlan.ManagedRoute;
import dev.sluice.router.core.provider.Capabilities.Feature;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/// Gateway API: the weights of the two Services' backendRefs in every rule of the routes, and the
/// rules of header and mirror routes.
///
/// A route may be shared with other Rollouts and with its user: only what is ours in it changes. A
/// route whose parents report status gives `Controller` evidence once each of them has accepted
/// this generation; without any status it is `Written`.
public record GatewayProvider(
        RouterConfig.GatewayApi config, RolloutView rollout, Duration drainBound)
        implements Provider {

    private static final int MOST_PARTS = 1_000_000;

    static final Capabilities CAPABILITIES =
            new Capabilities(
                    Set.of(
                            Feature.HEADER_ROUTES,
                            Feature.MIRROR_ROUTES,
                            Feature.TCP,
                            Feature.EXPERIMENTS,
                            Feature.PING_PONG),
                    MOST_PARTS,
                    EvidenceLevel.CONTROLLER,
                    "by the implementation's own policy",
                    "parents' status with this generation, then the drain bound");

    @Override
    public Capabilities capabilities() {
        return CAPABILITIES;
    }

    @Override
    public List<ObjectRef> reads(TrafficPlan plan) {
        List<ObjectRef> refs =
                new ArrayList<>(
                        config.routes().stream().map(RouterConfig.GatewayApi.Route::ref).toList());
        // ports of backendRefs that are added
        plan.additional()
                .forEach(d -> refs.add(ObjectRef.service(rollout.namespace(), d.serviceName())));
        return refs;
    }

    @Override
    public List<Selection> selections() {
        return config.selections();
    }

    @Override
    public Reading read(Snapshot seen, TrafficPlan plan, Instant now) {
        if (config.problem().isPresent()) {
            return Reading.Unusable.invalid(config.problem().get());
        }
        Optional<Pair> pair = Pair.of(rollout, plan);
        if (pair.isEmpty()) {
            return Reading.Unusable.invalid(
                    "the Gateway API plugin needs stableService and canaryService");
        }
        List<RouterConfig.GatewayApi.Route> routes = routes(seen);
        Optional<Reading> refusal = refusal(routes, plan);
        if (refusal.isPresent()) {
            return refusal.get();
        }
        List<RouteState> states = new ArrayList<>();
        List<ManagedRoute> untaken = new ArrayList<>(plan.routes());
        for (RouterConfig.GatewayApi.Route route : routes) {
            Optional<JsonNode> object = seen.find(route.ref());
            if (object.isEmpty()) {
                return Reading.Unusable.missing(route.ref());
            }
            GatewayRoute document = document(route, seen, plan, pair.get());
            if (document.weighted(object.get()).isEmpty()) {
                return Reading.Unusable.invalid(
                        "backendRef was not found in %s '%s'"
                                .formatted(fieldName(route.ref()), route.ref().name()));
            }
            untaken.removeIf(m -> document.takes(object.get(), m));
            states.add(
                    document.state(
                            route.ref(),
                            object.get(),
                            new Marks(rollout, plan, pair.get(), drainBound, now)));
        }
        return untaken.isEmpty()
                ? new Reading.Routes(states)
                : Reading.Unusable.invalid(
                        "route '%s' matches no path that a rule of %s takes"
                                .formatted(
                                        untaken.getFirst().name(), routes.getFirst().ref().name()));
    }

    /// Header and mirror routes need a route that is meant for them.
    private static Optional<Reading> refusal(
            List<RouterConfig.GatewayApi.Route> routes, TrafficPlan plan) {
        if (routes.isEmpty()) {
            return Optional.of(
                    new Reading.Unusable(Reason.MISSING, "no route has the selectors' labels"));
        }
        for (ManagedRoute managed : plan.routes()) {
            if (routes.stream().noneMatch(r -> GatewayRoute.isFor(r, managed))) {
                return Optional.of(
                        new Reading.Unusable(
                                Reason.UNSUPPORTED,
                                "route '%s' needs an HTTPRoute%s with useHeaderRoutes: true"
                                        .formatted(
                                                managed.name(),
                                                managed.mirror() ? "" : " or GRPCRoute")));
            }
            Optional<String> problem = GatewayRules.problem(managed);
            if (problem.isPresent()) {
                return Optional.of(Reading.Unusable.invalid(problem.get()));
            }
        }
        return Optional.empty();
    }

    private List<RouterConfig.GatewayApi.Route> routes(Snapshot seen) {
        List<RouterConfig.GatewayApi.Route> routes = new ArrayList<>(config.routes());
        for (Selection selection : config.selections()) {
            for (ObjectRef ref : seen.selected(selection)) {
                if (routes.stream().noneMatch(r -> r.ref().equals(ref))) {
                    routes.add(new RouterConfig.GatewayApi.Route(ref, false));
                }
            }
        }
        return routes;
    }

    @Override
    public Change desired(
            Snapshot seen, TrafficPlan plan, ObjectRef ref, Routing routing, Instant now) {
        Pair pair = Pair.of(rollout, plan).orElseThrow();
        RouterConfig.GatewayApi.Route route =
                routes(seen).stream().filter(r -> r.ref().equals(ref)).findFirst().orElseThrow();
        return document(route, seen, plan, pair)
                .change(
                        ref,
                        seen.find(ref).orElseThrow(),
                        routing,
                        new Marks(rollout, plan, pair, drainBound, now));
    }

    private GatewayRoute document(
            RouterConfig.GatewayApi.Route route, Snapshot seen, TrafficPlan plan, Pair pair) {
        return new GatewayRoute(route, config.inProgress(), rollout, plan, pair, seen);
    }

    private static String fieldName(ObjectRef ref) {
        return switch (ref.kind()) {
            case "HTTPRoute" -> "httpRoute";
            case "GRPCRoute" -> "grpcRoute";
            case "TCPRoute" -> "tcpRoute";
            case "TLSRoute" -> "tlsRoute";
            default -> ref.kind();
        };
    }
}
