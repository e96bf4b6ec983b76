package dev.sluice.router.core;

import dev.sluice.router.core.TrafficPlan.Destination;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/// One routing object as it was read.
///
/// @param exists false for an object that we create ourselves
/// @param canary share of the canary Service, in parts of the plan's maxWeight
/// @param additional shares of Services beside canary and stable
/// @param managed names of the header and mirror routes on it that are ours
/// @param former shares of the canary Service that proxies may still apply
/// @param exact whether everything that we own on it is as the shares demand
/// @param stampedPlan the newest plan that it was programmed for
/// @param level the evidence that it gives now
/// @param acknowledged whether that evidence covers the present content
/// @param problem what its controller complains of
public record RouteState(
        ObjectRef ref,
        boolean exists,
        int canary,
        List<Destination> additional,
        List<String> managed,
        List<Integer> former,
        boolean exact,
        OptionalLong stampedPlan,
        EvidenceLevel level,
        boolean acknowledged,
        Optional<String> problem) {

    public RouteState {
        additional = List.copyOf(additional);
        managed = List.copyOf(managed);
        former = List.copyOf(former);
    }

    /// An object that we have still to create: all traffic is where it was.
    public static RouteState absent(ObjectRef ref) {
        return new RouteState(
                ref,
                false,
                0,
                List.of(),
                List.of(),
                List.of(),
                false,
                OptionalLong.empty(),
                EvidenceLevel.WRITTEN,
                true,
                Optional.empty());
    }

    /// What the object does, in the plan's terms. Routes that the plan doesn't have are left out:
    /// a write with this value removes them.
    public Routing routing(TrafficPlan plan) {
        return new Routing(
                canary,
                additional,
                plan.routes().stream().filter(r -> managed.contains(r.name())).toList());
    }
}
