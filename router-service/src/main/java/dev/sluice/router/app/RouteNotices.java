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

    void switched(RolloutView rollout, Change change, String service, String former, String hash) {
        if (change.ref().kind().equals("DestinationRule")) {
            record(
                    rollout,
                    KubernetesEvents.Type.NORMAL,
                    "UpdatedDestinationRule",
                    "DestinationRule `%s` subset '%s' updated from '%s' to '%s'"
                            .formatted(change.ref().name(), service, former, hash));
            return;
        }
        record(
                rollout,
                KubernetesEvents.Type.NORMAL,
                "SwitchService",
                "Switched selector for service '%s' from '%s' to '%s'"
                        .formatted(service, former, hash));
    }

    /// Each router has reasons of its own; the others have none.
    void weight(RolloutView rollout, Change change, int canary) {
        String name = change.ref().name();
        boolean created = change instanceof Change.Create;
        switch (change.ref().kind()) {
            case "VirtualService" ->
                    normal(
                            rollout,
                            "Updated VirtualService",
                            "VirtualService `%s` set to desiredWeight '%d'"
                                    .formatted(name, canary));
            case "TrafficSplit" -> {
                if (created) {
                    normal(
                            rollout,
                            "TrafficSplitCreated",
                            "TrafficSplit `%s` created".formatted(name));
                }
            }
            case "Ingress" -> {
                boolean ofController = change instanceof Change.Operations;
                if (created) {
                    normal(
                            rollout,
                            "CreatingCanaryIngress",
                            "Creating canary ingress `%s` with weight `%d`"
                                    .formatted(name, canary));
                } else {
                    normal(
                            rollout,
                            ofController ? "PatchingALBIngress" : "PatchingCanaryIngress",
                            "Updating Ingress `%s` to desiredWeight '%d'".formatted(name, canary));
                }
            }
            default -> {}
        }
    }

    private void normal(RolloutView rollout, String reason, String message) {
        record(rollout, KubernetesEvents.Type.NORMAL, reason, message);
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
