package dev.sluice.router.app;

import dev.sluice.router.core.Change;
import dev.sluice.router.core.ObjectRef;
import dev.sluice.router.core.RolloutView;
import dev.sluice.runtime.KubernetesEvents;

/// What people see of routing with `kubectl describe rollout`: the reasons and texts that tools
/// know. Nothing else may be recorded on a Rollout in a normal run.
public final class RouteNotices {

    private final Recorder events;

    /// Where they are recorded; [KubernetesEvents#record] in the running service.
    @FunctionalInterface
    public interface Recorder {
        /// Records one event; never fails.
        void record(
                KubernetesEvents.About about,
                KubernetesEvents.Type type,
                String reason,
                String message);
    }

    public RouteNotices(Recorder events) {
        this.events = events;
    }

    void switched(RolloutView rollout, String service, String former, String hash) {
        record(
                rollout,
                KubernetesEvents.Type.NORMAL,
                "SwitchService",
                "Switched selector for service '%s' from '%s' to '%s'"
                        .formatted(service, former, hash));
    }

    void weight(RolloutView rollout, Change change, int canary) {
        if (!change.ref().kind().equals("Ingress")) {
            return;
        }
        if (change instanceof Change.Create) {
            record(
                    rollout,
                    KubernetesEvents.Type.NORMAL,
                    "CreatingCanaryIngress",
                    "Creating canary ingress `%s`".formatted(change.ref().name()));
        } else {
            record(
                    rollout,
                    KubernetesEvents.Type.NORMAL,
                    "PatchingCanaryIngress",
                    "Updating Ingress `%s` to desiredWeight '%d'"
                            .formatted(change.ref().name(), canary));
        }
    }

    void routingError(RolloutView rollout, String message) {
        record(rollout, KubernetesEvents.Type.WARNING, "TrafficRoutingError", message);
    }

    void restored(RolloutView rollout, ObjectRef object) {
        routingError(rollout, object + " was changed by somebody else; restored to the plan");
    }

    private void record(
            RolloutView rollout, KubernetesEvents.Type type, String reason, String message) {
        events.record(
                new KubernetesEvents.About(
                        rollout.apiVersion(),
                        "Rollout",
                        rollout.namespace(),
                        rollout.name(),
                        rollout.uid()),
                type,
                reason,
                message);
    }
}
