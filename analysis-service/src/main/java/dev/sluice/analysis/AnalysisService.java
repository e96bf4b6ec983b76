package dev.sluice.analysis;

import dev.sluice.analysis.app.Measurements;
import dev.sluice.analysis.app.MetricProvider;
import dev.sluice.analysis.app.RunReconciler;
import dev.sluice.analysis.app.Runs;
import dev.sluice.analysis.app.Secrets;
import dev.sluice.runtime.Outbox;
import dev.sluice.runtime.RuntimeConfig;
import io.quarkus.arc.All;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Singleton;
import java.time.InstantSource;
import java.util.List;

/// Puts the main path together.
@ApplicationScoped
class AnalysisService {

    @Produces
    @Singleton
    RunReconciler reconciler(
            @All List<MetricProvider> providers,
            Secrets secrets,
            Runs runs,
            Outbox outbox,
            RuntimeConfig config) {
        InstantSource clock = InstantSource.system();
        return new RunReconciler(
                new Measurements(providers, secrets, clock),
                runs,
                outbox,
                clock,
                config.eventSource(),
                config.cluster());
    }
}
