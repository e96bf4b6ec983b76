package dev.sluice.rollout.core;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// How an update is staged. Delays are in seconds as in the manifest; an empty delay means the
/// documented default.
public sealed interface Strategy {

    int DEFAULT_DELAY_SECONDS = 30;

    Optional<Integer> scaleDownDelay();

    Optional<Integer> scaleDownDelayRevisionLimit();

    Optional<Integer> abortScaleDownDelay();

    Optional<AntiAffinity> antiAffinity();

    /// Traffic moves by share (with a router) or by replica counts (without).
    record Canary(
            Optional<String> stableService,
            Optional<String> canaryService,
            List<Step> steps,
            JsonNode stepsJson,
            Optional<Routing> routing,
            IntOrPercent maxSurge,
            IntOrPercent maxUnavailable,
            Optional<AnalysisSpec> background,
            int startingStep,
            int minPodsPerReplicaSet,
            Optional<ReplicaThreshold> threshold,
            Optional<Integer> scaleDownDelay,
            Optional<Integer> scaleDownDelayRevisionLimit,
            Optional<Integer> abortScaleDownDelay,
            boolean dynamicStableScale,
            Optional<PingPong> pingPong,
            Optional<AntiAffinity> antiAffinity,
            Optional<PodMetadata> canaryMetadata,
            Optional<PodMetadata> stableMetadata)
            implements Strategy {
        public Canary {
            steps = List.copyOf(steps);
        }

        public boolean isRouted() {
            return routing.isPresent();
        }

        public int maxWeight() {
            return routing.map(Routing::maxWeight).orElse(Routing.DEFAULT_MAX_WEIGHT);
        }

        /// The Service that carries the evidence of router-service; without any there is no
        /// traffic plan.
        public Optional<String> anchor() {
            return stableService
                    .or(() -> canaryService)
                    .or(() -> pingPong.map(PingPong::pingService));
        }
    }

    /// Two whole stacks and one switch.
    record BlueGreen(
            String activeService,
            Optional<String> previewService,
            Optional<Integer> previewReplicaCount,
            boolean autoPromotion,
            int autoPromotionSeconds,
            IntOrPercent maxUnavailable,
            Optional<AnalysisSpec> prePromotion,
            Optional<AnalysisSpec> postPromotion,
            Optional<Integer> scaleDownDelay,
            Optional<Integer> scaleDownDelayRevisionLimit,
            Optional<Integer> abortScaleDownDelay,
            Optional<AntiAffinity> antiAffinity,
            Optional<PodMetadata> previewMetadata,
            Optional<PodMetadata> activeMetadata)
            implements Strategy {}

    /// `trafficRouting`: which routers carry the weights is router-service's concern; the core
    /// needs the scale of the weights and the objects that must exist.
    record Routing(
            int maxWeight, List<String> nginxIngresses, List<String> managedRoutes, JsonNode json) {
        public static final int DEFAULT_MAX_WEIGHT = 100;

        public Routing {
            nginxIngresses = List.copyOf(nginxIngresses);
            managedRoutes = List.copyOf(managedRoutes);
        }
    }

    /// Two Services that take turns in being the stable one.
    record PingPong(String pingService, String pongService) {}

    /// Keeps pods of the new revision off the nodes of the stable one.
    ///
    /// @param preferredWeight 1 to 100; empty when it is required
    record AntiAffinity(Optional<Integer> preferredWeight) {}

    /// Labels and annotations that pods carry only while their revision plays a role.
    record PodMetadata(Map<String, String> labels, Map<String, String> annotations) {
        public PodMetadata {
            labels = Sorted.copy(labels);
            annotations = Sorted.copy(annotations);
        }
    }

    /// `replicaProgressThreshold`: how much of the wanted canary is enough to go on.
    record ReplicaThreshold(boolean percent, int value) {

        public boolean isMet(int wanted, int available) {
            if (percent) {
                return wanted == 0 || 100L * available >= (long) value * wanted;
            }
            return available >= value;
        }
    }
}
