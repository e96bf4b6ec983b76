package dev.sluice.sync.core;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/// How a failed operation is tried again (specification of sync §4.9). A negative limit means for
/// ever.
public record RetryPolicy(
        long limit, Duration duration, double factor, Duration maxDuration, boolean refresh) {
    /// What an operation without a policy gets.
    public static final RetryPolicy NONE =
            new RetryPolicy(0, Duration.ofSeconds(5), 2, Duration.ofMinutes(3), false);

    public static final long AUTOMATED_LIMIT = 5;

    record Parsed(RetryPolicy policy, List<String> problems) {}

    public static RetryPolicy of(JsonNode retry) {
        return parse(retry).policy();
    }

    static Parsed parse(JsonNode retry) {
        List<String> problems = new ArrayList<>();
        JsonNode backoff = retry.path("backoff");
        double factor =
                backoff.path("factor").isNumber()
                        ? backoff.path("factor").asDouble()
                        : NONE.factor();
        return new Parsed(
                new RetryPolicy(
                        JsonTrees.numberOr(0, retry, "limit"),
                        duration(backoff, "duration", NONE.duration(), problems),
                        factor < 1 ? NONE.factor() : factor,
                        duration(backoff, "maxDuration", NONE.maxDuration(), problems),
                        JsonTrees.flag(retry, "refresh")),
                problems);
    }

    private static Duration duration(
            JsonNode backoff, String field, Duration otherwise, List<String> problems) {
        String text = JsonTrees.text(backoff, field);
        if (text.isEmpty()) {
            return otherwise;
        }
        return GoDuration.parse(text)
                .orElseGet(
                        () -> {
                            problems.add(
                                    ".backoff." + field + ": '" + text + "' is not a duration");
                            return otherwise;
                        });
    }

    public boolean allows(long retriesSoFar) {
        return limit < 0 || retriesSoFar < limit;
    }

    /// `retries` already counts the attempt that is being waited for.
    public Instant nextAttempt(Instant finishedAt, long retries) {
        double millis =
                (double) duration.toMillis() * Math.pow(factor, (double) Math.min(retries, 64));
        return finishedAt.plusMillis((long) Math.min(millis, (double) maxDuration.toMillis()));
    }
}
