package dev.sluice.runtime.wiring;

import dev.sluice.runtime.Outbox;
import dev.sluice.runtime.RuntimeConfig;
import dev.sluice.runtime.kafka.Broker;
import dev.sluice.runtime.outbox.LogTail;
import dev.sluice.runtime.outbox.OutboxStore;
import dev.sluice.runtime.outbox.Publisher;
import dev.sluice.runtime.outbox.Relay;
import dev.sluice.runtime.outbox.StoreUnavailableException;
import dev.sluice.runtime.postgres.Database;
import dev.sluice.runtime.postgres.Inbox;
import io.micrometer.core.instrument.MeterRegistry;
import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import jakarta.annotation.Priority;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Singleton;
import java.time.InstantSource;
import java.util.UUID;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import org.jboss.logging.Logger;

/// Starts the relay after the configuration was checked; nothing here waits for Kafka or
/// PostgreSQL.
@ApplicationScoped
class Lifecycle {

    private static final Logger LOG = Logger.getLogger(Lifecycle.class);

    private final RuntimeConfig config;
    private final Broker broker;
    private final Relay relay;
    private final Database database;
    private final Inbox inbox;
    private final ScheduledExecutorService pruner =
            Executors.newSingleThreadScheduledExecutor(
                    Thread.ofVirtual().name("inbox-pruner").factory());

    Lifecycle(
            RuntimeConfig config,
            Broker broker,
            OutboxStore store,
            Publisher publisher,
            LogTail tail,
            Database database,
            Inbox inbox,
            MeterRegistry metrics) {
        this.config = config;
        this.broker = broker;
        this.database = database;
        this.inbox = inbox;
        this.relay =
                new Relay(
                        config.service() + "-" + UUID.randomUUID(),
                        config.topicPrefix(),
                        config.outbox(),
                        store,
                        publisher,
                        tail,
                        metrics,
                        InstantSource.system());
    }

    @Produces
    @Singleton
    Outbox outbox() {
        return relay;
    }

    void check(@Observes @Priority(1) StartupEvent event) {
        ConfigCheck.check(config);
    }

    /// After the channels are wired, which happens at priority 1000, and before the services start.
    void start(@Observes @Priority(1500) StartupEvent event) {
        broker.start();
        relay.start();
        var _ = database.firstContact().thenRun(relay::nudge);
        database.start();
        ScheduledFuture<?> _ =
                pruner.scheduleWithFixedDelay(this::prune, 10, 3600, TimeUnit.SECONDS);
    }

    void stop(@Observes @Priority(1) ShutdownEvent event) {
        pruner.shutdownNow();
        relay.stop();
    }

    private void prune() {
        try {
            inbox.prune(config.inbox().retention());
        } catch (StoreUnavailableException e) {
            LOG.debugf("Inbox is pruned later: %s", e.getMessage());
        }
    }
}
