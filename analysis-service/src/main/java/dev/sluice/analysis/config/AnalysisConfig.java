package dev.sluice.analysis.config;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/// Settings of analysis-service. A value that makes no sense stops the start.
@ConfigMapping(prefix = "sluice.analysis")
public interface AnalysisConfig {

    /// Prometheus for metrics that name none; else the environment's
    /// `ARGO_ROLLOUTS_PROMETHEUS_ADDRESS`.
    Optional<String> prometheusAddress();

    /// Upper bound of one measurement, whatever timeout the metric asks for.
    @WithDefault("120s")
    Duration maxMeasurementTime();

    /// Upper bound of an answer's body in bytes.
    @WithDefault("1048576")
    int maxBodyBytes();

    /// How often a run of another replica is looked at again.
    @WithDefault("10s")
    Duration resync();

    /// Where metrics may be fetched from.
    Egress egress();

    /// Where metrics may be fetched from.
    interface Egress {

        /// Grants link-local addresses, where clouds serve their metadata and credentials.
        @WithDefault("false")
        boolean allowLinkLocal();

        /// Grants the service's own machine; off where that exposes something.
        @WithDefault("true")
        boolean allowLoopback();

        /// Only these hosts, exact names or `*.suffix`; unset: all that is not refused otherwise.
        Optional<List<String>> allowedHosts();

        /// Never these hosts, exact names or `*.suffix`.
        Optional<List<String>> deniedHosts();
    }
}
