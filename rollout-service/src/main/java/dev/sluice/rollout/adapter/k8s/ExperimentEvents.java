package dev.sluice.rollout.adapter.k8s;

import dev.sluice.rollout.RolloutMessages;
import dev.sluice.rollout.app.ExperimentNotices;
import dev.sluice.rollout.core.Names;
import dev.sluice.rollout.core.Notice;
import dev.sluice.rollout.core.experiment.Experiment;
import dev.sluice.rollout.core.experiment.ExperimentNames;
import dev.sluice.runtime.KubernetesEvents;

/// Records notices as core/v1 Events on the Experiment, or on its Rollout.
final class ExperimentEvents implements ExperimentNotices {
    private final KubernetesEvents events;

    ExperimentEvents(KubernetesEvents events) {
        this.events = events;
    }

    @Override
    public void record(Experiment.Meta experiment, Notice notice) {
        RolloutMessages.LOG.noticed(
                experiment.namespace(), experiment.name(), notice.reason(), notice.message());
        send(
                new KubernetesEvents.About(
                        Names.API_VERSION,
                        ExperimentNames.KIND,
                        experiment.namespace(),
                        experiment.name(),
                        experiment.uid()),
                notice);
    }

    @Override
    public void recordOnRollout(Experiment.Meta experiment, Notice notice) {
        experiment
                .rollout()
                .ifPresent(
                        owner ->
                                send(
                                        new KubernetesEvents.About(
                                                Names.API_VERSION,
                                                "Rollout",
                                                experiment.namespace(),
                                                owner.name(),
                                                owner.uid()),
                                        notice));
    }

    private void send(KubernetesEvents.About about, Notice notice) {
        KubernetesEvents.Type type =
                switch (notice.type()) {
                    case Normal -> KubernetesEvents.Type.NORMAL;
                    case Warning -> KubernetesEvents.Type.WARNING;
                };
        events.record(about, type, notice.reason(), notice.message());
    }
}
