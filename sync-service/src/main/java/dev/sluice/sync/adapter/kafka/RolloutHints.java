package dev.sluice.sync.adapter.kafka;

import dev.sluice.events.Event;
import dev.sluice.events.RolloutEvent;
import dev.sluice.events.Topic;
import dev.sluice.events.WorkloadRef;
import dev.sluice.runtime.EventStream;
import dev.sluice.sync.app.Looks;
import io.quarkus.runtime.StartupEvent;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Inject;
import java.util.List;

/// The end of a release is a reason to look at the Rollout itself: an abort found there rejects the
/// revision. What the event says is not used.
@ApplicationScoped
public class RolloutHints {
    private final EventStream stream;
    private final Looks looks;

    @Inject
    public RolloutHints(EventStream stream, Looks looks) {
        this.stream = stream;
        this.looks = looks;
    }

    void start(@Observes StartupEvent event) {
        stream.subscribe("sluice-sync", List.of(Topic.ROLLOUT), this::handle);
    }

    private void handle(Event event) {
        if (event.data() instanceof RolloutEvent.RolloutAborted aborted) {
            look(aborted.release().workload());
        } else if (event.data() instanceof RolloutEvent.RolloutCompleted completed) {
            look(completed.release().workload());
        }
    }

    private void look(WorkloadRef workload) {
        looks.lookAtOwners(workload.namespace(), workload.name());
    }
}
