package dev.sluice.rollout.adapter.k8s;

import io.javaoperatorsdk.operator.api.reconciler.EventSourceContext;
import io.javaoperatorsdk.operator.processing.event.ResourceID;
import io.javaoperatorsdk.operator.processing.event.source.EventSource;
import io.javaoperatorsdk.operator.processing.event.source.IndexerResourceCache;
import io.javaoperatorsdk.operator.processing.event.source.inbound.SimpleInboundEventSource;
import java.util.List;
import java.util.Optional;

/// The Experiments of this installation's partition, found by their Rollout.
final class ExperimentCache {
    private static final String CONTROLLER = "controller";

    private final IndexerResourceCache<ExperimentResource> experiments;
    private final SimpleInboundEventSource<ExperimentResource> hints =
            new SimpleInboundEventSource<>("hints");

    ExperimentCache(EventSourceContext<ExperimentResource> context) {
        this.experiments = context.getPrimaryCache();
        experiments.addIndexer(
                CONTROLLER, e -> Views.controllerUid(e).map(List::of).orElse(List.of()));
    }

    List<EventSource<?, ExperimentResource>> sources() {
        return List.of(hints);
    }

    /// Those that a Rollout controls.
    List<ExperimentResource> of(String rolloutUid) {
        return experiments.byIndex(CONTROLLER, rolloutUid);
    }

    Optional<ExperimentResource> get(String namespace, String name) {
        return experiments.get(new ResourceID(name, namespace));
    }

    /// Asks for a look at an Experiment.
    void hint(String namespace, String name) {
        hints.propagateEvent(new ResourceID(name, namespace));
    }

    /// Asks for a look at every Experiment.
    void hintAll() {
        experiments.list(_ -> true).map(ResourceID::fromResource).forEach(hints::propagateEvent);
    }
}
