package dev.sluice.router.core.provider;

import com.fasterxml.jackson.databind.JsonNode;
import dev.sluice.router.core.Change;
import dev.sluice.router.core.EvidenceLevel;
import dev.sluice.router.core.Move.Reason;
import dev.sluice.router.core.ObjectRef;
import dev.sluice.router.core.RolloutReader;
import dev.sluice.router.core.RolloutView;
import dev.sluice.router.core.RouteState;
import dev.sluice.router.core.RouterConfig;
import dev.sluice.router.core.RouterConfig.Istio;
import dev.sluice.router.core.Routing;
import dev.sluice.router.core.Snapshot;
import dev.sluice.router.core.TrafficPlan;
import dev.sluice.router.core.provider.Capabilities.Feature;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/// Istio: weights of destinations in VirtualServices, and header and mirror routes before them; on
/// subset level also the revision labels of the DestinationRule's two subsets.
///
/// The subsets are backends like Services: the planner re-points one only while it has no share,
/// so the DestinationRule changes before a VirtualService sends to it and after none does (R8).
/// Where Istio reports status for this generation the evidence is `Controller`, else `Written`.
public record IstioProvider(
        RouterConfig.Istio config, RolloutView rollout, String apiVersion, Duration drainBound)
        implements Provider {

    static final Capabilities CAPABILITIES =
            new Capabilities(
                    Set.of(
                            Feature.HEADER_ROUTES,
                            Feature.COOKIES,
                            Feature.MIRROR_ROUTES,
                            Feature.TCP,
                            Feature.EXPERIMENTS,
                            Feature.PING_PONG),
                    Capabilities.PERCENT,
                    EvidenceLevel.CONTROLLER,
                    "by hash, with a DestinationRule's `loadBalancer` within one version",
                    "status of this generation where Istio writes it, then the drain bound");

    @Override
    public Capabilities capabilities() {
        return CAPABILITIES;
    }

    @Override
    public List<ObjectRef> reads(TrafficPlan plan) {
        List<ObjectRef> refs = new ArrayList<>();
        config.virtualServices().forEach(v -> refs.add(ref(v)));
        config.destinationRule().ifPresent(d -> refs.add(ref(d)));
        return refs;
    }

    @Override
    public Reading read(Snapshot seen, TrafficPlan plan, Instant now) {
        if (config.problem().isPresent()) {
            return Reading.Unusable.invalid(config.problem().get());
        }
        if (config.destinationRule().isEmpty() && pair(plan).isEmpty()) {
            return Reading.Unusable.invalid(
                    "trafficRouting.istio needs stableService and canaryService, or a"
                            + " destinationRule");
        }
        Optional<Reading> refusal = destinationRule(seen, plan);
        if (refusal.isPresent()) {
            return refusal.get();
        }
        Marks marks = marks(plan, now);
        List<RouteState> routes = new ArrayList<>();
        boolean takesHttpRoutes = plan.routes().isEmpty();
        for (Istio.VirtualService service : config.virtualServices()) {
            Optional<JsonNode> object = seen.find(ref(service));
            if (object.isEmpty()) {
                return Reading.Unusable.missing(ref(service));
            }
            IstioRoutes document = document(service, seen, plan);
            Optional<String> problem = document.problem(object.get());
            if (problem.isPresent()) {
                return Reading.Unusable.invalid(ref(service) + ": " + problem.get());
            }
            takesHttpRoutes |= document.takesHttpRoutes(object.get());
            routes.add(document.state(ref(service), object.get(), marks));
        }
        if (!takesHttpRoutes) {
            return new Reading.Unusable(
                    Reason.UNSUPPORTED,
                    "header and mirror routes need an HTTP route; TCP and TLS have none");
        }
        return new Reading.Routes(
                routes,
                config.destinationRule()
                        .map(
                                d ->
                                        new IstioSubsets(rollout, d, ref(d), drainBound)
                                                .read(seen, plan, now))
                        .orElse(List.of()));
    }

    private Optional<Reading> destinationRule(Snapshot seen, TrafficPlan plan) {
        if (config.destinationRule().isEmpty()) {
            return Optional.empty();
        }
        Istio.DestinationRule rule = config.destinationRule().get();
        Optional<JsonNode> object = seen.find(ref(rule));
        if (object.isEmpty()) {
            return Optional.of(Reading.Unusable.missing(ref(rule)));
        }
        Optional<String> other =
                ServiceSelectors.managedBy(object.get())
                        .filter(n -> !n.equals(rollout.name()))
                        .filter(n -> isUsedBy(n, rule.name(), seen));
        if (other.isPresent()) {
            return Optional.of(
                    new Reading.Unusable(
                            Reason.FOREIGN_OWNER,
                            ref(rule) + " is managed by Rollout '" + other.get() + "'"));
        }
        for (String subset : List.of(rule.canarySubset(), rule.stableSubset())) {
            if (IstioSubsets.find(object.get(), subset).isEmpty()) {
                return Optional.of(
                        Reading.Unusable.invalid(ref(rule) + " has no subset '" + subset + "'"));
            }
        }
        return plan.additional().isEmpty() || pair(plan).isPresent()
                ? Optional.empty()
                : Optional.of(
                        Reading.Unusable.invalid(
                                "weights of experiments need stableService and canaryService"));
    }

    /// S8: an owner that is gone, or names another DestinationRule by now, is none.
    private boolean isUsedBy(String owner, String name, Snapshot seen) {
        return seen.find(ObjectRef.rollout(rollout.namespace(), owner))
                .map(RolloutReader::read)
                .filter(r -> r.routers().stream().anyMatch(c -> names(c, name)))
                .isPresent();
    }

    private static boolean names(RouterConfig config, String destinationRule) {
        return config instanceof Istio istio
                && istio.destinationRule()
                        .filter(d -> d.name().equals(destinationRule))
                        .isPresent();
    }

    @Override
    public Change desired(
            Snapshot seen, TrafficPlan plan, ObjectRef ref, Routing routing, Instant now) {
        Istio.VirtualService service =
                config.virtualServices().stream()
                        .filter(v -> ref(v).equals(ref))
                        .findFirst()
                        .orElseThrow();
        return document(service, seen, plan)
                .change(ref, seen.find(ref).orElseThrow(), routing, marks(plan, now));
    }

    @Override
    public Change point(
            Snapshot seen, TrafficPlan plan, String subset, Optional<String> hash, Instant now) {
        Istio.DestinationRule rule = config.destinationRule().orElseThrow();
        return new IstioSubsets(rollout, rule, ref(rule), drainBound)
                .point(seen, plan, subset, hash, now);
    }

    private IstioRoutes document(Istio.VirtualService service, Snapshot seen, TrafficPlan plan) {
        Optional<IstioRoutes.Subsets> subsets =
                config.destinationRule()
                        .map(
                                d ->
                                        new IstioRoutes.Subsets(
                                                seen.find(ref(d))
                                                        .map(
                                                                o ->
                                                                        o.path("spec")
                                                                                .path("host")
                                                                                .asText())
                                                        .orElse(""),
                                                d.canarySubset(),
                                                d.stableSubset(),
                                                d.additional()));
        return new IstioRoutes(
                service, rollout.managedRoutes(), plan, pair(plan).orElse(Pair.none()), subsets);
    }

    private Optional<Pair> pair(TrafficPlan plan) {
        return Pair.of(rollout, plan);
    }

    private Marks marks(TrafficPlan plan, Instant now) {
        return new Marks(rollout, plan, pair(plan).orElse(Pair.none()), drainBound, now);
    }

    private ObjectRef ref(Istio.VirtualService service) {
        return new ObjectRef(apiVersion, "VirtualService", service.namespace(), service.name());
    }

    private ObjectRef ref(Istio.DestinationRule rule) {
        return new ObjectRef(apiVersion, "DestinationRule", rollout.namespace(), rule.name());
    }
}
