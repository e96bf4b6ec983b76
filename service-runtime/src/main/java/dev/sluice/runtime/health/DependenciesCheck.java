package dev.sluice.runtime.health;

import dev.sluice.runtime.kafka.Broker;
import dev.sluice.runtime.postgres.Database;
import jakarta.enterprise.context.ApplicationScoped;
import org.eclipse.microprofile.health.HealthCheck;
import org.eclipse.microprofile.health.HealthCheckResponse;
import org.eclipse.microprofile.health.Readiness;

/// Says whether Kafka and PostgreSQL answer. Ready either way: a service that is taken out of
/// service because its event bus is down could not abort a release.
@Readiness
@ApplicationScoped
class DependenciesCheck implements HealthCheck {

    private final Broker broker;
    private final Database database;

    DependenciesCheck(Broker broker, Database database) {
        this.broker = broker;
        this.database = database;
    }

    @Override
    public HealthCheckResponse call() {
        return HealthCheckResponse.named("dependencies")
                .withData("kafka", broker.isUp() ? "up" : "down")
                .withData("postgres", database.isUp() ? "up" : "down")
                .up()
                .build();
    }
}
