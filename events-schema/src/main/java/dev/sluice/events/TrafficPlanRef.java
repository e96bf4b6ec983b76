package dev.sluice.events;

import java.util.Optional;

/// The routing that a step wants. The full plan is `status.trafficPlan` of the Rollout, which a
/// reader must read again before acting.
///
/// @param id rises with each plan of a Rollout
/// @param abort whether it returns traffic after an abort
/// @param wanted the shares, absent where no router is configured
public record TrafficPlanRef(long id, boolean abort, Optional<Shares> wanted) {}
