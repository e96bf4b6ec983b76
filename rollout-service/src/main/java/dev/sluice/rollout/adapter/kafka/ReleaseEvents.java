package dev.sluice.rollout.adapter.kafka;

import dev.sluice.events.AnalysisEvent;
import dev.sluice.events.CiEvent;
import dev.sluice.events.Event;
import dev.sluice.events.RolloutCommand;
import dev.sluice.events.RolloutEvent;
import dev.sluice.events.SyncEvent;
import dev.sluice.events.Topic;
import dev.sluice.events.TrafficEvent;
import dev.sluice.events.WorkloadRef;
import dev.sluice.rollout.app.CommandDesk;
import dev.sluice.rollout.app.GateDesk;
import dev.sluice.rollout.app.Looks;
import dev.sluice.rollout.app.Origins;
import dev.sluice.runtime.EventStream;
import dev.sluice.runtime.TryLaterException;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.util.List;

/// Passes events on. Apart from commands and CI events, which are judged on a fresh read, an event
/// only causes a look at the Rollout that it names: a forged or repeated one changes nothing (V6,
// V8).
public final class ReleaseEvents {
    /// Topics that give hints; their assignment decides which replica works on which Rollout.
    private static final List<Topic> TOPICS =
            List.of(Topic.TRAFFIC, Topic.COMMANDS, Topic.ANALYSIS, Topic.SYNC, Topic.CI);

    private final Looks looks;
    private final CommandDesk desk;
    private final GateDesk gates;
    private final Origins origins;

    public ReleaseEvents(Looks looks, CommandDesk desk, GateDesk gates, Origins origins) {
        this.looks = looks;
        this.desk = desk;
        this.gates = gates;
        this.origins = origins;
    }

    /// Starts to listen.
    public EventStream.Subscription listen(EventStream stream) {
        return stream.subscribe("sluice-rollout", TOPICS, this::handle);
    }

    void handle(Event event) {
        switch (event.data()) {
            case TrafficEvent traffic -> look(traffic.workload());
            case AnalysisEvent.AnalysisResult result ->
                    result.run().workload().ifPresent(this::look);
            case SyncEvent.SyncCompleted completed -> remember(completed);
            case RolloutCommand command -> {
                try {
                    desk.handle(event, command);
                } catch (KubernetesClientException e) {
                    throw new TryLaterException("the API server can't be reached", e);
                }
                look(command.target().workload());
            }
            case CiEvent ci -> {
                try {
                    gates.handle(event, ci);
                } catch (KubernetesClientException e) {
                    throw new TryLaterException("the API server can't be reached", e);
                }
            }
            case AnalysisEvent _, SyncEvent _, RolloutEvent _ -> {}
        }
    }

    private void remember(SyncEvent.SyncCompleted completed) {
        origins.remember(completed);
        for (SyncEvent.SyncedRollout rollout : completed.rollouts()) {
            looks.at(rollout.namespace(), rollout.name());
        }
    }

    private void look(WorkloadRef workload) {
        looks.at(workload.namespace(), workload.name());
    }
}
