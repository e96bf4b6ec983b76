package dev.sluice.explorer.drive;

import dev.sluice.explorer.model.Bounds;
import dev.sluice.router.config.RouterSettings;
import java.time.Duration;

/// router-service's settings; only the drain bounds matter here, for the schedule is the clock.
record Settings(Bounds bounds, Breakage breakage) implements RouterSettings {
    private static final Duration SOON = Duration.ofSeconds(1);
    private static final Duration LATER = Duration.ofSeconds(30);

    @Override
    public Duration abortGrace() {
        return SOON;
    }

    @Override
    public Duration planGrace() {
        return SOON;
    }

    @Override
    public Duration readBack() {
        return LATER;
    }

    @Override
    public Duration readBackIdle() {
        return LATER;
    }

    @Override
    public Duration recheck() {
        return SOON;
    }

    @Override
    public Duration recheckInvalid() {
        return SOON;
    }

    @Override
    public Duration cleanInterval() {
        return LATER;
    }

    @Override
    public Drain drain() {
        return new Bound(bounds, breakage == Breakage.EARLY_EVIDENCE);
    }

    private record Bound(Bounds bounds, boolean none) implements Drain {
        @Override
        public Duration services() {
            return Duration.ofMillis(none ? 1 : bounds.services());
        }

        @Override
        public Duration nginx() {
            return Duration.ofMillis(none ? 1 : bounds.routes());
        }

        @Override
        public Duration gateway() {
            return Duration.ofMillis(none ? 1 : bounds.routes());
        }

        @Override
        public Duration istio() {
            return gateway();
        }

        @Override
        public Duration alb() {
            return gateway();
        }

        @Override
        public Duration others() {
            return gateway();
        }
    }

    @Override
    public Api api() {
        return new Versions();
    }

    /// The model programs no router whose version can be chosen.
    private record Versions() implements Api {
        @Override
        public String istio() {
            return "networking.istio.io/v1";
        }

        @Override
        public String smi() {
            return "split.smi-spec.io/v1alpha4";
        }

        @Override
        public String ambassador() {
            return "getambassador.io/v2";
        }

        @Override
        public String traefik() {
            return "traefik.io/v1alpha1";
        }
    }
}
