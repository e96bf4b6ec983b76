package dev.sluice.sync.app;

import com.fasterxml.jackson.databind.JsonNode;
import dev.sluice.sync.core.AppSpec;
import dev.sluice.sync.core.AppSpecParser;
import dev.sluice.sync.core.JsonTrees;
import dev.sluice.sync.core.KubeObject;
import dev.sluice.sync.core.OperationPhase;
import dev.sluice.sync.core.OperationRequest;
import dev.sluice.sync.core.Rejections;
import dev.sluice.sync.core.RetryPolicy;
import dev.sluice.sync.core.SyncTask;
import dev.sluice.sync.core.SyncWindows;
import dev.sluice.sync.core.TaskPlanner;
import dev.sluice.sync.core.TaskResult;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// Carries out one operation, step by step. Everything needed to go on after a crash is in
/// `status.operationState`.
final class OperationRunner {
    /// How a pass over an operation ended.
    sealed interface Progress {
        /// Over for good.
        record Ended(OperationPhase phase, String message, boolean partial) implements Progress {}

        record Waiting(Duration next) implements Progress {}
    }

    private static final Duration WINDOW_CHECK = Duration.ofSeconds(5);

    private final ClusterObjects objects;
    private final Observer observer;
    private final Repositories repositories;
    private final InstantSource clock;
    private final Duration syncTimeout;
    private final DryRun dryRun;
    private final Waves waves;

    OperationRunner(
            ClusterObjects objects,
            Observer observer,
            Repositories repositories,
            InstantSource clock,
            Duration syncTimeout,
            Duration waveDelay) {
        this.objects = objects;
        this.observer = observer;
        this.repositories = repositories;
        this.clock = clock;
        this.syncTimeout = syncTimeout;
        this.dryRun = new DryRun(objects);
        this.waves = new Waves(objects, observer, clock, waveDelay);
    }

    /// One pass. `memory` holds only what may be lost: when the last wave ended, and the live
    /// objects for the facts.
    Progress run(WorkingCopy copy, AppMemory memory) {
        RunningOperation operation = RunningOperation.of(copy, clock);
        if (isTimedOut(operation)) {
            operation.terminate("operation is terminating due to timeout");
        }
        if (operation.isTerminating()) {
            return terminate(operation);
        }
        Observer.Checked checked = observer.check(copy.json());
        Optional<Progress> gate = windowGate(operation, checked).or(() -> retryGate(operation));
        if (gate.isPresent()) {
            return gate.get();
        }
        Optional<String> unsupported = operation.request().unsupported();
        if (unsupported.isPresent()) {
            return operation.finish(OperationPhase.Error, unsupported.get());
        }
        return switch (observe(operation, checked)) {
            case Observation.Blind blind -> operation.finish(OperationPhase.Error, blind.message());
            case Observation.Seen seen -> {
                memory.live = seen.live();
                yield pass(operation, seen, memory);
            }
        };
    }

    private boolean isTimedOut(RunningOperation operation) {
        return !syncTimeout.isZero()
                && clock.instant().isAfter(operation.startedAt().plus(syncTimeout));
    }

    private Progress terminate(RunningOperation operation) {
        List<String> problems = new ArrayList<>();
        for (TaskResult result : operation.results()) {
            if (result.hook() && result.state() == OperationPhase.Running) {
                ClusterObjects.Wanted wanted =
                        new ClusterObjects.Wanted(result.key(), result.version());
                KubeObject live = objects.read(List.of(wanted)).get(result.key());
                if (live != null) {
                    objects.delete(wanted, live.uid(), "Background").ifPresent(problems::add);
                }
            }
        }
        OperationPhase phase = problems.isEmpty() ? OperationPhase.Failed : OperationPhase.Error;
        return operation.end(
                phase,
                problems.isEmpty()
                        ? "Operation terminated"
                        : "Operation terminated; " + String.join("; ", problems));
    }

    /// A failed attempt waits as "Running with finishedAt".
    private Optional<Progress> retryGate(RunningOperation operation) {
        Optional<Instant> failedAt = operation.failedAt();
        if (failedAt.isEmpty()) {
            return Optional.empty();
        }
        RetryPolicy policy = operation.request().retryPolicy();
        Instant next = policy.nextAttempt(failedAt.get(), operation.retries());
        Instant now = clock.instant();
        if (now.isBefore(next)) {
            return Optional.of(new Progress.Waiting(Duration.between(now, next)));
        }
        if (operation.request().automated()) {
            if (policy.refresh()) {
                repin(operation);
            }
            Optional<Rejections.Rejection> rejected = rejection(operation);
            if (rejected.isPresent()) {
                return Optional.of(operation.end(OperationPhase.Failed, rejected.get().message()));
            }
        }
        operation.tryAgain();
        return Optional.empty();
    }

    private static Optional<Rejections.Rejection> rejection(RunningOperation operation) {
        JsonNode application = operation.application();
        return Rejections.of(
                operation.revision(),
                Rejections.parse(application.path("status")),
                JsonTrees.optional(application, "metadata", "annotations", Rejections.OVERRIDE));
    }

    /// `retry.refresh`: an automated operation that is tried again takes what Git has now.
    private void repin(RunningOperation operation) {
        if (AppSpecParser.parse(operation.application().path("spec"))
                instanceof AppSpecParser.Parsed.Valid valid) {
            AppSpec.Source source = valid.spec().source();
            if (repositories.resolve(source.repoUrl(), source.targetRevision(), true)
                    instanceof Repositories.Resolved.At at) {
                operation.pin(at.commit());
            }
        }
    }

    /// A closed window freezes the operation, also between two waves.
    private Optional<Progress> windowGate(RunningOperation operation, Observer.Checked checked) {
        if (!(checked instanceof Observer.Checked.Fine fine)) {
            return Optional.empty();
        }
        SyncWindows.Verdict verdict =
                fine.project()
                        .windows(
                                new SyncWindows.Subject(
                                        JsonTrees.text(operation.application(), "metadata", "name"),
                                        fine.spec().destination()))
                        .judgeRunning(
                                !operation.request().automated(),
                                operation.startedAt(),
                                clock.instant());
        String message =
                switch (verdict) {
                    case SyncWindows.Verdict.Permitted _ -> "";
                    case SyncWindows.Verdict.Blocked _ -> "Sync operation blocked by sync window";
                    case SyncWindows.Verdict.Unreadable unreadable ->
                            "Sync operation blocked by sync window: " + unreadable.problem();
                };
        if (message.isEmpty()) {
            return Optional.empty();
        }
        operation.save(message);
        return Optional.of(new Progress.Waiting(WINDOW_CHECK));
    }

    private Observation observe(RunningOperation operation, Observer.Checked checked) {
        return switch (checked) {
            case Observer.Checked.Wrong wrong -> new Observation.Blind(wrong.conditions());
            case Observer.Checked.Fine fine -> {
                AppSpec.Source source =
                        operation
                                .request()
                                .source()
                                .flatMap(AppSpecParser::parseSource)
                                .orElse(fine.spec().source());
                String target =
                        operation
                                .begun()
                                .or(operation.request()::revision)
                                .orElse(source.targetRevision());
                yield observer.observe(
                        operation.application(),
                        fine,
                        source,
                        target,
                        Observer.Freshness.Force,
                        false);
            }
        };
    }

    private Progress pass(RunningOperation operation, Observation.Seen seen, AppMemory memory) {
        boolean fresh = !operation.hasResults();
        operation.begin(seen);
        List<SyncTask> tasks = tasks(operation, seen);
        if (fresh) {
            Optional<Progress> refused = dryRun.of(operation, seen, tasks);
            if (refused.isPresent()) {
                return refused.get();
            }
        }
        return tasks.isEmpty()
                ? operation.finish(OperationPhase.Succeeded, "successfully synced (no more tasks)")
                : waves.carryOut(operation, seen, tasks, memory);
    }

    private static List<SyncTask> tasks(RunningOperation operation, Observation.Seen seen) {
        OperationRequest request = operation.request();
        List<SyncTask> all =
                TaskPlanner.plan(
                        new TaskPlanner.Request(
                                seen.comparison().resources(),
                                request,
                                seen.revision(),
                                operation.startedAt().getEpochSecond()));
        if (!request.hasOption("ApplyOutOfSyncOnly=true")) {
            return all;
        }
        List<TaskResult> done = operation.results();
        return all.stream()
                .filter(
                        task ->
                                task.modified()
                                        || done.stream().anyMatch(r -> r.key().equals(task.key())))
                .toList();
    }
}
