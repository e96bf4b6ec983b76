package dev.sluice.rollout.core;

import com.fasterxml.jackson.databind.JsonNode;
import dev.sluice.rollout.core.Strategy.ReplicaThreshold;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/// `status.trafficPlan`: the routing that this release wants, carried out and proven by
/// router-service.
///
/// `shares` is empty where traffic follows replica counts (a canary without a traffic router):
/// then only the selectors of the plan are to be made true. `live` keeps, per revision, the
/// largest share in any plan since the last settled one: writing a plan raises it, only
/// evidence lowers it (D1, D2).
///
/// @param carriage by what the weights are carried out; empty without a router
/// @param threshold how much of what a share needs must be available; all of it when empty
public record TrafficPlan(
        long id,
        long attempt,
        Instant writtenAt,
        Reason reason,
        boolean abort,
        int maxWeight,
        String anchor,
        List<RoleService> services,
        Optional<Weights> weights,
        Optional<JsonNode> carriage,
        List<ManagedRoute> routes,
        List<Share> shares,
        List<Share> live,
        Optional<Observed> observed,
        Optional<ReplicaThreshold> threshold) {

    public enum Reason {
        Initial,
        Step,
        Abort,
        Promote,
        Rollback,
        Reconfigure
    }

    public enum Role {
        STABLE,
        CANARY,
        ACTIVE,
        PREVIEW;

        public String text() {
            return name().toLowerCase(java.util.Locale.ROOT);
        }
    }

    public record RoleService(String name, Role role, String podTemplateHash) {}

    /// Weights at the router of the canary Service, the stable Service and those of experiments;
    /// they sum to `maxWeight`.
    public record Weights(int canary, int stable, List<Destination> additional) {
        public Weights {
            additional = List.copyOf(additional);
        }

        public Weights(int canary, int stable) {
            this(canary, stable, List.of());
        }
    }

    /// A Service of an experiment's template.
    public record Destination(String serviceName, String podTemplateHash, int weight) {}

    /// A route that goes before the weights, in force at the present step: matching requests go to
    /// the canary Service, or a copy of them when it is a mirror.
    ///
    /// @param match the conditions as the step has them
    public record ManagedRoute(
            String name, boolean mirror, JsonNode match, Optional<Integer> percentage) {}

    /// Part of the traffic that a revision receives, of `maxWeight`.
    public record Share(String podTemplateHash, int weight) {}

    public record Selected(String name, String podTemplateHash) {}

    /// What router-service proved. Weights count from the moment of the evidence; capacity may
    /// be cut only after `settlesAt`.
    public record Observed(
            long plan,
            Instant at,
            Instant settlesAt,
            String level,
            Optional<Weights> weights,
            List<Selected> services,
            boolean partial,
            String message) {
        public Observed {
            services = List.copyOf(services);
        }

        Observed emptied() {
            return new Observed(
                    plan, at, settlesAt, level, Optional.empty(), List.of(), partial, message);
        }

        /// The revision that a Service was seen to select.
        public Optional<String> selected(String service) {
            return services.stream()
                    .filter(s -> s.name().equals(service))
                    .map(Selected::podTemplateHash)
                    .findFirst();
        }
    }

    public TrafficPlan {
        services = List.copyOf(services);
        routes = List.copyOf(routes);
        shares = List.copyOf(shares);
        live = List.copyOf(live);
    }

    /// True when the whole plan was seen in effect.
    public boolean isObserved() {
        return observed.map(o -> o.plan() == id && !o.partial()).orElse(false);
    }

    /// True when, besides, no proxy can be acting on an earlier plan.
    public boolean isSettled(Instant now) {
        return isObserved() && !now.isBefore(observed.orElseThrow().settlesAt());
    }

    /// The newest plan with complete evidence, 0 without any.
    public long provenPlan() {
        return observed.filter(o -> !o.partial()).map(Observed::plan).orElse(0L);
    }

    public int liveShare(String hash) {
        return live.stream()
                .filter(s -> s.podTemplateHash().equals(hash))
                .mapToInt(Share::weight)
                .max()
                .orElse(0);
    }

    public Optional<String> selected(Role role) {
        return services.stream()
                .filter(s -> s.role() == role)
                .map(RoleService::podTemplateHash)
                .findFirst();
    }

    /// The share that a Service has at the routers.
    public int shareOf(String service) {
        return services.stream()
                .filter(s -> s.name().equals(service))
                .mapToInt(
                        s ->
                                switch (s.role()) {
                                    case CANARY -> weights.map(Weights::canary).orElse(0);
                                    case STABLE -> weights.map(Weights::stable).orElse(0);
                                    case ACTIVE, PREVIEW -> 0;
                                })
                .max()
                .orElse(0);
    }

    public boolean names(String service) {
        return services.stream().anyMatch(s -> s.name().equals(service));
    }

    public boolean selects(String hash) {
        return services.stream().anyMatch(s -> s.podTemplateHash().equals(hash));
    }

    public TrafficPlan withObserved(Observed seen) {
        return with(live, Optional.of(seen));
    }

    public TrafficPlan withLive(List<Share> shares) {
        return with(shares, observed);
    }

    private TrafficPlan with(List<Share> live, Optional<Observed> observed) {
        return new TrafficPlan(
                id, attempt, writtenAt, reason, abort, maxWeight, anchor, services, weights,
                carriage, routes, shares, live, observed, threshold);
    }

    /// Nothing is routed any more; the id remains, so that the next plan has a higher one.
    public TrafficPlan emptied() {
        return new TrafficPlan(
                id,
                attempt,
                writtenAt,
                reason,
                abort,
                maxWeight,
                anchor,
                List.of(),
                Optional.empty(),
                Optional.empty(),
                List.of(),
                List.of(),
                List.of(),
                observed.map(Observed::emptied),
                Optional.empty());
    }

    /// Per revision the larger share of both lists, in order of the hash.
    public static List<Share> max(List<Share> a, List<Share> b) {
        Map<String, Integer> largest = new TreeMap<>();
        a.forEach(s -> largest.merge(s.podTemplateHash(), s.weight(), Math::max));
        b.forEach(s -> largest.merge(s.podTemplateHash(), s.weight(), Math::max));
        return largest.entrySet().stream()
                .filter(e -> e.getValue() > 0)
                .map(e -> new Share(e.getKey(), e.getValue()))
                .sorted(Comparator.comparing(Share::podTemplateHash))
                .toList();
    }

    /// Pods that a share needs: rounded up, and one for any share at all.
    public static int need(int share, int maxWeight, int replicas) {
        return (int) (((long) share * replicas + maxWeight - 1) / maxWeight);
    }
}
