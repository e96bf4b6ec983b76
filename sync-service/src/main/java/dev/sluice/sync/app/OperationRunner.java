package dev.sluice.sync.app;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sluice.sync.core.AppSpec;
import dev.sluice.sync.core.AppSpecParser;
import dev.sluice.sync.core.FieldOwnership;
import dev.sluice.sync.core.JsonTrees;
import dev.sluice.sync.core.KubeObject;
import dev.sluice.sync.core.ObjectKey;
import dev.sluice.sync.core.OperationPhase;
import dev.sluice.sync.core.OperationRequest;
import dev.sluice.sync.core.PrunePlan;
import dev.sluice.sync.core.Rejections;
import dev.sluice.sync.core.RetryPolicy;
import dev.sluice.sync.core.SyncDecider;
import dev.sluice.sync.core.SyncDecider.Step;
import dev.sluice.sync.core.SyncTask;
import dev.sluice.sync.core.SyncWindows;
import dev.sluice.sync.core.TaskPlanner;
import dev.sluice.sync.core.TaskResult;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

/// Carries out one operation, step by step. Everything needed to go on after a crash is in
/// `status.operationState`.
final class OperationRunner {
    /// How a pass over an operation ended.
    sealed interface Progress {
        /// Over for good.
        record Ended(OperationPhase phase, String message, boolean partial) implements Progress {}

        record Waiting(Duration next) implements Progress {}
    }

    private static final Duration LOOK_AGAIN = Duration.ofSeconds(30);
    private static final Duration WINDOW_CHECK = Duration.ofSeconds(5);
    private static final Duration SOON = Duration.ofSeconds(1);
    private static final int STEPS_PER_PASS = 50;

    private final ClusterObjects objects;
    private final Observer observer;
    private final Repositories repositories;
    private final InstantSource clock;
    private final Duration syncTimeout;
    private final Duration waveDelay;

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
        this.waveDelay = waveDelay;
    }

    /// One pass. `memory` holds only what may be lost: when the last wave ended, and the live
    /// objects for the facts.
    Progress run(WorkingCopy copy, AppMemory memory) {
        ObjectNode state = started(copy);
        OperationRequest request = OperationRequest.of(state.path("operation"));
        if (isTimedOut(state)) {
            state.put("phase", OperationPhase.Terminating.name())
                    .put("message", "operation is terminating due to timeout");
        }
        if (JsonTrees.text(state, "phase").equals(OperationPhase.Terminating.name())) {
            return terminate(copy, state, request);
        }
        Observer.Checked checked = observer.check(copy.json());
        Optional<Progress> closed = windowGate(copy, state, request, checked);
        if (closed.isPresent()) {
            return closed.get();
        }
        Optional<Progress> waiting = retryGate(copy, state, request);
        if (waiting.isPresent()) {
            return waiting.get();
        }
        if (request.unsupported().isPresent()) {
            return finish(copy, state, request, OperationPhase.Error, request.unsupported().get());
        }
        Observation observation =
                observe(copy, state, OperationRequest.of(state.path("operation")), checked);
        return switch (observation) {
            case Observation.Blind blind ->
                    finish(copy, state, request, OperationPhase.Error, blind.message());
            case Observation.Seen seen -> {
                memory.live = seen.live();
                yield pass(copy, state, request, seen, memory);
            }
        };
    }

    private ObjectNode started(WorkingCopy copy) {
        Optional<ObjectNode> present = copy.operationState();
        boolean running =
                present.flatMap(s -> OperationPhase.parse(JsonTrees.text(s, "phase")))
                        .filter(p -> !p.isCompleted())
                        .isPresent();
        if (running) {
            return present.orElseThrow();
        }
        ObjectNode state = JsonTrees.object();
        state.set("operation", copy.json().path("operation").deepCopy());
        state.put("phase", OperationPhase.Running.name())
                .put("startedAt", StatusWriter.time(clock.instant()));
        copy.status().set("operationState", state);
        copy.save();
        return copy.operationState().orElseThrow();
    }

    private boolean isTimedOut(ObjectNode state) {
        return !syncTimeout.isZero()
                && clock.instant()
                        .isAfter(
                                SyncFacts.instant(JsonTrees.text(state, "startedAt"))
                                        .plus(syncTimeout));
    }

    private Progress terminate(WorkingCopy copy, ObjectNode state, OperationRequest request) {
        List<String> problems = new ArrayList<>();
        for (TaskResult result : results(state)) {
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
        return end(
                copy,
                state,
                request,
                phase,
                problems.isEmpty()
                        ? "Operation terminated"
                        : "Operation terminated; " + String.join("; ", problems));
    }

    /// A failed attempt waits as "Running with finishedAt".
    private Optional<Progress> retryGate(
            WorkingCopy copy, ObjectNode state, OperationRequest request) {
        String finished = JsonTrees.text(state, "finishedAt");
        if (finished.isEmpty()) {
            return Optional.empty();
        }
        RetryPolicy policy = request.retryPolicy();
        Instant next =
                policy.nextAttempt(
                        SyncFacts.instant(finished), JsonTrees.numberOr(0, state, "retryCount"));
        Instant now = clock.instant();
        if (now.isBefore(next)) {
            return Optional.of(new Progress.Waiting(Duration.between(now, next)));
        }
        if (policy.refresh()) {
            repin(copy, state, request);
        }
        Optional<Rejections.Rejection> rejected =
                request.automated()
                        ? rejection(copy, JsonTrees.text(state, "operation", "sync", "revision"))
                        : Optional.empty();
        if (rejected.isPresent()) {
            return Optional.of(
                    end(copy, state, request, OperationPhase.Failed, rejected.get().message()));
        }
        state.remove(List.of("finishedAt", "syncResult"));
        copy.saveOperation();
        return Optional.empty();
    }

    private static Optional<Rejections.Rejection> rejection(WorkingCopy copy, String revision) {
        return Rejections.of(
                revision,
                Rejections.parse(copy.json().path("status")),
                JsonTrees.optional(copy.json(), "metadata", "annotations", Rejections.OVERRIDE));
    }

    /// `retry.refresh`: an automated operation that is tried again takes what Git has now.
    private void repin(WorkingCopy copy, ObjectNode state, OperationRequest request) {
        if (request.automated()
                && AppSpecParser.parse(copy.json().path("spec"))
                        instanceof AppSpecParser.Parsed.Valid valid) {
            AppSpec.Source source = valid.spec().source();
            if (repositories.resolve(source.repoUrl(), source.targetRevision(), true)
                    instanceof Repositories.Resolved.At at) {
                JsonTrees.child(JsonTrees.child(state, "operation"), "sync")
                        .put("revision", at.commit());
            }
        }
    }

    /// A closed window freezes the operation, also between two waves.
    private Optional<Progress> windowGate(
            WorkingCopy copy,
            ObjectNode state,
            OperationRequest request,
            Observer.Checked checked) {
        if (!(checked instanceof Observer.Checked.Fine fine)) {
            return Optional.empty();
        }
        SyncWindows.Verdict verdict =
                fine.project()
                        .windows(
                                new SyncWindows.Subject(
                                        JsonTrees.text(copy.json(), "metadata", "name"),
                                        fine.spec().destination()))
                        .judgeRunning(
                                !request.automated(),
                                SyncFacts.instant(JsonTrees.text(state, "startedAt")),
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
        state.put("message", message);
        copy.saveOperation();
        return Optional.of(new Progress.Waiting(WINDOW_CHECK));
    }

    private Observation observe(
            WorkingCopy copy,
            ObjectNode state,
            OperationRequest request,
            Observer.Checked checked) {
        return switch (checked) {
            case Observer.Checked.Wrong wrong -> new Observation.Blind(wrong.conditions());
            case Observer.Checked.Fine fine -> {
                AppSpec.Source source =
                        request.source()
                                .flatMap(AppSpecParser::parseSource)
                                .orElse(fine.spec().source());
                String target =
                        JsonTrees.optional(state, "syncResult", "revision")
                                .or(request::revision)
                                .orElse(source.targetRevision());
                yield observer.observe(
                        copy.json(), fine, source, target, Observer.Freshness.Force, false);
            }
        };
    }

    private Progress pass(
            WorkingCopy copy,
            ObjectNode state,
            OperationRequest request,
            Observation.Seen seen,
            AppMemory memory) {
        boolean fresh =
                !state.has("syncResult")
                        || JsonTrees.items(state, "syncResult", "resources").isEmpty();
        if (!state.has("syncResult")) {
            ObjectNode result = state.putObject("syncResult");
            result.put("revision", seen.revision());
            result.set("source", seen.source().raw().deepCopy());
        }
        List<SyncTask> tasks = tasks(request, seen, state);
        if (fresh) {
            Optional<Progress> refused = prepare(copy, state, request, seen, tasks);
            if (refused.isPresent()) {
                return refused.get();
            }
        }
        if (tasks.isEmpty()) {
            return finish(
                    copy,
                    state,
                    request,
                    OperationPhase.Succeeded,
                    "successfully synced (no more tasks)");
        }
        return steps(new Run(copy, state, request, seen, tasks, memory));
    }

    private List<SyncTask> tasks(
            OperationRequest request, Observation.Seen seen, ObjectNode state) {
        List<SyncTask> all =
                TaskPlanner.plan(
                        new TaskPlanner.Request(
                                seen.comparison().resources(),
                                request,
                                seen.revision(),
                                SyncFacts.instant(JsonTrees.text(state, "startedAt"))
                                        .getEpochSecond()));
        if (!request.hasOption("ApplyOutOfSyncOnly=true")) {
            return all;
        }
        List<TaskResult> done = results(state);
        return all.stream()
                .filter(
                        task ->
                                task.modified()
                                        || done.stream().anyMatch(r -> r.key().equals(task.key())))
                .toList();
    }

    /// Before the first task: everything is permitted and known, the namespace is there, and the
    /// server would take it all.
    private Optional<Progress> prepare(
            WorkingCopy copy,
            ObjectNode state,
            OperationRequest request,
            Observation.Seen seen,
            List<SyncTask> tasks) {
        List<String> invalid = new ArrayList<>();
        for (SyncTask task : tasks) {
            seen.project()
                    .refuse(
                            task.key(),
                            !task.key().namespace().isEmpty(),
                            seen.spec().destination())
                    .ifPresent(invalid::add);
        }
        if (request.hasOption("FailOnSharedResource=true")) {
            seen.comparison().conditions().stream()
                    .filter(
                            c ->
                                    c.type()
                                            == dev.sluice.sync.core.Condition.Type
                                                    .SharedResourceWarning)
                    .forEach(c -> invalid.add("Shared resource found: " + c.message()));
        }
        if (!invalid.isEmpty()) {
            return Optional.of(
                    finish(
                            copy,
                            state,
                            request,
                            OperationPhase.Failed,
                            "one or more synchronization tasks are not valid: "
                                    + String.join("; ", invalid.stream().distinct().toList())));
        }
        if (request.hasOption("CreateNamespace=true") && !request.dryRun()) {
            Optional<String> problem = namespace(seen, tasks);
            if (problem.isPresent()) {
                return Optional.of(
                        finish(
                                copy,
                                state,
                                request,
                                OperationPhase.Failed,
                                "the namespace failed to apply: " + problem.get()));
            }
        }
        List<TaskResult> failures = new ArrayList<>();
        List<TaskResult> tried = new ArrayList<>();
        for (SyncTask task : tasks) {
            TaskResult result = dryRun(task, request, tasks);
            tried.add(result);
            if (result.state().isFailure()) {
                failures.add(result);
            }
        }
        if (!failures.isEmpty()) {
            store(state, failures);
            String reason =
                    String.join(
                            "; ",
                            failures.stream()
                                    .map(f -> f.key().likeKubectl() + ": " + f.message())
                                    .limit(5)
                                    .toList());
            return Optional.of(
                    finish(
                            copy,
                            state,
                            request,
                            OperationPhase.Failed,
                            (failures.stream().anyMatch(this::isUnknownKind)
                                            ? "one or more synchronization tasks are not valid: "
                                            : "one or more objects failed to apply (dry run),"
                                                    + " reason: ")
                                    + reason));
        }
        if (request.dryRun()) {
            store(state, tried);
            return Optional.of(
                    finish(
                            copy,
                            state,
                            request,
                            OperationPhase.Succeeded,
                            "successfully synced (no more tasks)"));
        }
        return Optional.empty();
    }

    private boolean isUnknownKind(TaskResult result) {
        String group = result.key().group();
        String apiVersion = group.isEmpty() ? result.version() : group + "/" + result.version();
        return objects.namespaced(apiVersion, result.key().kind()).isEmpty();
    }

    private Optional<String> namespace(Observation.Seen seen, List<SyncTask> tasks) {
        String name = seen.spec().destination().namespace();
        ObjectKey key = new ObjectKey("", "Namespace", "", name);
        boolean target = tasks.stream().anyMatch(task -> task.key().equals(key));
        if (name.isEmpty()
                || target
                || objects.read(List.of(new ClusterObjects.Wanted(key, "v1"))).containsKey(key)) {
            return Optional.empty();
        }
        ObjectNode json = JsonTrees.object().put("apiVersion", "v1").put("kind", "Namespace");
        json.putObject("metadata").put("name", name);
        return objects.apply(
                                new KubeObject(json),
                                new ClusterObjects.ApplyMode(false, false, false, true, false))
                        instanceof ClusterObjects.Applied.Failed failed
                ? Optional.of(failed.message())
                : Optional.empty();
    }

    private TaskResult dryRun(SyncTask task, OperationRequest request, List<SyncTask> tasks) {
        if (task.isPrune()) {
            return task.result(
                    Optional.of(TaskResult.Code.Pruned),
                    OperationPhase.Succeeded,
                    "pruned (dry run)");
        }
        boolean comes =
                tasks.stream()
                        .anyMatch(
                                other ->
                                        !other.isPrune()
                                                && ((other.key().isNamespace()
                                                                && other.key()
                                                                        .name()
                                                                        .equals(
                                                                                task.key()
                                                                                        .namespace())
                                                                && other.live().isEmpty())
                                                        || (other.key().isCrd()
                                                                && other.target()
                                                                        .filter(
                                                                                crd ->
                                                                                        defines(
                                                                                                crd,
                                                                                                task
                                                                                                        .key()))
                                                                        .isPresent())));
        boolean skip =
                task.hasOption("SkipDryRunOnMissingResource=true")
                        || request.hasOption("SkipDryRunOnMissingResource=true");
        if (comes) {
            return task.result(Optional.of(TaskResult.Code.Synced), OperationPhase.Succeeded, "");
        }
        return switch (objects.apply(task.target().orElseThrow(), mode(task, request, true))) {
            case ClusterObjects.Applied.Done done ->
                    task.result(
                            Optional.of(TaskResult.Code.Synced),
                            OperationPhase.Succeeded,
                            task.key().likeKubectl() + " " + done.verb() + " (dry run)");
            case ClusterObjects.Applied.Failed failed ->
                    skip && failed.missingKind()
                            ? task.result(
                                    Optional.of(TaskResult.Code.Synced),
                                    OperationPhase.Succeeded,
                                    "")
                            : task.result(
                                    Optional.of(TaskResult.Code.SyncFailed),
                                    OperationPhase.Failed,
                                    failed.message());
        };
    }

    private static boolean defines(KubeObject crd, ObjectKey key) {
        return JsonTrees.text(crd.json(), "spec", "group").equals(key.group())
                && JsonTrees.text(crd.json(), "spec", "names", "kind").equals(key.kind());
    }

    private static ClusterObjects.ApplyMode mode(
            SyncTask task, OperationRequest request, boolean dryRun) {
        boolean replace = request.hasOption("Replace=true") || task.hasOption("Replace=true");
        boolean force = request.hasOption("Force=true") || task.hasOption("Force=true");
        boolean validate =
                !request.hasOption("Validate=false") && !task.hasOption("Validate=false");
        boolean serverSide =
                request.hasOption("ServerSideApply=true") || task.hasOption("ServerSideApply=true");
        boolean annotate = !task.isHook() && !task.key().isSecret() && !serverSide;
        return new ClusterObjects.ApplyMode(dryRun, replace, force, validate, annotate);
    }

    private record Run(
            WorkingCopy copy,
            ObjectNode state,
            OperationRequest request,
            Observation.Seen seen,
            List<SyncTask> tasks,
            AppMemory memory) {}

    private Progress steps(Run run) {
        Map<ObjectKey, KubeObject> live = new LinkedHashMap<>(run.seen().live());
        read(run.tasks(), live);
        for (int i = 0; i < STEPS_PER_PASS; i++) {
            SyncDecider.Decision decision =
                    SyncDecider.decide(run.tasks(), results(run.state()), live);
            store(run.state(), decision.results());
            switch (decision.step()) {
                case Step.Wait wait -> {
                    return waiting(run, wait.message(), LOOK_AGAIN);
                }
                case Step.DeleteOldHooks old -> {
                    old.tasks().forEach(task -> delete(task, live));
                    return waiting(run, old.message(), SOON);
                }
                case Step.Finish finish -> {
                    finish.hooksToDelete().forEach(task -> delete(task, live));
                    run.memory().live = live;
                    return finish(
                            run.copy(),
                            run.state(),
                            run.request(),
                            finish.phase(),
                            finish.message());
                }
                case Step.Run wave -> {
                    Duration left = delayLeft(run.memory());
                    if (!left.isZero()) {
                        return waiting(run, "one or more tasks are running", left);
                    }
                    carryOut(run, wave.tasks(), live);
                    Optional<Step> after =
                            SyncDecider.afterWave(run.tasks(), wave.tasks(), results(run.state()));
                    if (after.isPresent() && after.get() instanceof Step.Finish finish) {
                        run.memory().live = live;
                        finish.hooksToDelete().forEach(task -> delete(task, live));
                        return finish(
                                run.copy(),
                                run.state(),
                                run.request(),
                                finish.phase(),
                                finish.message());
                    }
                    run.memory().lastWave = Optional.of(clock.instant());
                    run.state().put("message", "one or more tasks are running");
                    run.copy().saveOperation();
                }
            }
        }
        return waiting(run, "one or more tasks are running", SOON);
    }

    private Duration delayLeft(AppMemory memory) {
        Duration left =
                memory.lastWave
                        .map(at -> Duration.between(clock.instant(), at.plus(waveDelay)))
                        .orElse(Duration.ZERO);
        return left.isNegative() ? Duration.ZERO : left;
    }

    private Progress waiting(Run run, String message, Duration next) {
        run.state().put("message", message);
        run.copy().saveOperation();
        return new Progress.Waiting(next);
    }

    private void delete(SyncTask task, Map<ObjectKey, KubeObject> live) {
        KubeObject object = live.get(task.key());
        if (object != null) {
            objects.delete(
                    new ClusterObjects.Wanted(task.key(), task.version()),
                    object.uid(),
                    "Background");
        }
    }

    private void carryOut(Run run, List<SyncTask> wave, Map<ObjectKey, KubeObject> live) {
        // A hook runs at most once per operation (Y11): its start is on record before it exists.
        if (wave.stream().anyMatch(SyncTask::isHook)) {
            List<TaskResult> begun = new ArrayList<>(results(run.state()));
            wave.stream()
                    .filter(SyncTask::isHook)
                    .forEach(
                            task ->
                                    begun.add(
                                            task.result(
                                                    Optional.empty(), OperationPhase.Running, "")));
            store(run.state(), begun);
            run.copy().saveOperation();
        }
        List<TaskResult> done = new ArrayList<>(results(run.state()));
        for (SyncTask task : wave) {
            done.removeIf(
                    result -> result.key().equals(task.key()) && result.phase() == task.phase());
            done.add(task.isPrune() ? prune(task, run, live) : apply(task, run, live));
        }
        store(run.state(), done);
    }

    private TaskResult apply(SyncTask task, Run run, Map<ObjectKey, KubeObject> live) {
        return switch (objects.apply(
                task.target().orElseThrow(), mode(task, run.request(), false))) {
            case ClusterObjects.Applied.Done done -> {
                live.put(task.key(), done.live());
                yield task.result(
                        task.isHook() ? Optional.empty() : Optional.of(TaskResult.Code.Synced),
                        OperationPhase.Running,
                        task.key().likeKubectl() + " " + done.verb());
            }
            case ClusterObjects.Applied.Failed failed ->
                    task.result(
                            Optional.of(TaskResult.Code.SyncFailed),
                            OperationPhase.Failed,
                            failed.message());
        };
    }

    private TaskResult prune(SyncTask task, Run run, Map<ObjectKey, KubeObject> live) {
        return switch (PrunePlan.judge(
                task, run.request(), observer.instance(run.copy().json()), true)) {
            case PrunePlan.Verdict.Keep keep ->
                    task.result(
                            Optional.of(TaskResult.Code.PruneSkipped),
                            OperationPhase.Succeeded,
                            keep.message());
            case PrunePlan.Verdict.Delete delete -> {
                Optional<String> problem =
                        objects.delete(
                                new ClusterObjects.Wanted(task.key(), task.version()),
                                delete.uid(),
                                propagation(run.request()));
                read(List.of(task), live);
                yield problem.isEmpty()
                        ? task.result(
                                Optional.of(TaskResult.Code.Pruned),
                                OperationPhase.Succeeded,
                                "pruned")
                        : task.result(
                                Optional.of(TaskResult.Code.SyncFailed),
                                OperationPhase.Failed,
                                problem.get());
            }
        };
    }

    private static String propagation(OperationRequest request) {
        return request.hasOption("PrunePropagationPolicy=background")
                ? "Background"
                : request.hasOption("PrunePropagationPolicy=orphan") ? "Orphan" : "Foreground";
    }

    private void read(List<SyncTask> tasks, Map<ObjectKey, KubeObject> live) {
        List<ClusterObjects.Wanted> wanted =
                tasks.stream()
                        .map(task -> new ClusterObjects.Wanted(task.key(), task.version()))
                        .toList();
        wanted.forEach(w -> live.remove(w.key()));
        live.putAll(objects.read(wanted));
    }

    private static List<TaskResult> results(ObjectNode state) {
        return JsonTrees.items(state, "syncResult", "resources").stream()
                .flatMap(json -> TaskResult.fromJson(json).stream())
                .toList();
    }

    private static void store(ObjectNode state, List<TaskResult> results) {
        ArrayNode array = JsonTrees.child(state, "syncResult").putArray("resources");
        results.forEach(result -> array.add(result.toJson()));
    }

    private Progress finish(
            WorkingCopy copy,
            ObjectNode state,
            OperationRequest request,
            OperationPhase phase,
            String message) {
        long retries = JsonTrees.numberOr(0, state, "retryCount");
        RetryPolicy policy = request.retryPolicy();
        if (phase.isFailure() && policy.allows(retries)) {
            Instant now = clock.instant();
            state.put("finishedAt", StatusWriter.time(now)).put("retryCount", retries + 1);
            Instant announced = policy.nextAttempt(now, retries);
            state.put(
                    "message",
                    message
                            + ". Retrying attempt #"
                            + (retries + 1)
                            + " at "
                            + StatusWriter.time(announced)
                            + ".");
            copy.saveOperation();
            return new Progress.Waiting(
                    Duration.between(now, policy.nextAttempt(now, retries + 1)));
        }
        return end(
                copy,
                state,
                request,
                phase,
                retries > 0 && phase.isFailure()
                        ? message + " (retried " + retries + " times)."
                        : message);
    }

    private Progress end(
            WorkingCopy copy,
            ObjectNode state,
            OperationRequest request,
            OperationPhase phase,
            String message) {
        String now = StatusWriter.time(clock.instant());
        state.put("phase", phase.name()).put("message", message).put("finishedAt", now);
        if (phase == OperationPhase.Succeeded && !request.isSelective() && !request.dryRun()) {
            history(copy, state, request, now);
        }
        copy.json().remove("operation");
        copy.saveOperation();
        return new Progress.Ended(phase, message, request.isSelective());
    }

    private static void history(
            WorkingCopy copy, ObjectNode state, OperationRequest request, String now) {
        long limit =
                Math.clamp(
                        JsonTrees.numberOr(10, copy.json(), "spec", "revisionHistoryLimit"),
                        0,
                        1000);
        List<JsonNode> entries = new ArrayList<>(JsonTrees.items(copy.status(), "history"));
        OptionalLong last =
                entries.stream().mapToLong(entry -> JsonTrees.numberOr(-1, entry, "id")).max();
        ObjectNode entry = JsonTrees.object();
        entry.put("id", last.orElse(-1) + 1)
                .put("revision", JsonTrees.text(state, "syncResult", "revision"));
        entry.put("deployStartedAt", JsonTrees.text(state, "startedAt")).put("deployedAt", now);
        entry.set("source", JsonTrees.at(state, "syncResult", "source").deepCopy());
        ObjectNode by = entry.putObject("initiatedBy");
        if (request.automated()) {
            by.put("automated", true);
        }
        if (!request.username().isEmpty()) {
            by.put("username", request.username());
        }
        entries.add(entry);
        ArrayNode history = JsonTrees.array();
        history.addAll(entries.subList((int) Math.max(0, entries.size() - limit), entries.size()));
        copy.status().set("history", history);
    }

    /// What an apply writes: without the fields that belong to others.
    static KubeObject own(KubeObject target, Optional<KubeObject> live) {
        return live.map(l -> FieldOwnership.yieldTo(target, l))
                .orElseGet(() -> FieldOwnership.strip(target));
    }
}
