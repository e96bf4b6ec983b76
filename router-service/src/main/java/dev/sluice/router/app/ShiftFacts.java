package dev.sluice.router.app;

import dev.sluice.events.Event;
import dev.sluice.events.Shares;
import dev.sluice.events.TrafficEvent;
import dev.sluice.events.TrafficEvent.TrafficShifted;
import dev.sluice.events.WorkloadRef;
import dev.sluice.router.core.Evidence;
import dev.sluice.router.core.RolloutView;
import dev.sluice.router.core.TrafficPlan;
import java.util.List;
import java.util.Optional;

/// The fact that follows from an evidence annotation. Its id comes from the annotation, so that a
/// crash between the annotation and the event neither loses nor repeats it.
public record ShiftFacts(String cluster, String source) {

    Event shifted(RolloutView rollout, TrafficPlan plan, Evidence evidence) {
        List<TrafficEvent.ServiceTarget> services =
                evidence.services().stream()
                        .map(s -> new TrafficEvent.ServiceTarget(s.name(), s.podTemplateHash()))
                        .toList();
        TrafficShifted body =
                new TrafficShifted(
                        new WorkloadRef(
                                cluster,
                                rollout.namespace(),
                                "Rollout",
                                rollout.name(),
                                rollout.uid()),
                        plan.attempt(),
                        plan.id(),
                        evidence.level().wireName(),
                        evidence.canaryWeight()
                                .map(
                                        w ->
                                                new Shares(
                                                        w,
                                                        evidence.stableWeight(),
                                                        evidence.maxWeight())),
                        services,
                        evidence.at(),
                        evidence.settlesAt(),
                        evidence.partial(),
                        Optional.of(evidence.message()).filter(m -> !m.isEmpty()));
        return Event.fact(
                        "%s/%d/traffic-shifted/%d/%d"
                                .formatted(
                                        rollout.uid(),
                                        plan.attempt(),
                                        plan.id(),
                                        evidence.at().toEpochMilli()),
                        source,
                        evidence.at(),
                        rollout.uid(),
                        body)
                .withCorrelation(
                        Optional.of(rollout.uid() + "/" + plan.attempt()), Optional.empty());
    }
}
