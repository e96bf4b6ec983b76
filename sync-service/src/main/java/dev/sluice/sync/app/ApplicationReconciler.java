package dev.sluice.sync.app;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sluice.events.Event;
import dev.sluice.runtime.Outbox;
import dev.sluice.runtime.RuntimeConfig;
import dev.sluice.sync.app.OperationRunner.Progress;
import dev.sluice.sync.config.SyncConfig;
import dev.sluice.sync.core.AutoSyncDecider;
import dev.sluice.sync.core.AutoSyncDecider.LastAttempt;
import dev.sluice.sync.core.AutoSyncDecider.Verdict;
import dev.sluice.sync.core.Condition;
import dev.sluice.sync.core.JsonTrees;
import dev.sluice.sync.core.OperationPhase;
import dev.sluice.sync.core.Rejections;
import dev.sluice.sync.core.SyncCode;
import dev.sluice.sync.core.SyncWindows;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ThreadLocalRandom;

/// Observe, decide, execute for one Application. Calls for one key never overlap; an event or a
/// watch is only a reason to look.
@ApplicationScoped
public class ApplicationReconciler {
    private static final String REFRESH = "argocd.argoproj.io/refresh";
    private static final int TRIES = 4;
    /// How long the opening of a sync window may go unnoticed.
    private static final Duration WINDOW_CHECK = Duration.ofSeconds(20);
    private static final Duration SHORTEST = Duration.ofMillis(100);

    private final Applications applications;
    private final ClusterObjects objects;
    private final Observer observer;
    private final OperationRunner operations;
    private final CascadedDeletion deletion;
    private final Outbox outbox;
    private final SyncFacts facts;
    private final SyncMeters meters;
    private final SyncLog log;
    private final SyncConfig config;
    private final InstantSource clock;
    private final Map<AppKey, AppMemory> memories = new ConcurrentHashMap<>();

    @Inject
    public ApplicationReconciler(
            Applications applications,
            ClusterObjects objects,
            Repositories repositories,
            Ignoring ignoring,
            Outbox outbox,
            SyncMeters meters,
            SyncConfig config,
            RuntimeConfig runtime,
            InstantSource clock) {
        this.applications = applications;
        this.objects = objects;
        this.observer =
                new Observer(
                        applications,
                        repositories,
                        objects,
                        ignoring,
                        config.controlPlaneNamespace());
        this.operations =
                new OperationRunner(
                        objects,
                        observer,
                        repositories,
                        clock,
                        config.syncTimeout(),
                        config.waveDelay());
        this.deletion = new CascadedDeletion(objects, observer);
        this.outbox = outbox;
        this.facts = new SyncFacts(runtime.cluster(), runtime.eventSource());
        this.meters = meters;
        this.log = SyncLog.LOG;
        this.config = config;
        this.clock = clock;
    }

    /// Looks at the Application and does what is due. Returns when to look again at the latest.
    public Duration reconcile(AppKey key) {
        Instant begin = clock.instant();
        AppMemory memory = memories.computeIfAbsent(key, _ -> new AppMemory());
        for (int i = 0; ; i++) {
            try {
                Duration next = once(key, memory);
                meters.reconciled(key, Duration.between(begin, clock.instant()));
                return next.compareTo(SHORTEST) < 0 ? SHORTEST : next;
            } catch (WorkingCopy.StaleException e) {
                if (i >= TRIES) {
                    log.conflicts(key.namespace(), key.name());
                    return Duration.ofSeconds(1);
                }
            }
        }
    }

    public void forget(AppKey key) {
        memories.remove(key);
        objects.forget(key);
        meters.forget(key);
    }

    private Duration once(AppKey key, AppMemory memory) {
        Optional<ObjectNode> read = applications.read(key);
        if (read.isEmpty()) {
            forget(key);
            return Duration.ofDays(1);
        }
        ObjectNode app = read.get();
        if (JsonTrees.text(app, "metadata", "annotations", "argocd.argoproj.io/skip-reconcile")
                .equals("true")) {
            return Duration.ofHours(1);
        }
        WorkingCopy copy = new WorkingCopy(applications, key, app);
        if (!JsonTrees.text(app, "metadata", "deletionTimestamp").isEmpty()) {
            return deletion.carryOut(key, copy);
        }
        Duration next = compare(copy, memory);
        if (isOperationDue(copy)) {
            next = shorter(next, operate(copy, memory));
        }
        announce(copy.json(), memory);
        meters.info(key, copy.json());
        return next;
    }

    private static boolean isOperationDue(WorkingCopy copy) {
        return copy.json().path("operation").isObject()
                || copy.operationState()
                        .flatMap(s -> OperationPhase.parse(JsonTrees.text(s, "phase")))
                        .filter(p -> !p.isCompleted())
                        .isPresent();
    }

    private static Duration shorter(Duration left, Duration right) {
        return left.compareTo(right) <= 0 ? left : right;
    }

    private Duration operate(WorkingCopy copy, AppMemory memory) {
        String before = JsonTrees.text(copy.json(), "status", "operationState", "startedAt");
        Progress progress = operations.run(copy, memory);
        JsonNode state = JsonTrees.at(copy.json(), "status", "operationState");
        if (!JsonTrees.text(state, "startedAt").equals(before)) {
            String who =
                    JsonTrees.optional(state, "operation", "initiatedBy", "username")
                            .map(name -> name + " ")
                            .orElse("");
            if (!JsonTrees.flag(state, "operation", "initiatedBy", "automated")) {
                applications.note(
                        copy.json(),
                        false,
                        "OperationStarted",
                        who
                                + "initiated sync to "
                                + JsonTrees.text(state, "syncResult", "revision"));
            }
        }
        return switch (progress) {
            case Progress.Waiting waiting -> waiting.next();
            case Progress.Ended ended -> {
                report(copy, ended);
                memory.lookAnew = true;
                memory.lastWave = Optional.empty();
                yield SHORTEST;
            }
        };
    }

    private void report(WorkingCopy copy, Progress.Ended ended) {
        JsonNode state = JsonTrees.at(copy.json(), "status", "operationState");
        String revision = JsonTrees.text(state, "syncResult", "revision");
        boolean failed = ended.phase().isFailure();
        String what =
                (ended.partial() ? "Partial sync operation to " : "Sync operation to ") + revision;
        applications.note(
                copy.json(),
                failed,
                "OperationCompleted",
                failed ? what + " failed: " + ended.message() : what + " succeeded");
        meters.synced(
                copy.json(), ended.phase(), JsonTrees.flag(state, "operation", "sync", "dryRun"));
        log.operationEnded(
                JsonTrees.text(copy.json(), "metadata", "namespace"),
                JsonTrees.text(copy.json(), "metadata", "name"),
                ended.phase().name(),
                revision,
                ended.message());
    }

    private Duration compare(WorkingCopy copy, AppMemory memory) {
        ObjectNode app = copy.json();
        Instant now = clock.instant();
        Optional<String> refresh = JsonTrees.optional(app, "metadata", "annotations", REFRESH);
        boolean sourceChanged =
                !JsonTrees.at(app, "status", "sync", "comparedTo")
                        .equals(StatusWriter.comparedTo(app));
        boolean expired =
                memory.nextPoll.isEmpty()
                        || (!config.reconciliation().isZero()
                                && !now.isBefore(memory.nextPoll.get()));
        boolean force = refresh.isPresent() || sourceChanged || memory.lookAnew;
        memory.lookAnew = false;
        Observer.Freshness freshness =
                force
                        ? Observer.Freshness.Force
                        : expired ? Observer.Freshness.Latest : Observer.Freshness.Recent;
        Observation observation =
                switch (observer.check(app)) {
                    case Observer.Checked.Wrong wrong -> new Observation.Blind(wrong.conditions());
                    case Observer.Checked.Fine fine -> {
                        boolean recent =
                                freshness == Observer.Freshness.Recent
                                        && memory.revision.isPresent();
                        String target =
                                recent
                                        ? memory.revision.orElseThrow()
                                        : fine.spec().source().targetRevision();
                        yield observer.observe(
                                app,
                                fine,
                                fine.spec().source(),
                                target,
                                freshness,
                                refresh.filter("hard"::equals).isPresent());
                    }
                };
        if (freshness != Observer.Freshness.Recent) {
            memory.nextPoll =
                    Optional.of(
                            now.plus(config.reconciliation())
                                    .plusMillis(
                                            ThreadLocalRandom.current()
                                                    .nextLong(
                                                            config.reconciliationJitter().toMillis()
                                                                    + 1)));
        }
        Duration untilPoll =
                config.reconciliation().isZero()
                        ? Duration.ofHours(1)
                        : Duration.between(now, memory.nextPoll.orElse(now));
        return switch (observation) {
            case Observation.Blind blind -> {
                StatusWriter.blind(app, now);
                memory.revision = Optional.empty();
                save(copy, blind.conditions(), refresh.isPresent(), now);
                yield untilPoll;
            }
            case Observation.Seen seen -> {
                memory.revision = Optional.of(seen.revision());
                memory.live = seen.live();
                yield shorter(untilPoll, decide(copy, seen, refresh.isPresent(), now));
            }
        };
    }

    private Duration decide(
            WorkingCopy copy, Observation.Seen seen, boolean refreshed, Instant now) {
        ObjectNode app = copy.json();
        StatusWriter.seen(app, seen, now);
        List<Rejections.Rejection> rejections = rejections(app, seen, now);
        List<Condition> conditions = new ArrayList<>(seen.comparison().conditions());
        Optional<Rejections.Rejection> rejected =
                Rejections.of(
                        seen.revision(),
                        rejections,
                        JsonTrees.optional(app, "metadata", "annotations", Rejections.OVERRIDE));
        rejected.ifPresent(
                r ->
                        conditions.add(
                                new Condition(
                                        Condition.Type.RevisionRejectedWarning, r.message())));
        if (JsonTrees.at(app, "spec", "syncPolicy", "managedNamespaceMetadata").isObject()) {
            conditions.add(
                    new Condition(
                            Condition.Type.UnsupportedFieldWarning,
                            "spec.syncPolicy.managedNamespaceMetadata is not supported: labels and"
                                    + " annotations of the namespace are left as they are"));
        }
        SyncWindows.Verdict window = windows(app, seen).judge(false, now);
        if (window instanceof SyncWindows.Verdict.Unreadable unreadable) {
            conditions.add(new Condition(Condition.Type.SyncError, unreadable.problem()));
        }
        boolean closed = !(window instanceof SyncWindows.Verdict.Permitted);
        Optional<LastAttempt> last = AutomatedSync.lastAttempt(app, seen.spec());
        Verdict verdict =
                AutoSyncDecider.decide(
                        new AutoSyncDecider.Facts(
                                seen.spec().automated(),
                                isOperationDue(copy),
                                false,
                                seen.comparison().status(),
                                seen.comparison().onlyPruneNeeded(),
                                seen.comparison().everythingNeedsPruning(),
                                seen.revision(),
                                seen.source().raw(),
                                last,
                                rejected,
                                now));
        Duration next = closed ? WINDOW_CHECK : Duration.ofDays(1);
        boolean acts = verdict instanceof Verdict.SyncAll || verdict instanceof Verdict.Heal;
        switch (acts && closed ? new Verdict.Nothing("a sync window is closed") : verdict) {
            case Verdict.Nothing _ -> {}
            case Verdict.Refuse refuse -> conditions.add(refuse.condition());
            case Verdict.WaitUntil wait -> next = Duration.between(now, wait.at());
            case Verdict.SyncAll _ -> AutomatedSync.request(app, seen, 0, List.of());
            case Verdict.Heal heal ->
                    AutomatedSync.request(
                            app,
                            seen,
                            heal.attempt(),
                            AutoSyncDecider.toHeal(seen.comparison().resources()));
        }
        save(copy, conditions, refreshed, now);
        if (seen.comparison().status() == SyncCode.OutOfSync
                && last.filter(
                                l ->
                                        l.revision().equals(seen.revision())
                                                && l.phase() == OperationPhase.Succeeded)
                        .isPresent()) {
            outbox.ensure(
                    List.of(
                            facts.drifted(
                                    app,
                                    seen.revision(),
                                    AutoSyncDecider.toHeal(seen.comparison().resources()),
                                    last.orElseThrow().finishedAt().toString())));
        }
        if (acts && !closed) {
            applications.note(
                    app,
                    false,
                    "OperationStarted",
                    "Initiated automated sync to '" + seen.revision() + "'");
        }
        return next;
    }

    private static SyncWindows windows(ObjectNode app, Observation.Seen seen) {
        return seen.project()
                .windows(
                        new SyncWindows.Subject(
                                JsonTrees.text(app, "metadata", "name"),
                                seen.spec().destination()));
    }

    private static List<Rejections.Rejection> rejections(
            ObjectNode app, Observation.Seen seen, Instant now) {
        JsonNode status = app.path("status");
        List<JsonNode> history = JsonTrees.items(status, "history");
        String synced =
                history.isEmpty()
                        ? JsonTrees.text(status, "operationState", "syncResult", "revision")
                        : JsonTrees.text(history.getLast(), "revision");
        List<Rejections.Rejection> known = Rejections.parse(status);
        List<Rejections.Rejection> all =
                Rejections.observe(known, List.copyOf(seen.live().values()), synced, now);
        if (!all.equals(known)) {
            var array = JsonTrees.child(app, "status").putArray("rejectedRevisions");
            all.forEach(rejection -> array.add(rejection.toJson()));
        }
        return all;
    }

    private void save(
            WorkingCopy copy, List<Condition> conditions, boolean refreshed, Instant now) {
        ObjectNode app = copy.json();
        StatusWriter.conditions(app, conditions, now);
        if (refreshed
                && app.path("metadata").path("annotations") instanceof ObjectNode annotations) {
            annotations.remove(REFRESH);
            JsonTrees.child(app, "status").put("reconciledAt", StatusWriter.time(now));
        } else if (!JsonTrees.at(app, "status").has("reconciledAt")) {
            JsonTrees.child(app, "status").put("reconciledAt", StatusWriter.time(now));
        }
        copy.save();
    }

    private void announce(ObjectNode app, AppMemory memory) {
        List<Event> due = new ArrayList<>();
        for (Event fact : facts.of(app, memory.live)) {
            if (!memory.announced.contains(fact.id())) {
                due.add(fact);
            }
        }
        if (!due.isEmpty()) {
            outbox.ensure(due);
            if (memory.announced.size() > 500) {
                memory.announced.clear();
            }
            due.forEach(fact -> memory.announced.add(fact.id()));
        }
    }
}
