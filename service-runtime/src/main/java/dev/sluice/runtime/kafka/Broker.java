package dev.sluice.runtime.kafka;

import dev.sluice.events.Topic;
import dev.sluice.runtime.RuntimeConfig;
import io.quarkus.runtime.ShutdownEvent;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.CommonClientConfigs;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.TopicExistsException;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.jboss.logging.Logger;

/// The broker from afar: is it there, and do our topics exist. Creates missing topics, all with the
/// same number of partitions, because automatic creation would give them different ones.
@ApplicationScoped
public class Broker {

    private static final Duration LOOK_EVERY = Duration.ofSeconds(2);
    private static final Duration PATIENCE = Duration.ofSeconds(3);
    private static final Logger LOG = Logger.getLogger(Broker.class);

    private final String bootstrap;
    private final String prefix;
    private final int partitions;
    private final short replicas;
    private final CompletableFuture<Void> topicsReady = new CompletableFuture<>();
    private volatile boolean up;
    private volatile boolean stopped;

    Broker(
            @ConfigProperty(name = "kafka.bootstrap.servers") String bootstrap,
            RuntimeConfig config) {
        this.bootstrap = bootstrap;
        this.prefix = config.topicPrefix();
        this.partitions = config.kafka().partitions();
        this.replicas = config.kafka().replicationFactor();
    }

    /// Starts to look after the broker.
    public void start() {
        Thread.ofVirtual().name("kafka-broker").start(this::watch);
    }

    void stop(@Observes ShutdownEvent event) {
        stopped = true;
    }

    /// Whether the broker answered last time.
    public boolean isUp() {
        return up;
    }

    /// Completes when all topics exist.
    public CompletableFuture<Void> topicsReady() {
        return topicsReady.copy();
    }

    /// What every client of the broker needs.
    Map<String, Object> clientSettings(String clientId) {
        Map<String, Object> settings = new HashMap<>();
        settings.put(CommonClientConfigs.BOOTSTRAP_SERVERS_CONFIG, bootstrap);
        settings.put(CommonClientConfigs.CLIENT_ID_CONFIG, clientId);
        settings.put(CommonClientConfigs.RECONNECT_BACKOFF_MAX_MS_CONFIG, 1_000L);
        settings.put("metric.reporters", "");
        settings.put("enable.metrics.push", false);
        return settings;
    }

    int partitions() {
        return partitions;
    }

    private void watch() {
        while (!stopped) {
            try (Admin admin = Admin.create(clientSettings("sluice-broker-watch"))) {
                while (!stopped) {
                    look(admin);
                    TimeUnit.MILLISECONDS.sleep(LOOK_EVERY.toMillis());
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return;
            } catch (KafkaException e) {
                // For example a name that does not resolve yet.
                unreachable(e);
                try {
                    TimeUnit.MILLISECONDS.sleep(LOOK_EVERY.toMillis());
                } catch (InterruptedException interrupted) {
                    Thread.currentThread().interrupt();
                    return;
                }
            }
        }
    }

    private void look(Admin admin) throws InterruptedException {
        try {
            admin.describeCluster().clusterId().get(PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
            if (!topicsReady.isDone()) {
                createTopics(admin);
                topicsReady.complete(null);
            }
            if (!up) {
                LOG.info("Kafka is reachable");
            }
            up = true;
        } catch (ExecutionException | TimeoutException e) {
            unreachable(e);
        }
    }

    private void unreachable(Exception e) {
        if (up || !topicsReady.isDone()) {
            LOG.debugf("Kafka at %s does not answer: %s", bootstrap, e);
        }
        if (up) {
            LOG.warnf("Kafka at %s does not answer, events wait", bootstrap);
        }
        up = false;
    }

    private void createTopics(Admin admin)
            throws ExecutionException, InterruptedException, TimeoutException {
        Set<String> present =
                admin.listTopics().names().get(PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
        List<NewTopic> missing = new ArrayList<>();
        Arrays.stream(Topic.values())
                .map(topic -> topic.wireName(prefix))
                .filter(name -> !present.contains(name))
                .forEach(name -> missing.add(topic(name)));
        if (missing.isEmpty()) {
            return;
        }
        try {
            admin.createTopics(missing).all().get(PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
        } catch (ExecutionException e) {
            // Another service was quicker with some; the next look creates the rest.
            if (!(e.getCause() instanceof TopicExistsException)) {
                throw e;
            }
            createTopics(admin);
        }
    }

    private NewTopic topic(String name) {
        return new NewTopic(
                name,
                Optional.of(partitions),
                replicas < 0 ? Optional.empty() : Optional.of(replicas));
    }
}
