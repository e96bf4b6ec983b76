package dev.sluice.rollout.config;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import jakarta.validation.constraints.Min;
import java.time.Duration;

/// Settings of rollout-service alone; those common to all services are in
/// [dev.sluice.runtime.RuntimeConfig].
@ConfigMapping(prefix = "sluice.rollout")
public interface RolloutServiceConfig {
    /// The namespace whose annotations `sluice.dev/stop-releases` and `sluice.dev/freeze-windows`
    /// hold releases back everywhere.
    @WithDefault("sluice-system")
    String controlPlaneNamespace();

    /// A look at every Rollout without any event, the safety net under all of them.
    @WithDefault("15m")
    Duration resync();

    /// The same while a traffic plan waits for its evidence.
    @WithDefault("10s")
    Duration resyncUnobserved();

    /// How soon to look again after a write that was refused because something had changed.
    @WithDefault("50ms")
    Duration conflictDelay();

    /// Longest wait after repeated failures of one Rollout.
    @WithDefault("10s")
    Duration maxBackoff();

    /// How often one Rollout may be looked at per second, at most.
    @WithDefault("40")
    @Min(1)
    int looksPerSecond();

    /// How many Rollouts are worked on at once, at most; aborts and what has begun to move first.
    @WithDefault("16")
    @Min(1)
    int parallelLooks();

    /// How long to wait for running reconciles when the service stops.
    @WithDefault("5s")
    Duration shutdownGrace();
}
