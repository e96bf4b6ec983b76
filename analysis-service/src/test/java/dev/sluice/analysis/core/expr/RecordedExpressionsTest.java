package dev.sluice.analysis.core.expr;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Compares with what the original answered to our inputs (`tools/oracle/expr`).
class RecordedExpressionsTest {
    private static final Instant NOW = Instant.parse("2026-11-01T12:00:00Z");

    record Recorded(String expression, JsonNode result, String outcome) {
        @Override
        public String toString() {
            return expression + " on " + result;
        }
    }

    static List<Recorded> cases() {
        try (InputStream file =
                RecordedExpressionsTest.class.getResourceAsStream("/expr/recorded.json")) {
            List<Recorded> cases = new ArrayList<>();
            for (JsonNode entry : new ObjectMapper().readTree(Objects.requireNonNull(file))) {
                String outcome =
                        entry.path("outcome").asText().equals("error")
                                ? "error"
                                : "value " + entry.path("value").asText();
                cases.add(
                        new Recorded(
                                entry.path("expression").asText(), entry.path("result"), outcome));
            }
            return cases;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @ParameterizedTest
    @MethodSource("cases")
    void answersLikeTheOriginal(Recorded recorded) {
        assertThat(outcome(recorded)).isEqualTo(recorded.outcome());
    }

    @Test
    void recordsEnoughToMeanSomething() {
        assertThat(cases()).hasSizeGreaterThan(400);
    }

    static String outcome(Recorded recorded) {
        Value result =
                switch (recorded.result().asText()) {
                    case "@NaN" -> Value.of(Double.NaN);
                    case "@+Inf" -> Value.of(Double.POSITIVE_INFINITY);
                    case "@-Inf" -> Value.of(Double.NEGATIVE_INFINITY);
                    default -> JsonValues.of(recorded.result());
                };
        try {
            Value value =
                    Expression.parse(recorded.expression())
                            .evaluate(Environment.ofResult(result, NOW));
            return "value " + Builtins.shown(value);
        } catch (ExprException _) {
            return "error";
        }
    }
}
