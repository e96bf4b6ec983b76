package dev.sluice.router.core.provider;

import dev.sluice.router.core.Change;
import dev.sluice.router.core.Move.Reason;
import dev.sluice.router.core.ObjectRef;
import dev.sluice.router.core.RolloutView;
import dev.sluice.router.core.RouteState;
import dev.sluice.router.core.RouterConfig;
import dev.sluice.router.core.Snapshot;
import dev.sluice.router.core.TrafficPlan;
import java.time.Duration;
import java.time.Instant;
import java.util.List;

/// One kind of router, for one Rollout. Pure: it says what to read, what that means, and what to
/// write. A configuration is always computed from the plan, never from the former one (R2).
public interface Provider {

    /// The key under `trafficRouting`.
    String name();

    /// How long after a write a proxy may still apply the former configuration, where nothing
    /// better than a read-back proves it.
    Duration drainBound();

    /// The objects that it needs to see.
    List<ObjectRef> reads();

    /// What those objects say, or why they can't carry the plan.
    Reading read(Snapshot seen, TrafficPlan plan, Instant now);

    /// The write that gives the canary Service `canary` parts at `route`, and stamps the plan.
    ///
    /// @param route one of the routes of [#read]
    Change desired(Snapshot seen, TrafficPlan plan, ObjectRef route, int canary, Instant now);

    /// What was read.
    sealed interface Reading {
        /// Every routing object of this router.
        record Routes(List<RouteState> routes) implements Reading {
            public Routes {
                routes = List.copyOf(routes);
            }
        }

        /// Nothing may be written: the message goes to the Rollout as it is.
        record Unusable(Reason reason, String message) implements Reading {}
    }

    /// The provider of a router configuration.
    static Provider of(RouterConfig config, RolloutView rollout, DrainBounds drain) {
        return switch (config) {
            case RouterConfig.Nginx nginx -> new NginxProvider(nginx, rollout, drain.nginx());
            case RouterConfig.GatewayApi gateway ->
                    new GatewayProvider(gateway, rollout, drain.gateway());
            case RouterConfig.Unsupported unsupported -> new UnsupportedRouter(unsupported);
        };
    }

    /// Drain bounds of the providers.
    record DrainBounds(Duration services, Duration nginx, Duration gateway) {}
}
