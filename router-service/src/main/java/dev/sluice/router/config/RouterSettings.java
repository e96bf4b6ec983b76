package dev.sluice.router.config;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.time.Duration;

/// Settings under `sluice.router`. The service does not start with one that makes no sense.
@ConfigMapping(prefix = "sluice.router")
public interface RouterSettings {

    /// How long a plan that takes traffic back waits for its event before it is carried out anyway.
    @WithDefault("2s")
    Duration abortGrace();

    /// How long any other plan waits for its event before it is carried out anyway.
    @WithDefault("10s")
    Duration planGrace();

    /// How often routing is read back while it divides traffic between revisions.
    @WithDefault("30s")
    Duration readBack();

    /// How often routing is read back while all traffic goes to one revision.
    @WithDefault("10m")
    Duration readBackIdle();

    /// How soon to look again when capacity is short, at first; then less and less often, down to
    /// `recheck-invalid`, for changes of ReplicaSets, Services and EndpointSlices are seen at once.
    /// It is also the longest wait for a router's controller that has not acknowledged a change.
    @WithDefault("1s")
    Duration recheck();

    /// How soon to look again at something that a person has to correct.
    @WithDefault("10s")
    Duration recheckInvalid();

    /// How often Services that no Rollout refers to any more are looked for.
    @WithDefault("30s")
    Duration cleanInterval();

    /// How long proxies may still apply a former configuration.
    Drain drain();

    /// Drain bounds by kind of router.
    interface Drain {
        /// After a Service's selector changed and its endpoints followed.
        @WithDefault("3s")
        Duration services();

        /// After an Ingress of ingress-nginx changed: it takes over at most every 3.3 s.
        @WithDefault("10s")
        Duration nginx();

        /// After a route of the Gateway API changed.
        @WithDefault("10s")
        Duration gateway();

        /// After a VirtualService or DestinationRule changed.
        @WithDefault("10s")
        Duration istio();

        /// After an Ingress of the AWS load balancer controller changed: the controller, the load
        /// balancer's own API and its nodes take their time.
        @WithDefault("60s")
        Duration alb();

        /// After an object of any other router changed.
        @WithDefault("15s")
        Duration others();
    }

    /// Groups and versions of the routers' objects.
    Api api();

    /// Groups and versions by router.
    interface Api {
        /// Of VirtualServices and DestinationRules.
        @WithDefault("networking.istio.io/v1alpha3")
        String istio();

        /// Of TrafficSplits.
        @WithDefault("split.smi-spec.io/v1alpha1")
        String smi();

        /// Of Mappings; with the group x.getambassador.io they are AmbassadorMappings.
        @WithDefault("getambassador.io/v2")
        String ambassador();

        /// Of TraefikServices.
        @WithDefault("traefik.io/v1alpha1")
        String traefik();
    }

    /// Complains about settings that make no sense.
    ///
    /// @throws IllegalArgumentException with the name of the setting and what is wrong
    default void check() {
        positive("abort-grace", abortGrace());
        positive("plan-grace", planGrace());
        positive("read-back", readBack());
        positive("read-back-idle", readBackIdle());
        positive("recheck", recheck());
        positive("recheck-invalid", recheckInvalid());
        positive("clean-interval", cleanInterval());
        positive("drain.services", drain().services());
        positive("drain.nginx", drain().nginx());
        positive("drain.gateway", drain().gateway());
        positive("drain.istio", drain().istio());
        positive("drain.alb", drain().alb());
        positive("drain.others", drain().others());
    }

    private static void positive(String name, Duration value) {
        if (value.isNegative() || value.isZero()) {
            throw new IllegalArgumentException(
                    "sluice.router." + name + " must be longer than zero, is " + value);
        }
    }
}
