package dev.sluice.rollout.adapter.k8s;

import dev.sluice.rollout.RolloutMessages;
import dev.sluice.rollout.app.Notices;
import dev.sluice.rollout.core.Names;
import dev.sluice.rollout.core.Notice;
import dev.sluice.rollout.core.RolloutMeta;
import dev.sluice.runtime.KubernetesEvents;

/// Records notices as core/v1 Events on the Rollout.
final class RolloutEvents implements Notices {
    private final KubernetesEvents events;

    RolloutEvents(KubernetesEvents events) {
        this.events = events;
    }

    @Override
    public void record(RolloutMeta rollout, Notice notice) {
        RolloutMessages.LOG.noticed(
                rollout.namespace(), rollout.name(), notice.reason(), notice.message());
        KubernetesEvents.Type type =
                switch (notice.type()) {
                    case Normal -> KubernetesEvents.Type.NORMAL;
                    case Warning -> KubernetesEvents.Type.WARNING;
                };
        events.record(
                new KubernetesEvents.About(
                        Names.API_VERSION,
                        "Rollout",
                        rollout.namespace(),
                        rollout.name(),
                        rollout.uid()),
                type,
                notice.reason(),
                notice.message());
    }
}
