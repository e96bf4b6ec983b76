package dev.sluice.runtime.kafka;

import dev.sluice.runtime.BatchHandler;
import dev.sluice.runtime.EventHandler;
import dev.sluice.runtime.EventStream;
import dev.sluice.runtime.RuntimeConfig;
import dev.sluice.runtime.StreamOptions;
import dev.sluice.runtime.outbox.Publisher;
import dev.sluice.runtime.postgres.Inbox;
import io.micrometer.core.instrument.MeterRegistry;
import io.quarkus.runtime.ShutdownEvent;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicBoolean;

/// Streams as one consumer and one thread each: a handler only records and enqueues.
@ApplicationScoped
class KafkaEventStream implements EventStream {

    private final Broker broker;
    private final PartitionOwnership ownership;
    private final Publisher publisher;
    private final Inbox inbox;
    private final MeterRegistry metrics;
    private final String prefix;
    private final AtomicBoolean owned = new AtomicBoolean();
    private final List<Subscription> open = new CopyOnWriteArrayList<>();

    KafkaEventStream(
            Broker broker,
            PartitionOwnership ownership,
            Publisher publisher,
            Inbox inbox,
            MeterRegistry metrics,
            RuntimeConfig config) {
        this.broker = broker;
        this.ownership = ownership;
        this.publisher = publisher;
        this.inbox = inbox;
        this.metrics = metrics;
        this.prefix = config.topicPrefix();
    }

    @Override
    public Subscription subscribe(StreamOptions options, EventHandler handler) {
        return open(
                new Delivery(
                        options,
                        events -> events.forEach(handler::handle),
                        false,
                        inbox,
                        publisher,
                        metrics,
                        prefix));
    }

    @Override
    public Subscription subscribeBatches(StreamOptions options, BatchHandler handler) {
        return open(new Delivery(options, handler, true, inbox, publisher, metrics, prefix));
    }

    private Subscription open(Delivery delivery) {
        boolean owning = delivery.options().owning() && owned.compareAndSet(false, true);
        ConsumerLoop loop = new ConsumerLoop(broker, delivery, prefix, owning ? ownership : null);
        open.add(loop);
        loop.start();
        return loop;
    }

    void stop(@Observes ShutdownEvent event) {
        open.forEach(Subscription::close);
    }
}
