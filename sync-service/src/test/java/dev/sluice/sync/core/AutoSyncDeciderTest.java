package dev.sluice.sync.core;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.sync.core.AutoSyncDecider.Facts;
import dev.sluice.sync.core.AutoSyncDecider.LastAttempt;
import dev.sluice.sync.core.AutoSyncDecider.Verdict;
import java.time.Instant;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class AutoSyncDeciderTest {
    private static final Instant NOW = Instant.parse("2026-01-01T00:01:00Z");
    private static final AppSpec.Automation HEAL = new AppSpec.Automation(true, true, false);
    private static final AppSpec.Automation PLAIN = new AppSpec.Automation(false, false, false);
    private static final Rejections.Rejection REJECTION =
            new Rejections.Rejection(
                    "r2", "checkout", "ns", "u", 2, "analysis failed", "2026-01-01T00:00:00Z");

    record Case(String name, Facts facts, Class<? extends Verdict> expected, String text) {
        @Override
        public String toString() {
            return name;
        }
    }

    private static Facts facts(
            Optional<AppSpec.Automation> policy,
            boolean busy,
            SyncCode status,
            boolean onlyPrune,
            boolean wipe,
            Optional<LastAttempt> last,
            Optional<Rejections.Rejection> rejection) {
        return new Facts(
                policy,
                busy,
                false,
                status,
                onlyPrune,
                wipe,
                "r2",
                Json.of("{'path':'a'}"),
                last,
                rejection,
                NOW);
    }

    private static Optional<LastAttempt> last(
            String revision, OperationPhase phase, String finished, long attempts) {
        return Optional.of(
                new LastAttempt(
                        revision,
                        Json.of("{'path':'a'}"),
                        phase,
                        "denied",
                        Instant.parse(finished),
                        attempts));
    }

    static Stream<Case> cases() {
        Optional<AppSpec.Automation> heal = Optional.of(HEAL);
        SyncCode out = SyncCode.OutOfSync;
        String early = "2026-01-01T00:00:00Z";
        return Stream.of(
                new Case(
                        "off",
                        facts(
                                Optional.empty(),
                                false,
                                out,
                                false,
                                false,
                                Optional.empty(),
                                Optional.empty()),
                        Verdict.Nothing.class,
                        "off"),
                new Case(
                        "busy",
                        facts(heal, true, out, false, false, Optional.empty(), Optional.empty()),
                        Verdict.Nothing.class,
                        "in progress"),
                new Case(
                        "never from Unknown",
                        facts(
                                heal,
                                false,
                                SyncCode.Unknown,
                                false,
                                false,
                                Optional.empty(),
                                Optional.empty()),
                        Verdict.Nothing.class,
                        "Unknown"),
                new Case(
                        "synced",
                        facts(
                                heal,
                                false,
                                SyncCode.Synced,
                                false,
                                false,
                                Optional.empty(),
                                Optional.empty()),
                        Verdict.Nothing.class,
                        "Synced"),
                new Case(
                        "first sync",
                        facts(heal, false, out, false, false, Optional.empty(), Optional.empty()),
                        Verdict.SyncAll.class,
                        ""),
                new Case(
                        "a new revision",
                        facts(
                                heal,
                                false,
                                out,
                                false,
                                false,
                                last("r1", OperationPhase.Succeeded, early, 0),
                                Optional.empty()),
                        Verdict.SyncAll.class,
                        ""),
                new Case(
                        "a failed attempt is not repeated",
                        facts(
                                heal,
                                false,
                                out,
                                false,
                                false,
                                last("r2", OperationPhase.Failed, early, 0),
                                Optional.empty()),
                        Verdict.Refuse.class,
                        "Failed last sync attempt to r2: denied"),
                new Case(
                        "drift without selfHeal stays",
                        facts(
                                Optional.of(PLAIN),
                                false,
                                out,
                                false,
                                false,
                                last("r2", OperationPhase.Succeeded, early, 0),
                                Optional.empty()),
                        Verdict.Nothing.class,
                        "self-healing"),
                new Case(
                        "drift is healed",
                        facts(
                                heal,
                                false,
                                out,
                                false,
                                false,
                                last("r2", OperationPhase.Succeeded, early, 0),
                                Optional.empty()),
                        Verdict.Heal.class,
                        "attempt=1"),
                new Case(
                        "healing backs off",
                        facts(
                                heal,
                                false,
                                out,
                                false,
                                false,
                                last("r2", OperationPhase.Succeeded, "2026-01-01T00:00:59Z", 1),
                                Optional.empty()),
                        Verdict.WaitUntil.class,
                        "00:01:01Z"),
                new Case(
                        "only pruning, prune off",
                        facts(
                                Optional.of(PLAIN),
                                false,
                                out,
                                true,
                                false,
                                Optional.empty(),
                                Optional.empty()),
                        Verdict.Nothing.class,
                        "pruning"),
                new Case(
                        "everything would go",
                        facts(heal, false, out, true, true, Optional.empty(), Optional.empty()),
                        Verdict.Refuse.class,
                        "auto-sync will wipe out all resources"),
                new Case(
                        "a rejected revision",
                        facts(
                                heal,
                                false,
                                out,
                                false,
                                false,
                                Optional.empty(),
                                Optional.of(REJECTION)),
                        Verdict.Refuse.class,
                        "Revision r2 was rejected"),
                new Case(
                        "neither is a rejected revision healed",
                        facts(
                                heal,
                                false,
                                out,
                                false,
                                false,
                                last("r2", OperationPhase.Succeeded, early, 0),
                                Optional.of(REJECTION)),
                        Verdict.Refuse.class,
                        "rejected"));
    }

    @ParameterizedTest
    @MethodSource("cases")
    void decides(Case given) {
        Verdict verdict = AutoSyncDecider.decide(given.facts());
        assertThat(verdict).isInstanceOf(given.expected());
        assertThat(verdict.toString()).contains(given.text());
    }
}
