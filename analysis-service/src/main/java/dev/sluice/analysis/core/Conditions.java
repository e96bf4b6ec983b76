package dev.sluice.analysis.core;

import dev.sluice.analysis.core.expr.Environment;
import dev.sluice.analysis.core.expr.ExprException;
import dev.sluice.analysis.core.expr.Expression;
import dev.sluice.analysis.core.expr.Value;
import java.time.Instant;
import java.util.Optional;

/// A reading and the metric's conditions → a judged measurement. A pure function of its arguments
/// (G13).
public final class Conditions {
    /// Measured text is untrusted: it is cut before it enters a status.
    static final int MAX_TEXT = 4_096;

    private static final String NO_DATA =
            "metric result is nil or empty: no data returned from the metric provider";

    private Conditions() {}

    public static Measurement judge(
            Metric metric, Reading reading, Instant startedAt, Instant now) {
        return switch (reading) {
            case Reading.Result result -> judged(metric, result, startedAt, now);
            case Reading.UnderWay underWay ->
                    new Measurement(
                            Phase.RUNNING,
                            "",
                            startedAt,
                            Optional.empty(),
                            "",
                            underWay.metadata(),
                            Optional.of(underWay.resumeAt()));
            case Reading.Verdict verdict ->
                    new Measurement(
                            verdict.phase(),
                            cut(verdict.message()),
                            startedAt,
                            Optional.of(now),
                            "",
                            verdict.metadata(),
                            Optional.empty());
            case Reading.Broken broken ->
                    Measurement.finished(Phase.ERROR, cut(broken.message()), startedAt, now);
        };
    }

    private static Measurement judged(
            Metric metric, Reading.Result result, Instant startedAt, Instant now) {
        Phase phase;
        String message = "";
        try {
            phase = phase(metric, result.value(), now);
        } catch (InvalidRunException e) {
            phase = Phase.ERROR;
            message = e.reason();
        }
        return new Measurement(
                phase,
                cut(message),
                startedAt,
                Optional.of(now),
                cut(result.shown()),
                result.metadata(),
                Optional.empty());
    }

    private static Phase phase(Metric metric, Value value, Instant now) {
        boolean hasSuccess = !metric.successCondition().isEmpty();
        boolean hasFailure = !metric.failureCondition().isEmpty();
        boolean success =
                hasSuccess && holds("successCondition", metric.successCondition(), value, now);
        boolean failure =
                hasFailure && holds("failureCondition", metric.failureCondition(), value, now);
        if (failure) {
            return Phase.FAILED;
        }
        if (success || !hasSuccess) {
            return Phase.SUCCESSFUL;
        }
        return hasFailure ? Phase.INCONCLUSIVE : Phase.FAILED;
    }

    private static boolean holds(String which, String condition, Value value, Instant now) {
        String fault;
        try {
            Value outcome = Expression.parse(condition).evaluate(Environment.ofResult(value, now));
            if (outcome instanceof Value.Bool(boolean truth)) {
                return truth;
            }
            fault = "expected bool, but got " + outcome.typeName();
        } catch (ExprException e) {
            fault =
                    isEmpty(value)
                            ? NO_DATA
                            : e.getMessage() + " (at character " + (e.position() + 1) + ")";
        }
        throw new InvalidRunException(
                "could not evaluate " + which + " \"" + condition + "\": " + fault);
    }

    private static boolean isEmpty(Value value) {
        return value == Value.Nil.NIL
                || (value instanceof Value.Items items && items.values().isEmpty());
    }

    private static String cut(String text) {
        return text.length() <= MAX_TEXT ? text : text.substring(0, MAX_TEXT) + "…";
    }
}
