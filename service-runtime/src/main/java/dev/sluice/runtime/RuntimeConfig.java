package dev.sluice.runtime;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.time.Duration;
import java.util.Optional;

/// Settings common to all services. Checked at start: a service with a setting that makes no sense
/// does not start.
@ConfigMapping(prefix = "sluice")
public interface RuntimeConfig {

    /// Which service this is: `sync`, `rollout`, `analysis` or `router`. Names the PostgreSQL
    /// schema and the source of events. Set by the service itself.
    String service();

    /// Works only on objects whose label `argo-rollouts.argoproj.io/controller-instance-id` has
    /// this value; unset: only on objects without the label.
    Optional<String> instanceId();

    /// Works only in this namespace; unset: in all.
    Optional<String> namespace();

    /// Name of the cluster in events.
    @WithDefault("in-cluster")
    String cluster();

    /// Kafka.
    Kafka kafka();

    /// Facts on their way out.
    OutboxSettings outbox();

    /// Events that were handled.
    InboxSettings inbox();

    /// Kubernetes Events.
    EventSettings events();

    /// Kubernetes Events.
    interface EventSettings {

        /// Source component that users see, for example `rollouts-controller`.
        @WithDefault("sluice")
        String component();
    }

    /// Topics.
    interface Kafka {

        /// Put before every topic and consumer group, for installations that share a broker.
        Optional<String> topicPrefix();

        /// Partitions of each topic; never change it on topics that exist.
        @WithDefault("12")
        int partitions();

        /// Replicas of topics that Sluice creates; -1 leaves it to the broker.
        @WithDefault("-1")
        short replicationFactor();
    }

    /// Outbox.
    interface OutboxSettings {

        /// How often leftovers are looked for.
        @WithDefault("2s")
        Duration sweepInterval();

        /// How long published facts are kept.
        @WithDefault("24h")
        Duration retention();

        /// How many facts may wait in memory while PostgreSQL is down.
        @WithDefault("20000")
        int memoryLimit();
    }

    /// Inbox.
    interface InboxSettings {

        /// How long handled ids are kept; longer than Kafka keeps the events.
        @WithDefault("8d")
        Duration retention();
    }

    /// Source of events from this service.
    default String eventSource() {
        return "/sluice/" + cluster() + "/" + service() + "-service";
    }

    /// What to put before topic and group names.
    default String topicPrefix() {
        return kafka().topicPrefix().orElse("");
    }
}
