package dev.sluice.runtime.wiring;

import dev.sluice.runtime.RuntimeConfig;
import io.quarkus.runtime.configuration.ConfigurationException;
import java.time.Duration;
import java.util.Set;
import java.util.regex.Pattern;

/// Refuses settings that make no sense, naming the key, its value and what is allowed.
final class ConfigCheck {

    private static final Set<String> SERVICES = Set.of("sync", "rollout", "analysis", "router");
    private static final Pattern PREFIX = Pattern.compile("[A-Za-z0-9._-]{0,100}");
    private static final Pattern LABEL = Pattern.compile("[a-z0-9]([-a-z0-9.]{0,61}[a-z0-9])?");

    private ConfigCheck() {}

    static void check(RuntimeConfig config) {
        require(
                SERVICES.contains(config.service()),
                "sluice.service",
                config.service(),
                "one of sync, rollout, analysis, router");
        require(
                PREFIX.matcher(config.topicPrefix()).matches(),
                "sluice.kafka.topic-prefix",
                config.topicPrefix(),
                "letters, digits, '.', '_' and '-', at most 100");
        require(
                config.kafka().partitions() >= 1 && config.kafka().partitions() <= 1000,
                "sluice.kafka.partitions",
                config.kafka().partitions(),
                "1 to 1000");
        require(
                config.kafka().replicationFactor() == -1 || config.kafka().replicationFactor() >= 1,
                "sluice.kafka.replication-factor",
                config.kafka().replicationFactor(),
                "-1 (the broker's default) or at least 1");
        positive("sluice.outbox.sweep-interval", config.outbox().sweepInterval());
        positive("sluice.outbox.retention", config.outbox().retention());
        positive("sluice.inbox.retention", config.inbox().retention());
        require(
                config.outbox().memoryLimit() >= 1,
                "sluice.outbox.memory-limit",
                config.outbox().memoryLimit(),
                "at least 1");
        config.namespace()
                .ifPresent(
                        n ->
                                require(
                                        LABEL.matcher(n).matches(),
                                        "sluice.namespace",
                                        n,
                                        "the name of one namespace, or unset for all"));
        require(!config.cluster().isBlank(), "sluice.cluster", config.cluster(), "a name");
    }

    private static void positive(String key, Duration value) {
        require(!value.isNegative() && !value.isZero(), key, value, "a duration above zero");
    }

    private static void require(boolean fine, String key, Object value, String allowed) {
        if (!fine) {
            throw new ConfigurationException(
                    key + " is '" + value + "', allowed is: " + allowed, Set.of(key));
        }
    }
}
