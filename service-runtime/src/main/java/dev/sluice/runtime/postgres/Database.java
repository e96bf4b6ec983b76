package dev.sluice.runtime.postgres;

import dev.sluice.runtime.RuntimeConfig;
import dev.sluice.runtime.outbox.StoreUnavailableException;
import io.quarkus.arc.All;
import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.vertx.core.runtime.context.VertxContextSafetyToggle;
import io.smallrye.common.vertx.VertxContext;
import io.smallrye.mutiny.Uni;
import io.vertx.core.Context;
import io.vertx.core.Vertx;
import io.vertx.mutiny.sqlclient.Pool;
import io.vertx.pgclient.PgException;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.Set;
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
/// The first contact has a thread and more time of its own: it creates the schema and loads the
/// classes that every later transaction needs. So a service starts without PostgreSQL.
@ApplicationScoped
public class Database {

    private static final Duration PATIENCE = Duration.ofSeconds(1);
    private static final Duration FIRST_PATIENCE = Duration.ofSeconds(10);

    /// How long a first contact without an outcome counts as neither up nor down.
    private static final Duration CONTACTING = Duration.ofSeconds(5);

    private static final Duration RETRY_AFTER = Duration.ofSeconds(1);

    /// SQLSTATE classes of answers that say something about the statement, not about the server:
    /// bad data, broken constraint, no such thing.
    private static final Set<String> REFUSALS = Set.of("21", "22", "23", "42");

    private static final Logger LOG = Logger.getLogger(Database.class);

    private final Mutiny.SessionFactory sessions;
    private final Pool pool;
    private final Vertx vertx;
    private final String schema;
    private final List<SchemaPart> parts;
    private final InstantSource clock = InstantSource.system();
    private final Instant bornAt = clock.instant();
    private final CompletableFuture<Void> firstContact = new CompletableFuture<>();
    private volatile boolean stopped;
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
    /// @throws StatementRefusedException when PostgreSQL is up and refuses the statement
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
            if (!firstContact.isDone()) {
                awaitFirstContact(patience);
            }
            T result = await(patience, () -> sessions.withTransaction(work));
            answered();
            return result;
        } catch (ExecutionException e) {
            Throwable cause = e.getCause() == null ? e : e.getCause();
            Optional<PgException> refusal = refusal(cause);
            if (refusal.isPresent()) {
                answered();
                throw new StatementRefusedException(refusal.get(), cause);
            }
            throw failed(rootOf(cause));
        } catch (TimeoutException e) {
            throw failed("no answer within " + patience.toMillis() + " ms", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new StoreUnavailableException("interrupted while waiting for PostgreSQL", e);
        }
    }

    /// Makes the first contact, again and again until it succeeds, without keeping anybody waiting.
    public void start() {
        Thread.ofVirtual().name("postgres-contact").start(this::contact);
    }

    void stop(@Observes ShutdownEvent event) {
        stopped = true;
    }

    /// Completes when PostgreSQL answered for the first time and has the schema.
    public CompletableFuture<Void> firstContact() {
        return firstContact.copy();
    }

    /// Whether the last work succeeded, or it is time to try again.
    public boolean isReachable() {
        return firstContact.isDone() && !clock.instant().isBefore(retryAt);
    }

    /// Whether PostgreSQL answered last time.
    public boolean isUp() {
        return firstContact.isDone() && downSince.equals(Instant.MIN);
    }

    /// Whether it is too early to say: the service has just started.
    public boolean isContacting() {
        return !firstContact.isDone()
                && downSince.equals(Instant.MIN)
                && clock.instant().isBefore(bornAt.plus(CONTACTING));
    }

    private void contact() {
        while (!stopped) {
            try {
                await(FIRST_PATIENCE, () -> pool.query(schemaScript()).execute());
                await(
                        FIRST_PATIENCE,
                        () ->
                                sessions.withTransaction(
                                        session ->
                                                session.createNativeQuery("select 1", Integer.class)
                                                        .getSingleResult()));
                answered();
                firstContact.complete(null);
                return;
            } catch (ExecutionException e) {
                var _ = failed(rootOf(e));
            } catch (TimeoutException e) {
                var _ = failed("no answer within " + FIRST_PATIENCE.toSeconds() + " s", e);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return;
            }
            try {
                TimeUnit.MILLISECONDS.sleep(RETRY_AFTER.toMillis());
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return;
            }
        }
    }

    private void awaitFirstContact(Duration patience) throws InterruptedException {
        try {
            firstContact.get(patience.toMillis(), TimeUnit.MILLISECONDS);
        } catch (ExecutionException | TimeoutException e) {
            throw new StoreUnavailableException("PostgreSQL has not answered yet", e);
        }
    }

    private synchronized void answered() {
        if (!downSince.equals(Instant.MIN)) {
            Duration away = Duration.between(downSince, clock.instant());
            LOG.infof(
                    "PostgreSQL is back after %d.%d s",
                    away.toSeconds(), away.toMillisPart() / 100);
            downSince = Instant.MIN;
            retryAt = Instant.MIN;
        }
    }

    private StoreUnavailableException failed(Throwable cause) {
        String message = cause.getMessage();
        return failed(
                message == null || message.isBlank() ? cause.getClass().getSimpleName() : message,
                cause);
    }

    private synchronized StoreUnavailableException failed(String reason, Throwable cause) {
        if (downSince.equals(Instant.MIN)) {
            downSince = clock.instant();
            LOG.warnf("PostgreSQL does not answer, going on without it: %s", reason);
        }
        retryAt = clock.instant().plus(RETRY_AFTER);
        return new StoreUnavailableException("PostgreSQL does not answer: " + reason, cause);
    }

    /// What PostgreSQL said about the statement itself, if it is up and refuses just that.
    private static Optional<PgException> refusal(Throwable failure) {
        for (Throwable t = failure; t != null; t = t.getCause()) {
            if (t instanceof PgException answer) {
                String state = answer.getSqlState();
                return state != null
                                && state.length() == 5
                                && REFUSALS.contains(state.substring(0, 2))
                        ? Optional.of(answer)
                        : Optional.empty();
            }
        }
        return Optional.empty();
    }

    private static Throwable rootOf(Throwable failure) {
        Throwable root = failure;
        while (root.getCause() != null) {
            root = root.getCause();
        }
        return root;
    }

    private String schemaScript() {
        StringBuilder script = new StringBuilder("BEGIN;\n");
        script.append("SELECT pg_advisory_xact_lock(hashtext('sluice-schema'));\n");
        script.append("CREATE SCHEMA IF NOT EXISTS \"").append(schema).append("\";\n");
        script.append(resource("outbox.sql")).append('\n');
        parts.forEach(part -> script.append(part.sql()).append('\n'));
        return script.append("COMMIT;").toString();
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
