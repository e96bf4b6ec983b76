/// router-service: makes traffic be what a Rollout's traffic plan says, and proves it.
///
/// Reading path: [dev.sluice.router.core.TrafficPlan] (what is wanted),
/// [dev.sluice.router.core.ShiftPlanner] (which single write comes next, and when none may),
/// [dev.sluice.router.core.provider.Provider] (how a router's objects carry it), then
/// [dev.sluice.router.app.TrafficShifter] (observe, decide, execute).
@NullMarked
package dev.sluice.router;

import org.jspecify.annotations.NullMarked;
