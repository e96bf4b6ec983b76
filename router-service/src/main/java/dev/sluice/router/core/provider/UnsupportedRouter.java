package dev.sluice.router.core.provider;

import dev.sluice.router.core.Change;
import dev.sluice.router.core.EvidenceLevel;
import dev.sluice.router.core.Move.Reason;
import dev.sluice.router.core.ObjectRef;
import dev.sluice.router.core.RouterConfig;
import dev.sluice.router.core.Routing;
import dev.sluice.router.core.Snapshot;
import dev.sluice.router.core.TrafficPlan;
import java.time.Duration;
import java.time.Instant;
import java.util.EnumSet;
import java.util.List;

/// Stands for a router that can't be programmed: refuses by name, writes nothing (T8).
record UnsupportedRouter(RouterConfig.Unsupported config) implements Provider {

    private static final String APP_MESH = "appMesh";

    @Override
    public Capabilities capabilities() {
        // whatever the plan asks for, the answer is the refusal of the router itself
        return new Capabilities(
                EnumSet.allOf(Capabilities.Feature.class),
                Integer.MAX_VALUE,
                EvidenceLevel.WRITTEN,
                "none",
                "none");
    }

    @Override
    public Duration drainBound() {
        return Duration.ZERO;
    }

    @Override
    public List<ObjectRef> reads(TrafficPlan plan) {
        return List.of();
    }

    @Override
    public Reading read(Snapshot seen, TrafficPlan plan, Instant now) {
        String advice =
                config.name().equals(APP_MESH)
                        ? "AWS App Mesh is retired by its maker. Move to the Gateway API or Istio"
                        : "Use one of istio, nginx, alb, smi, ambassador, traefik, apisix, or the"
                                + " Gateway API plugin";
        return new Reading.Unusable(
                Reason.UNSUPPORTED,
                "traffic router '"
                        + config.name()
                        + "' is not supported by this version: traffic stays where it is. "
                        + advice);
    }

    @Override
    public Change desired(
            Snapshot seen, TrafficPlan plan, ObjectRef route, Routing routing, Instant now) {
        throw new IllegalStateException("router " + config.name() + " has no routes");
    }
}
