package dev.sluice.analysis.adapter.provider;

import dev.sluice.analysis.app.MetricProvider;
import dev.sluice.analysis.config.AnalysisConfig;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Singleton;
import java.util.Optional;

/// The providers that speak HTTP, all through one fetcher.
@ApplicationScoped
class Providers {
    /// Where the original looks for a default Prometheus.
    private static final String ADDRESS_VARIABLE = "ARGO_ROLLOUTS_PROMETHEUS_ADDRESS";

    @Produces
    @Singleton
    Fetcher fetcher(AnalysisConfig config) {
        if (config.maxBodyBytes() < 1
                || config.maxMeasurementTime().isZero()
                || config.maxMeasurementTime().isNegative()) {
            throw new IllegalStateException(
                    "sluice.analysis.max-body-bytes and sluice.analysis.max-measurement-time must be positive");
        }
        return new Fetcher(
                EgressPolicy.of(config.egress()),
                config.maxBodyBytes(),
                config.maxMeasurementTime());
    }

    @Produces
    @Singleton
    MetricProvider prometheus(Fetcher fetcher, AnalysisConfig config) {
        Optional<String> address =
                config.prometheusAddress()
                        .or(
                                () ->
                                        Optional.ofNullable(System.getenv(ADDRESS_VARIABLE))
                                                .filter(text -> !text.isBlank()));
        return new PrometheusProvider(fetcher, address);
    }

    @Produces
    @Singleton
    MetricProvider web(Fetcher fetcher) {
        return new WebProvider(fetcher);
    }
}
