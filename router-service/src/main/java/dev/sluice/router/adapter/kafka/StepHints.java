package dev.sluice.router.adapter.kafka;

import dev.sluice.events.Event;
import dev.sluice.events.EventType;
import dev.sluice.events.RolloutEvent.StepReached;
import dev.sluice.events.Topic;
import dev.sluice.events.TrafficPlanRef;
import dev.sluice.events.WorkloadRef;
import dev.sluice.router.app.Looks;
import dev.sluice.runtime.EventStream;
import dev.sluice.runtime.RuntimeConfig;
import dev.sluice.runtime.StreamOptions;
import io.quarkus.runtime.StartupEvent;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.util.List;

/// `StepReached` is a hint to look at the Rollout it names. Nothing in the event is carried out:
/// the plan is read from the cluster, so a forged, old or repeated event changes nothing.
@ApplicationScoped
class StepHints {

    private final EventStream stream;
    private final Looks looks;
    private final RuntimeConfig config;

    StepHints(EventStream stream, Looks looks, RuntimeConfig config) {
        this.stream = stream;
        this.looks = looks;
        this.config = config;
    }

    void onStart(@Observes StartupEvent event) {
        var _ =
                stream.subscribe(
                        StreamOptions.hints("sluice-router", List.of(Topic.ROLLOUT))
                                .only(EventType.ROLLOUT_STEP_REACHED),
                        this::take);
    }

    private void take(Event event) {
        if (event.data() instanceof StepReached step && step.plan().isPresent()) {
            WorkloadRef workload = step.release().workload();
            TrafficPlanRef plan = step.plan().get();
            if (workload.cluster().equals(config.cluster())) {
                looks.hint(
                        workload.namespace(),
                        workload.name(),
                        workload.uid(),
                        step.release().attempt(),
                        plan.id());
            }
        }
    }
}
