package dev.sluice.rollout;

import dev.sluice.rollout.adapter.k8s.RolloutOperator;
import dev.sluice.rollout.adapter.kafka.ReleaseEvents;
import dev.sluice.rollout.app.AnalysisTemplates;
import dev.sluice.rollout.app.CommandDesk;
import dev.sluice.rollout.app.ExperimentGauges;
import dev.sluice.rollout.app.Explained;
import dev.sluice.rollout.app.FactLog;
import dev.sluice.rollout.app.GateDesk;
import dev.sluice.rollout.app.Gauges;
import dev.sluice.rollout.app.Origins;
import dev.sluice.rollout.app.Signature;
import dev.sluice.rollout.config.RolloutServiceConfig;
import dev.sluice.runtime.ConditionalWrites;
import dev.sluice.runtime.EventStream;
import dev.sluice.runtime.KubernetesEvents;
import dev.sluice.runtime.Outbox;
import dev.sluice.runtime.Ownership;
import dev.sluice.runtime.RuntimeConfig;
import dev.sluice.runtime.SeenVersions;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Singleton;
import java.time.InstantSource;

/// Puts the parts together, starts and stops them.
@ApplicationScoped
public class RolloutService {
    @Produces
    @Singleton
    Origins origins() {
        return new Origins();
    }

    @Produces
    @Singleton
    Signature signature(RuntimeConfig config) {
        return new Signature(config.cluster(), config.eventSource());
    }

    @Produces
    @Singleton
    RolloutOperator rolloutOperator(
            RolloutOperator.Platform platform,
            Signature signature,
            Outbox outbox,
            Gauges gauges,
            ExperimentGauges experimentGauges,
            Origins origins) {
        return new RolloutOperator(
                platform,
                new FactLog(outbox, signature, InstantSource.system()),
                gauges,
                experimentGauges,
                origins);
    }

    @Produces
    @Singleton
    RolloutOperator.Platform platform(
            KubernetesClient client,
            ConditionalWrites writes,
            SeenVersions versions,
            KubernetesEvents events,
            Ownership ownership,
            RuntimeConfig common,
            RolloutServiceConfig config) {
        return new RolloutOperator.Platform(
                client,
                writes,
                versions,
                events,
                ownership,
                common,
                config,
                InstantSource.system());
    }

    @Produces
    @Singleton
    Explained.Board board(RolloutOperator operator) {
        return operator.board();
    }

    @Produces
    @Singleton
    AnalysisTemplates analysisTemplates(RolloutOperator operator) {
        return operator.analysisTemplates();
    }

    @Produces
    @Singleton
    ReleaseEvents releaseEvents(
            RolloutOperator operator, Signature signature, Outbox outbox, Origins origins) {
        CommandDesk desk =
                new CommandDesk(
                        operator.rollouts(),
                        operator.cluster(),
                        outbox,
                        signature,
                        InstantSource.system());
        GateDesk gates =
                new GateDesk(
                        operator.waiters(),
                        operator.rollouts(),
                        operator.cluster(),
                        operator,
                        InstantSource.system());
        return new ReleaseEvents(operator, desk, gates, origins);
    }

    void start(
            @Observes StartupEvent event,
            RolloutOperator operator,
            ReleaseEvents events,
            EventStream stream) {
        operator.start();
        events.listen(stream);
    }

    void stop(@Observes ShutdownEvent event, RolloutOperator operator) {
        operator.stop();
    }
}
