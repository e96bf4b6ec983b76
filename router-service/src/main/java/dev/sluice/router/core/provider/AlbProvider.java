package dev.sluice.router.core.provider;

import com.fasterxml.jackson.databind.JsonNode;
import dev.sluice.router.core.Change;
import dev.sluice.router.core.EvidenceLevel;
import dev.sluice.router.core.ObjectRef;
import dev.sluice.router.core.RolloutView;
import dev.sluice.router.core.RouteState;
import dev.sluice.router.core.RouterConfig;
import dev.sluice.router.core.Routing;
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

/// AWS load balancers: the forward action of the user's Ingresses, and an action, a condition and
/// a path for each header route.
///
/// What the load balancer itself does is not asked: the evidence is `Written`, and the drain bound
/// stands for the time that its controller and the load balancer take.
public record AlbProvider(RouterConfig.Alb config, RolloutView rollout, Duration drainBound)
        implements Provider {

    private static final long WEEK = 604_800;

    static final Capabilities CAPABILITIES =
            new Capabilities(
                    Set.of(Feature.HEADER_ROUTES, Feature.EXPERIMENTS, Feature.PING_PONG),
                    Capabilities.PERCENT,
                    EvidenceLevel.WRITTEN,
                    "by cookie, with `stickinessConfig`",
                    "no report; the drain bound");

    @Override
    public Capabilities capabilities() {
        return CAPABILITIES;
    }

    @Override
    public List<ObjectRef> reads(TrafficPlan plan) {
        return config.ingresses().stream().map(this::ref).toList();
    }

    @Override
    public Reading read(Snapshot seen, TrafficPlan plan, Instant now) {
        Optional<Pair> pair = Pair.of(rollout, plan);
        Optional<String> problem = problem(plan);
        if (problem.isPresent()) {
            return Reading.Unusable.invalid(problem.get());
        }
        if (pair.isEmpty()) {
            return Reading.Unusable.invalid(
                    "trafficRouting.alb needs stableService and canaryService, or pingPong");
        }
        List<RouteState> routes = new ArrayList<>();
        for (String name : config.ingresses()) {
            Optional<JsonNode> ingress = seen.find(ref(name));
            if (ingress.isEmpty()) {
                return Reading.Unusable.missing(ref(name));
            }
            AlbActions document = document(plan, pair.get());
            if (!document.hasRule(ingress.get())) {
                return Reading.Unusable.invalid(
                        "ingress `%s` has no rules using service %s backend"
                                .formatted(name, document.actionService()));
            }
            routes.add(
                    document.state(
                            ref(name),
                            ingress.get(),
                            new Marks(rollout, plan, pair.get(), drainBound, now)));
        }
        return new Reading.Routes(routes);
    }

    private Optional<String> problem(TrafficPlan plan) {
        if (config.ingresses().isEmpty()) {
            return Optional.of("trafficRouting.alb names no ingress");
        }
        if (config.stickiness().filter(s -> s < 1 || s > WEEK).isPresent()) {
            return Optional.of(
                    "TargetGroupStickinessConfig's duration must be between 1 and 604800 seconds"
                            + " (7 days)!");
        }
        if (rollout.pingPong() && config.rootService().isEmpty()) {
            return Optional.of(
                    "Root service field is required for the configuration with ALB and ping-pong"
                            + " feature enabled");
        }
        for (ManagedRoute route : plan.routes()) {
            for (JsonNode item : route.match()) {
                if (!item.path("headerValue").has("exact")) {
                    return Optional.of(
                            "route '%s': ALB supports 'exact' header values only"
                                    .formatted(route.name()));
                }
            }
        }
        return Optional.empty();
    }

    @Override
    public Change desired(
            Snapshot seen, TrafficPlan plan, ObjectRef route, Routing routing, Instant now) {
        Pair pair = Pair.of(rollout, plan).orElseThrow();
        return document(plan, pair)
                .change(
                        route,
                        seen.find(route).orElseThrow(),
                        routing,
                        new Marks(rollout, plan, pair, drainBound, now));
    }

    private AlbActions document(TrafficPlan plan, Pair pair) {
        return new AlbActions(config, rollout, pair, plan.maxWeight());
    }

    private ObjectRef ref(String ingress) {
        return new ObjectRef("networking.k8s.io/v1", "Ingress", rollout.namespace(), ingress);
    }
}
