package dev.sluice.runtime.postgres;

import dev.sluice.runtime.RuntimeConfig;
import dev.sluice.runtime.outbox.StoreUnavailableException;
import io.quarkus.arc.All;
import io.quarkus.vertx.core.runtime.context.VertxContextSafetyToggle;
import io.smallrye.common.vertx.VertxContext;
import io.smallrye.mutiny.Uni;
import io.vertx.core.Context;
import io.vertx.core.Vertx;
import io.vertx.mutiny.sqlclient.Pool;
import jakarta.enterprise.context.ApplicationScoped;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;
import java.util.function.Supplier;
import org.hibernate.reactive.mutiny.Mutiny;
import org.jboss.logging.Logger;

/// The database as blocking code sees it: each piece of work is one transaction, takes a bounded
/// time, and fails with [StoreUnavailableException] while PostgreSQL is down, at once after the
/// first time.
///
/// The schema is created at first contact, so a service starts without PostgreSQL.
@ApplicationScoped
public class Database {

    private static final Duration PATIENCE = Duration.ofSeconds(1);
    private static final Duration SCHEMA_PATIENCE = Duration.ofSeconds(5);
    private static final Duration RETRY_AFTER = Duration.ofSeconds(1);
    private static final Logger LOG = Logger.getLogger(Database.class);

    private final Mutiny.SessionFactory sessions;
    private final Pool pool;
    private final Vertx vertx;
    private final String schema;
    private final List<SchemaPart> parts;
    private final InstantSource clock = InstantSource.system();
    private volatile boolean schemaReady;
    private volatile Instant downSince = Instant.MIN;
    private volatile Instant retryAt = Instant.MIN;

    Database(
            Mutiny.SessionFactory sessions,
            Pool pool,
            Vertx vertx,
            RuntimeConfig config,
            @All List<SchemaPart> parts) {
        this.sessions = sessions;
        this.pool = pool;
        this.vertx = vertx;
        this.schema = config.service();
        this.parts = List.copyOf(parts);
    }

    /// Runs `work` in a transaction of its own. Never call it on an event loop.
    ///
    /// @throws StoreUnavailableException when PostgreSQL does not answer in time; whether the
    ///     transaction took effect is then unknown
    public <T> T inTransaction(Function<Mutiny.Session, Uni<T>> work) {
        return inTransaction(PATIENCE, work);
    }

    /// The same with a time limit of its own.
    public <T> T inTransaction(Duration patience, Function<Mutiny.Session, Uni<T>> work) {
        if (clock.instant().isBefore(retryAt)) {
            throw new StoreUnavailableException(
                    "PostgreSQL is down since " + downSince, new IllegalStateException());
        }
        try {
            if (!schemaReady) {
                createSchema();
            }
            T result = await(patience, () -> sessions.withTransaction(work));
            if (!downSince.equals(Instant.MIN)) {
                LOG.infof(
                        "PostgreSQL is back after %s",
                        Duration.between(downSince, clock.instant()));
                downSince = Instant.MIN;
            }
            return result;
        } catch (ExecutionException e) {
            throw failed(e.getCause() == null ? e : e.getCause());
        } catch (TimeoutException e) {
            throw failed(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new StoreUnavailableException("interrupted while waiting for PostgreSQL", e);
        }
    }

    /// Whether the last work succeeded, or it is time to try again.
    public boolean isReachable() {
        return !clock.instant().isBefore(retryAt);
    }

    /// Whether PostgreSQL answered last time.
    public boolean isUp() {
        return schemaReady && downSince.equals(Instant.MIN);
    }

    private StoreUnavailableException failed(Throwable cause) {
        if (downSince.equals(Instant.MIN)) {
            downSince = clock.instant();
            LOG.warnf("PostgreSQL does not answer, going on without it: %s", cause);
        }
        retryAt = clock.instant().plus(RETRY_AFTER);
        return new StoreUnavailableException("PostgreSQL does not answer: " + cause, cause);
    }

    private synchronized void createSchema()
            throws ExecutionException, TimeoutException, InterruptedException {
        if (schemaReady) {
            return;
        }
        StringBuilder script = new StringBuilder("BEGIN;\n");
        script.append("SELECT pg_advisory_xact_lock(hashtext('sluice-schema'));\n");
        script.append("CREATE SCHEMA IF NOT EXISTS \"").append(schema).append("\";\n");
        script.append(resource("outbox.sql")).append('\n');
        parts.forEach(part -> script.append(part.sql()).append('\n'));
        script.append("COMMIT;");
        await(SCHEMA_PATIENCE, () -> pool.query(script.toString()).execute());
        schemaReady = true;
    }

    private <T> T await(Duration patience, Supplier<Uni<T>> work)
            throws ExecutionException, TimeoutException, InterruptedException {
        CompletableFuture<T> result = new CompletableFuture<>();
        Context context = VertxContext.createNewDuplicatedContext(vertx.getOrCreateContext());
        VertxContextSafetyToggle.setContextSafe(context, true);
        context.runOnContext(
                _ -> {
                    try {
                        var _ =
                                work.get()
                                        .subscribe()
                                        .with(result::complete, result::completeExceptionally);
                    } catch (RuntimeException e) {
                        result.completeExceptionally(e);
                    }
                });
        // The work is not cancelled at the limit: it ends by itself and gives its connection back.
        return result.get(patience.toMillis(), TimeUnit.MILLISECONDS);
    }

    private static String resource(String name) {
        try (InputStream in = Database.class.getResourceAsStream(name)) {
            if (in == null) {
                throw new IllegalStateException("resource " + name + " is missing");
            }
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
