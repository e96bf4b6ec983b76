package dev.sluice.sync.core;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/// Whether the end of a comparison starts a sync on its own (specification of sync §4.10, Y5).
public final class AutoSyncDecider {
    /// Everything that the decision depends on.
    public record Facts(
            Optional<AppSpec.Automation> policy,
            boolean operationPresent,
            boolean deleting,
            SyncCode status,
            boolean onlyPruneNeeded,
            boolean everythingNeedsPruning,
            String revision,
            JsonNode source,
            Optional<LastAttempt> last,
            Optional<Rejections.Rejection> rejection,
            Instant now) {}

    /// The operation before this one.
    public record LastAttempt(
            String revision,
            JsonNode source,
            OperationPhase phase,
            String message,
            Instant finishedAt,
            long healAttempts) {}

    /// The verdict.
    public sealed interface Verdict {
        record Nothing(String why) implements Verdict {}

        /// Nothing, and the Application says why.
        record Refuse(Condition condition) implements Verdict {}

        record SyncAll() implements Verdict {}

        record Heal(long attempt) implements Verdict {}

        record WaitUntil(Instant at) implements Verdict {}
    }

    private static final Duration HEAL_FIRST = Duration.ofSeconds(2);
    private static final Duration HEAL_LONGEST = Duration.ofMinutes(5);

    private AutoSyncDecider() {}

    public static Verdict decide(Facts facts) {
        Optional<String> off = off(facts);
        if (off.isPresent()) {
            return new Verdict.Nothing(off.get());
        }
        AppSpec.Automation policy = facts.policy().orElseThrow();
        if (facts.onlyPruneNeeded() && !policy.prune()) {
            return new Verdict.Nothing("only pruning is needed and automated pruning is off");
        }
        if (facts.rejection().isPresent()) {
            return new Verdict.Refuse(
                    new Condition(
                            Condition.Type.RevisionRejectedWarning,
                            facts.rejection().get().message()));
        }
        boolean attempted =
                facts.last()
                        .filter(
                                last ->
                                        last.revision().equals(facts.revision())
                                                && last.source().equals(facts.source()))
                        .isPresent();
        Verdict verdict =
                attempted
                        ? again(facts, policy, facts.last().orElseThrow())
                        : new Verdict.SyncAll();
        boolean acts = verdict instanceof Verdict.SyncAll || verdict instanceof Verdict.Heal;
        if (acts && policy.prune() && !policy.allowEmpty() && facts.everythingNeedsPruning()) {
            return new Verdict.Refuse(
                    new Condition(
                            Condition.Type.SyncError,
                            "Skipping sync attempt to "
                                    + facts.revision()
                                    + ": auto-sync will wipe out all resources"));
        }
        return verdict;
    }

    private static Optional<String> off(Facts facts) {
        if (facts.policy().isEmpty()) {
            return Optional.of("automated sync is off");
        }
        if (facts.operationPresent()) {
            return Optional.of("another operation is already in progress");
        }
        if (facts.deleting()) {
            return Optional.of("the application is being deleted");
        }
        return facts.status() == SyncCode.OutOfSync
                ? Optional.empty()
                : Optional.of("the application is " + facts.status());
    }

    private static Verdict again(Facts facts, AppSpec.Automation policy, LastAttempt last) {
        if (last.phase().isFailure()) {
            return new Verdict.Refuse(
                    new Condition(
                            Condition.Type.SyncError,
                            "Failed last sync attempt to "
                                    + facts.revision()
                                    + ": "
                                    + last.message()));
        }
        if (last.phase() != OperationPhase.Succeeded) {
            return new Verdict.Nothing("the last attempt is not over");
        }
        if (!policy.selfHeal()) {
            return new Verdict.Nothing("already attempted, and self-healing is off");
        }
        Instant at = last.finishedAt().plus(healBackoff(last.healAttempts()));
        return facts.now().isBefore(at)
                ? new Verdict.WaitUntil(at)
                : new Verdict.Heal(last.healAttempts() + 1);
    }

    /// 2 s, then three times as long each, at most 300 s; the first drift after a full sync is
    /// mended at once.
    static Duration healBackoff(long attempts) {
        if (attempts <= 0) {
            return Duration.ZERO;
        }
        double millis =
                (double) HEAL_FIRST.toMillis() * Math.pow(3, (double) Math.min(attempts - 1, 20));
        return Duration.ofMillis((long) Math.min(millis, (double) HEAL_LONGEST.toMillis()));
    }

    /// The objects that a self-heal syncs: everything that is not Synced.
    public static List<ObjectKey> toHeal(List<ResourceState> resources) {
        return resources.stream()
                .filter(r -> r.status().filter(s -> s != SyncCode.Synced).isPresent())
                .filter(r -> !(r.requiresPruning() && r.either().deleting()))
                .map(ResourceState::key)
                .toList();
    }
}
