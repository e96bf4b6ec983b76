package dev.sluice.router.core.provider;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sluice.router.core.Change;
import dev.sluice.router.core.Evidence;
import dev.sluice.router.core.Keys;
import dev.sluice.router.core.Lingering;
import dev.sluice.router.core.ObjectRef;
import dev.sluice.router.core.RolloutView;
import dev.sluice.router.core.ServiceState;
import dev.sluice.router.core.Snapshot;
import dev.sluice.router.core.TrafficPlan;
import dev.sluice.router.core.TrafficPlan.ServiceTarget;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Selectors of the stable, canary, active and preview Service: the part of routing that every
/// release has. Owned fields: the hash key of the selector, the owner annotation, our own marks.
public record ServiceSelectors(RolloutView rollout, Duration drainBound) {

    /// The Services of a plan.
    public List<ObjectRef> reads(TrafficPlan plan) {
        return plan.services().stream()
                .map(t -> ObjectRef.service(rollout.namespace(), t.name()))
                .distinct()
                .toList();
    }

    /// What a Service says.
    ///
    /// @param owner another living Rollout that the owner annotation names and that refers to it
    /// @param ready ready endpoints by revision
    /// @param followedAt when they changed last
    public ServiceState read(
            ServiceTarget target,
            Snapshot seen,
            Optional<String> owner,
            Map<String, Integer> ready,
            Optional<Instant> followedAt,
            Instant now) {
        Optional<JsonNode> found = seen.find(ObjectRef.service(rollout.namespace(), target.name()));
        JsonNode service = found.orElse(Owned.JSON.objectNode());
        return new ServiceState(
                ServiceState.SERVICE,
                target.name(),
                target.role(),
                target.podTemplateHash(),
                found.isPresent(),
                selectedHash(service),
                Lingering.readSelector(service, rollout.uid(), drainBound, followedAt, now)
                        .former(),
                managedBy(service).isPresent(),
                owner,
                Lingering.stampedPlan(service, rollout.uid()),
                ready);
    }

    /// The revision that a Service selects.
    public static Optional<String> selectedHash(JsonNode service) {
        return Optional.of(service.path("spec").path("selector").path(Keys.HASH).asText(""))
                .filter(s -> !s.isEmpty());
    }

    /// The Rollout that a Service's owner annotation names.
    public static Optional<String> managedBy(JsonNode service) {
        return Optional.of(
                        service.path("metadata")
                                .path("annotations")
                                .path(Keys.MANAGED_BY)
                                .asText(""))
                .filter(s -> !s.isEmpty());
    }

    /// Lets a Service select another revision.
    ///
    /// @param former revisions that proxies may still reach through it, besides the present one
    public Change point(
            Snapshot seen,
            TrafficPlan plan,
            String name,
            String hash,
            List<String> former,
            Instant now) {
        ObjectRef ref = ObjectRef.service(rollout.namespace(), name);
        JsonNode service = seen.find(ref).orElseThrow();
        Lingering lingering =
                new Lingering(former, now)
                        .replacing(selectedHash(service).orElse(""), hash, drainBound, now);
        ObjectNode patch = Owned.mergePatch(service);
        Owned.annotate(patch, Keys.MANAGED_BY, rollout.name());
        Owned.annotate(patch, Keys.PLAN, Lingering.stamp(service, rollout.uid(), plan.id()));
        Owned.annotate(patch, Keys.LINGERING, lingering.annotation(service, rollout.uid(), hash));
        patch.putObject("spec").putObject("selector").put(Keys.HASH, hash);
        return Owned.merge(ref, patch);
    }

    /// Marks a Service as programmed for a plan that leaves its selector as it is. What lingers
    /// from an earlier change stays recorded.
    public Change stamp(Snapshot seen, TrafficPlan plan, String name) {
        ObjectRef ref = ObjectRef.service(rollout.namespace(), name);
        JsonNode service = seen.find(ref).orElseThrow();
        ObjectNode patch = Owned.mergePatch(service);
        Owned.annotate(patch, Keys.PLAN, Lingering.stamp(service, rollout.uid(), plan.id()));
        return Owned.merge(ref, patch);
    }

    /// Records the evidence on the anchor, which is thereby marked as programmed for the plan.
    public Change evidence(Snapshot seen, TrafficPlan plan, Evidence evidence) {
        ObjectRef ref = ObjectRef.service(rollout.namespace(), plan.anchor());
        JsonNode service = seen.find(ref).orElseThrow();
        ObjectNode patch = Owned.mergePatch(service);
        Owned.annotate(patch, Keys.PLAN, Lingering.stamp(service, rollout.uid(), plan.id()));
        Owned.annotate(patch, Keys.EVIDENCE, evidence.toJson());
        return Owned.merge(ref, patch);
    }

    /// Gives a Service that no Rollout refers to any more back to its user: it selects all pods of
    /// the application again.
    public static Change clean(ObjectRef ref, JsonNode service) {
        ObjectNode patch = Owned.mergePatch(service);
        ObjectNode annotations =
                patch.withObjectProperty("metadata").withObjectProperty("annotations");
        for (String key : List.of(Keys.MANAGED_BY, Keys.PLAN, Keys.LINGERING, Keys.EVIDENCE)) {
            annotations.putNull(key);
        }
        patch.putObject("spec").putObject("selector").putNull(Keys.HASH);
        return Owned.merge(ref, patch);
    }
}
