package dev.sluice.router.core;

import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/// One routing object as it was read.
///
/// @param exists false for an object that we create ourselves
/// @param canary share of the canary Service, in parts of the plan's maxWeight
/// @param former shares that proxies may still apply
/// @param exact whether everything that we own on it is as the share demands
/// @param stampedPlan the newest plan that it was programmed for
/// @param level the evidence that it gives now
/// @param acknowledged whether that evidence covers the present content
/// @param problem what its controller complains of
public record RouteState(
        ObjectRef ref,
        boolean exists,
        int canary,
        List<Integer> former,
        boolean exact,
        OptionalLong stampedPlan,
        EvidenceLevel level,
        boolean acknowledged,
        Optional<String> problem) {

    public RouteState {
        former = List.copyOf(former);
    }
}
