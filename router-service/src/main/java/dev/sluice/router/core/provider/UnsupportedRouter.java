package dev.sluice.router.core.provider;

import dev.sluice.router.core.Change;
import dev.sluice.router.core.Move.Reason;
import dev.sluice.router.core.ObjectRef;
import dev.sluice.router.core.RouterConfig;
import dev.sluice.router.core.Snapshot;
import dev.sluice.router.core.TrafficPlan;
import java.time.Duration;
import java.time.Instant;
import java.util.List;

/// Stands for a router that can't be programmed: refuses by name, writes nothing (T8).
record UnsupportedRouter(RouterConfig.Unsupported config) implements Provider {

    @Override
    public String name() {
        return config.name();
    }

    @Override
    public Duration drainBound() {
        return Duration.ZERO;
    }

    @Override
    public List<ObjectRef> reads() {
        return List.of();
    }

    @Override
    public Reading read(Snapshot seen, TrafficPlan plan, Instant now) {
        return new Reading.Unusable(
                Reason.UNSUPPORTED,
                "traffic router '"
                        + config.name()
                        + "' is not supported by this version: traffic stays where it is."
                        + " Use nginx, or the Gateway API plugin");
    }

    @Override
    public Change desired(
            Snapshot seen, TrafficPlan plan, ObjectRef route, int canary, Instant now) {
        throw new IllegalStateException("router " + config.name() + " has no routes");
    }
}
