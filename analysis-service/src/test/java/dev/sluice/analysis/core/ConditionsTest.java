package dev.sluice.analysis.core;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sluice.analysis.core.expr.Value;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ConditionsTest {
    private static final Instant NOW = Instant.parse("2026-11-01T12:00:00Z");

    private static Measurement judge(Value value, String success, String failure) {
        ObjectNode json = JsonNodeFactory.instance.objectNode().put("name", "m");
        json.putObject("provider").putObject("web");
        Metric metric =
                Metric.of(json.put("successCondition", success).put("failureCondition", failure));
        return Conditions.judge(metric, new Reading.Result(value, "shown", Map.of()), NOW, NOW);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            emptyValue = "",
            value = {
                "''|''|Successful",
                "result > 1|''|Successful",
                "result > 3|''|Failed",
                "''|result > 1|Failed",
                "''|result > 3|Successful",
                "result > 1|result > 3|Successful",
                "result > 3|result > 1|Failed",
                "result > 1|result > 1|Failed",
                "result > 3|result > 3|Inconclusive",
                "result > 'a'|''|Error",
                "result + 1|''|Error",
                "result >|''|Error",
                "result > 1|nope|Error"
            })
    void judgesByBothConditions(String success, String failure, String phase) {
        assertThat(judge(Value.of(2.0), success, failure).phase().text()).isEqualTo(phase);
    }

    @Test
    void neverPassesNaN() {
        Value nan = Value.of(Double.NaN);
        assertThat(judge(nan, "result >= 0", "").phase()).isEqualTo(Phase.FAILED);
        assertThat(judge(nan, "result >= 0.95", "result < 0.95").phase())
                .isEqualTo(Phase.INCONCLUSIVE);
        assertThat(judge(nan, "isNaN(result)", "").phase()).isEqualTo(Phase.SUCCESSFUL);
    }

    @Test
    void explainsAnErrorInTheCondition() {
        assertThat(judge(Value.of(2.0), "result", "").message())
                .isEqualTo(
                        "could not evaluate successCondition \"result\": expected bool, but got float64");
        assertThat(judge(Value.of(2.0), "", "nope > 1").message())
                .isEqualTo(
                        "could not evaluate failureCondition \"nope > 1\": unknown name nope (at character 1)");
    }

    @Test
    void saysThatThereIsNoData() {
        Value empty = new Value.Items(List.of());
        assertThat(judge(empty, "result[0] > 1", "").message())
                .isEqualTo(
                        "could not evaluate successCondition \"result[0] > 1\": metric result is nil or empty: no data returned"
                                + " from the metric provider");
        assertThat(judge(empty, "len(result) == 0 || result[0] > 1", "").phase())
                .isEqualTo(Phase.SUCCESSFUL);
        assertThat(judge(Value.Nil.NIL, "default(result, 0) < 1", "").phase())
                .isEqualTo(Phase.SUCCESSFUL);
        assertThat(judge(Value.Nil.NIL, "result > 1", "").phase()).isEqualTo(Phase.ERROR);
    }

    @Test
    void cutsUntrustedText() {
        Metric metric = Metric.of(AnalysisDeciderTest.json("{'name':'m','provider':{'web':{}}}"));
        Measurement measurement =
                Conditions.judge(
                        metric,
                        new Reading.Result(Value.of("x"), "x".repeat(100_000), Map.of()),
                        NOW,
                        NOW);
        assertThat(measurement.value()).hasSize(Conditions.MAX_TEXT + 1);
    }
}
