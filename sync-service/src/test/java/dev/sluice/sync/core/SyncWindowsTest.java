package dev.sluice.sync.core;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.sluice.runtime.schedule.CronSchedule;
import dev.sluice.sync.core.SyncWindows.Verdict;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SyncWindowsTest {
    /// A Monday.
    private static final Instant NOW = Instant.parse("2026-11-23T10:30:20Z");

    private static final SyncWindows.Subject SHOP =
            new SyncWindows.Subject("shop", new AppSpec.Destination("", "in-cluster", "prod"));

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    30 10 * * *        | 1m  | true
                    29 10 * * *        | 1m  | false
                    0 10 * * *         | 1h  | true
                    0 9 * * *          | 1h  | false
                    0 22 * * *         | 13h | true
                    0 22 * * *         | 12h | false
                    0 10 * * 1-5       | 1h  | true
                    0 10 * * SUN,sat   | 1h  | false
                    0 0 23 11 *        | 24h | true
                    0 0 22 nov *       | 24h | false
                    0 0 1 * MON        | 24h | true
                    */15 * * * *       | 1m  | true
                    20/7 * * * *       | 3m  | false
                    @daily             | 11h | true
                    @weekly            | 24h | false
                    0 0 29 2 *         | 8784h | false
                    """)
    void aWindowIsActiveForItsDurationAfterTheScheduleFires(
            String schedule, String duration, boolean active) {
        CronSchedule cron = CronSchedule.parse(schedule).orElseThrow();

        Duration length = GoDuration.parse(duration).orElseThrow();

        assertThat(cron.lastFired(length, NOW, ZoneOffset.UTC).isPresent()).isEqualTo(active);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '"',
            textBlock =
                    """
                    * * * *
                    60 * * * *
                    * * 0 * *
                    5-1 * * * *
                    */0 * * * *
                    1/2/3 * * * *
                    a b c d e
                    """)
    void whatIsNoScheduleIsRefused(String schedule) {
        assertThat(CronSchedule.parse(schedule)).isEmpty();
    }

    @Test
    void theScheduleIsReadInItsTimeZone() {
        CronSchedule cron = CronSchedule.parse("30 11 * * *").orElseThrow();

        Duration minute = Duration.ofMinutes(1);

        assertThat(cron.lastFired(minute, NOW, ZoneId.of("Europe/Berlin")).isPresent()).isTrue();
        assertThat(cron.lastFired(minute, NOW, ZoneOffset.UTC).isPresent()).isFalse();
    }

    /// Windows as `kind active manualSync`, separated by `;`.
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    none                           | true  | true
                    deny on no                     | false | false
                    deny on yes                    | false | true
                    deny on yes; deny on no        | false | false
                    deny off no                    | true  | true
                    allow on no                    | true  | true
                    allow off no                   | false | false
                    allow off yes                  | false | true
                    allow off yes; allow off no    | false | false
                    allow on no; allow off no      | true  | true
                    allow on no; deny on no        | false | false
                    allow on no; deny on yes       | false | true
                    allow off no; deny on yes      | false | true
                    """)
    void windowsPermitAndBlock(String windows, boolean automated, boolean manual) {
        List<JsonNode> all =
                windows.strip().equals("none")
                        ? List.of()
                        : List.of(windows.split(";")).stream()
                                .map(text -> window(text.strip().split(" "), ""))
                                .toList();

        SyncWindows found = SyncWindows.of("team", all, SHOP);

        assertThat(found.judge(false, NOW) instanceof Verdict.Permitted).isEqualTo(automated);
        assertThat(found.judge(true, NOW) instanceof Verdict.Permitted).isEqualTo(manual);
    }

    private static JsonNode window(String[] parts, String extra) {
        return Json.of(
                """
                {"kind": "%s", "schedule": "%s", "duration": "1h", "manualSync": %s,
                 "applications": ["sh*"] %s}
                """
                        .formatted(
                                parts[0],
                                parts[1].equals("on") ? "0 10 * * *" : "0 1 * * *",
                                parts[2].equals("yes"),
                                extra));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    "applications": ["sh*"]                                              | true
                    "applications": ["other"]                                            | false
                    "applications": ["other"], "namespaces": ["prod"]                    | true
                    "applications": ["other"], "namespaces": ["prod"], "andOperator": true | false
                    "clusters": ["in-cluster"], "namespaces": ["pr*"], "andOperator": true | true
                    "clusters": ["https://kubernetes.default.svc"]                       | true
                    "description": "selects nothing"                                     | false
                    """)
    void windowsSelectApplications(String selectors, boolean selected) {
        JsonNode deny =
                Json.of(
                        "{\"kind\": \"deny\", \"schedule\": \"* * * * *\", \"duration\": \"1h\", "
                                + selectors
                                + "}");

        Verdict verdict = SyncWindows.of("team", List.of(deny), SHOP).judge(false, NOW);

        assertThat(verdict instanceof Verdict.Blocked).isEqualTo(selected);
    }

    @Test
    void anOperationThatBeganInTimeMayFinishWhereEveryWindowOptsIn() {
        Instant later = NOW.plus(Duration.ofHours(1));
        List<JsonNode> opted =
                List.of(window(new String[] {"allow", "on", "no"}, ", \"syncOverrun\": true"));
        List<JsonNode> strict = List.of(window(new String[] {"allow", "on", "no"}, ""));

        assertThat(SyncWindows.of("team", opted, SHOP).judgeRunning(false, NOW, later))
                .isInstanceOf(Verdict.Permitted.class);
        assertThat(SyncWindows.of("team", opted, SHOP).judgeRunning(false, later, later))
                .isInstanceOf(Verdict.Blocked.class);
        assertThat(SyncWindows.of("team", strict, SHOP).judgeRunning(false, NOW, later))
                .isInstanceOf(Verdict.Blocked.class);
    }

    @Test
    void aWindowThatCannotBeReadBlocksWhatItSelectsAndIsNamed() {
        JsonNode bad =
                Json.of(
                        """
                        {"kind": "deny", "schedule": "every day", "duration": "1h",
                         "applications": ["shop"]}
                        """);

        assertThat(SyncWindows.of("team", List.of(bad), SHOP).judge(true, NOW))
                .isEqualTo(
                        new Verdict.Unreadable(
                                "spec.syncWindows[0] of project team can't be read: schedule"
                                        + " 'every day' is not a cron expression with five fields;"
                                        + " nothing is synced until it is corrected"));
    }
}
