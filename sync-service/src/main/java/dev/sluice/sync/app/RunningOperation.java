package dev.sluice.sync.app;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sluice.sync.app.OperationRunner.Progress;
import dev.sluice.sync.core.JsonTrees;
import dev.sluice.sync.core.OperationPhase;
import dev.sluice.sync.core.OperationRequest;
import dev.sluice.sync.core.RetryPolicy;
import dev.sluice.sync.core.TaskResult;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/// One operation as `status.operationState` has it: everything that is needed to go on after a
/// crash.
final class RunningOperation {
    private final WorkingCopy copy;
    private final ObjectNode state;
    private final InstantSource clock;
    private OperationRequest request;

    private RunningOperation(WorkingCopy copy, ObjectNode state, InstantSource clock) {
        this.copy = copy;
        this.state = state;
        this.clock = clock;
        this.request = OperationRequest.of(state.path("operation"));
    }

    /// The one that is under way, or else the one that was asked for, from now on under way.
    static RunningOperation of(WorkingCopy copy, InstantSource clock) {
        Optional<ObjectNode> present = copy.operationState();
        boolean running =
                present.flatMap(s -> OperationPhase.parse(JsonTrees.text(s, "phase")))
                        .filter(p -> !p.isCompleted())
                        .isPresent();
        if (running) {
            return new RunningOperation(copy, present.orElseThrow(), clock);
        }
        ObjectNode state = JsonTrees.object();
        state.set("operation", copy.json().path("operation").deepCopy());
        state.put("phase", OperationPhase.Running.name())
                .put("startedAt", StatusWriter.time(clock.instant()));
        copy.status().set("operationState", state);
        copy.save();
        return new RunningOperation(copy, copy.operationState().orElseThrow(), clock);
    }

    ObjectNode application() {
        return copy.json();
    }

    OperationRequest request() {
        return request;
    }

    Instant startedAt() {
        return SyncFacts.instant(JsonTrees.text(state, "startedAt"));
    }

    boolean isTerminating() {
        return JsonTrees.text(state, "phase").equals(OperationPhase.Terminating.name());
    }

    void terminate(String message) {
        state.put("phase", OperationPhase.Terminating.name()).put("message", message);
    }

    /// When the attempt before this one failed; empty when this is the first one, or has begun.
    Optional<Instant> failedAt() {
        return JsonTrees.optional(state, "finishedAt").map(SyncFacts::instant);
    }

    long retries() {
        return JsonTrees.numberOr(0, state, "retryCount");
    }

    /// The commit to bring to the cluster, as far as the operation names one.
    String revision() {
        return JsonTrees.text(state, "operation", "sync", "revision");
    }

    void pin(String commit) {
        JsonTrees.child(JsonTrees.child(state, "operation"), "sync").put("revision", commit);
        request = OperationRequest.of(state.path("operation"));
    }

    /// Begins the next attempt.
    void tryAgain() {
        state.remove(List.of("finishedAt", "syncResult"));
        copy.saveOperation();
    }

    /// The commit that this attempt has begun to bring to the cluster.
    Optional<String> begun() {
        return JsonTrees.optional(state, "syncResult", "revision");
    }

    /// Notes what the attempt brings to the cluster; once.
    void begin(Observation.Seen seen) {
        if (!state.has("syncResult")) {
            ObjectNode result = state.putObject("syncResult");
            result.put("revision", seen.revision());
            result.set("source", seen.source().raw().deepCopy());
        }
    }

    boolean hasResults() {
        return !JsonTrees.items(state, "syncResult", "resources").isEmpty();
    }

    List<TaskResult> results() {
        return JsonTrees.items(state, "syncResult", "resources").stream()
                .flatMap(json -> TaskResult.fromJson(json).stream())
                .toList();
    }

    void store(List<TaskResult> results) {
        ArrayNode array = JsonTrees.child(state, "syncResult").putArray("resources");
        results.forEach(result -> array.add(result.toJson()));
    }

    void save() {
        copy.saveOperation();
    }

    void save(String message) {
        state.put("message", message);
        save();
    }

    /// The attempt is over; where it failed, the next one may be due later.
    Progress finish(OperationPhase phase, String message) {
        long retries = retries();
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
                phase,
                retries > 0 && phase.isFailure()
                        ? message + " (retried " + retries + " times)."
                        : message);
    }

    /// Over for good.
    Progress end(OperationPhase phase, String message) {
        String now = StatusWriter.time(clock.instant());
        state.put("phase", phase.name()).put("message", message).put("finishedAt", now);
        if (phase == OperationPhase.Succeeded && !request.isSelective() && !request.dryRun()) {
            addToHistory(now);
        }
        copy.json().remove("operation");
        copy.saveOperation();
        return new Progress.Ended(phase, message, request.isSelective());
    }

    private void addToHistory(String now) {
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
}
