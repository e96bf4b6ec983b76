package dev.sluice.router.core;

import dev.sluice.router.core.TrafficPlan.Destination;
import dev.sluice.router.core.TrafficPlan.ManagedRoute;
import java.util.ArrayList;
import java.util.List;

/// What one routing object does, or shall do. The stable Service has what the others leave of the
/// whole.
///
/// @param canary share of the canary Service
/// @param additional shares of experiments' Services; none of them is zero
/// @param routes header and mirror routes, in the order in which they are tried
public record Routing(int canary, List<Destination> additional, List<ManagedRoute> routes) {

    public Routing {
        additional = additional.stream().filter(d -> d.weight() > 0).toList();
        routes = List.copyOf(routes);
    }

    /// The share of the stable Service; negative when the others have more than there is.
    public long stable(int whole) {
        return (long) whole - canary - beside();
    }

    /// What all additional Services have together.
    public long beside() {
        return additional.stream().mapToLong(Destination::weight).sum();
    }

    /// The share of one additional Service.
    public int weightOf(String service) {
        return additional.stream()
                .filter(d -> d.serviceName().equals(service))
                .mapToInt(Destination::weight)
                .findFirst()
                .orElse(0);
    }

    /// Whether both divide traffic alike, whatever their header and mirror routes.
    public boolean dividesLike(Routing other) {
        return canary == other.canary && hasAdditionalOf(other);
    }

    /// Whether the additional Services have the same shares.
    public boolean hasAdditionalOf(Routing other) {
        return additional.size() == other.additional.size()
                && additional.stream().allMatch(d -> other.weightOf(d.serviceName()) == d.weight());
    }

    /// How far this is from another division of traffic.
    public long distanceTo(Routing other) {
        long distance = Math.abs((long) canary - other.canary);
        for (Destination d : additional) {
            distance += Math.abs((long) d.weight() - other.weightOf(d.serviceName()));
        }
        for (Destination d : other.additional) {
            distance += weightOf(d.serviceName()) == 0 ? d.weight() : 0;
        }
        return distance;
    }

    /// With another share of the canary Service.
    public Routing withCanary(int share) {
        return new Routing(share, additional, routes);
    }

    /// With other header and mirror routes.
    public Routing withRoutes(List<ManagedRoute> others) {
        return new Routing(canary, additional, others);
    }

    /// With no additional Service above its share in `other`.
    public Routing cappedBy(Routing other) {
        List<Destination> lower = new ArrayList<>();
        for (Destination d : additional) {
            int weight = Math.min(d.weight(), other.weightOf(d.serviceName()));
            lower.add(new Destination(d.serviceName(), d.podTemplateHash(), weight));
        }
        return new Routing(canary, lower, routes);
    }

    /// With one additional Service as it is in `other`; the order is that of `other`.
    public Routing withDestination(Destination changed, Routing other) {
        List<Destination> next = new ArrayList<>();
        for (Destination d : other.additional) {
            int weight =
                    d.serviceName().equals(changed.serviceName())
                            ? changed.weight()
                            : weightOf(d.serviceName());
            next.add(new Destination(d.serviceName(), d.podTemplateHash(), weight));
        }
        additional.stream().filter(d -> other.weightOf(d.serviceName()) == 0).forEach(next::add);
        return new Routing(canary, next, routes);
    }
}
