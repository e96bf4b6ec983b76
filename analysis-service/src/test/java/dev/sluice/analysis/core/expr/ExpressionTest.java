package dev.sluice.analysis.core.expr;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.catchThrowable;

import java.time.Instant;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ExpressionTest {
    private static final Instant NOW = Instant.parse("2026-11-01T12:00:00Z");
    private static final long SEED = 20_261_123L;

    private static Value evaluate(String source) {
        return Expression.parse(source).evaluate(Environment.ofResult(Value.of(0.97), NOW));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "result > 'a'|invalid operation: > (mismatched types float64 and string)|7",
                "foo > 1|unknown name foo|0",
                "true or foo(1)|unknown name foo|8",
                "result >|unexpected token EOF|8",
                "(result|unexpected token EOF|7",
                "1 % 0|integer divide by zero|2",
                "[1][2]|index out of range: 2 (array length is 1)|3",
                "asFloat('x')|strconv.ParseFloat: parsing \"x\": invalid syntax|0"
            })
    void saysWhatIsWrongAndWhere(String source, String message, int position) {
        assertThatExceptionOfType(ExprException.class)
                .isThrownBy(() -> evaluate(source))
                .satisfies(e -> assertThat(e.position()).isEqualTo(position))
                .withMessage(message);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "1..1000000000",
                "len(filter(1..900000, len(1..900000) > 0))",
                "reduce(1..100000, len(map(1..1000, # + 1)))",
                "repeat('a', 1000000000)",
                "repeat(repeat('a', 1000), 100000)",
                "reduce(1..60, #acc + #acc, 'xxxxxxxxxx')"
            })
    void refusesWhatWouldTakeTooMuch(String source) {
        assertThatExceptionOfType(ExprException.class)
                .isThrownBy(() -> evaluate(source))
                .withMessageContaining("budget");
    }

    @Test
    void refusesNestingWithoutEnd() {
        String deep = "(".repeat(5_000) + "1" + ")".repeat(5_000);
        assertThatExceptionOfType(ExprException.class)
                .isThrownBy(() -> evaluate(deep))
                .withMessageContaining("nested deeper");
    }

    @Test
    void matchesInLinearTime() {
        String source = "'" + "a".repeat(20_000) + "!' matches '(a+)+$'";
        assertThat(evaluate(source)).isEqualTo(Value.of(false));
    }

    @Test
    void knowsTheTimeOfEvaluationOnly() {
        assertThat(evaluate("now() == date('2026-11-01T12:00:00Z')")).isEqualTo(Value.of(true));
        assertThat(evaluate("now() - duration('5m')"))
                .isEqualTo(new Value.Moment(NOW.minusSeconds(300)));
    }

    @Test
    void throwsNothingButItsOwnError() {
        String[] pieces = {
            "result",
            "(",
            ")",
            "[",
            "]",
            "{",
            "}",
            ".",
            "?.",
            "??",
            "?",
            ":",
            ",",
            ";",
            "#",
            "|",
            "..",
            "+",
            "-",
            "*",
            "/",
            "%",
            "**",
            "==",
            "!=",
            "<",
            ">=",
            "in",
            "not",
            "and",
            "or",
            "matches",
            "contains",
            "let",
            "if",
            "else",
            "x",
            "=",
            "1",
            "0x",
            "1e",
            "1.5",
            "'a'",
            "\"\\u00",
            "`r`",
            "nil",
            "true",
            "len",
            "map",
            "filter",
            "sum",
            "reduce",
            "all",
            "first",
            "sort",
            "sortBy",
            "max",
            "median",
            "split",
            "replace",
            "repeat",
            "date",
            "duration",
            "now",
            "int",
            "fromPairs",
            "get",
            "join",
            "-9223372036854775808",
            "9223372036854775807",
            "@",
            "\u0000",
            "é",
            "😀",
            "/*",
            "//",
            "\\"
        };
        Random random = new Random(SEED);
        for (int round = 0; round < 60_000; round++) {
            StringBuilder source = new StringBuilder();
            int length = 1 + random.nextInt(12);
            for (int i = 0; i < length; i++) {
                source.append(pieces[random.nextInt(pieces.length)])
                        .append(random.nextInt(3) == 0 ? "" : " ");
            }
            Throwable thrown = catchThrowable(() -> evaluate(source.toString()));
            if (thrown != null) {
                assertThat(thrown)
                        .as("seed %s, expression: %s", SEED, source)
                        .isInstanceOf(ExprException.class);
            }
        }
    }
}
