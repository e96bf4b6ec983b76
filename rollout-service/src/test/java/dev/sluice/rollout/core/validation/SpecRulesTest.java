package dev.sluice.rollout.core.validation;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sluice.rollout.core.Decision;
import dev.sluice.rollout.core.ParseResult;
import dev.sluice.rollout.core.RolloutDecider;
import dev.sluice.rollout.core.RolloutParser;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SpecRulesTest {
    private static final String BASE =
            """
            {"selector":{"matchLabels":{"app":"demo"}},
             "template":{"metadata":{"labels":{"app":"demo"}},"spec":{"containers":[{"name":"c","image":"i"}]}},
             "strategy":{"canary":{"steps":[{"setWeight":50}]}}}\
            """;

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{'replicas':-1} | spec.replicas: Invalid value: -1: must be greater than or equal"
                        + " to 0",
                "{'selector':null} | spec.selector: Required value: Rollout has missing field"
                        + " '.spec.selector'",
                "{'selector':{}} | spec.selector: Invalid value: {}: empty selector is invalid for"
                        + " deployment",
                "{'minReadySeconds':600} | spec.progressDeadlineSeconds: Invalid value: 600: must"
                        + " be greater than minReadySeconds",
                "{'strategy':{}} | spec.strategy: Required value: Rollout has missing field"
                        + " '.spec.strategy.canary or .spec.strategy.blueGreen'",
                "{'strategy':{'canary':{'steps':[{'setWeight':101}]}}} |"
                        + " spec.strategy.steps[0].setWeight: Invalid value: 101: SetWeight needs to be"
                        + " between 0 and 100",
                "{'strategy':{'canary':{'steps':[{'pause':{'duration':'soon'}}]}}} |"
                        + " spec.strategy.steps[0].pause.duration: Invalid value: \"soon\": Duration"
                        + " needs to be greater than 0",
                "{'strategy':{'canary':{'steps':[{'setCanaryScale':{'weight':5}}]}}} |"
                        + " spec.strategy.steps[0].trafficRouting: Invalid value: {\"weight\":5}:"
                        + " SetCanaryScale requires TrafficRouting to be set",
                "{'strategy':{'canary':{'scaleDownDelaySeconds':5}}} |"
                        + " spec.strategy.scaleDownDelaySeconds: Invalid value: 5: Canary"
                        + " scaleDownDelaySeconds can only be used with traffic routing",
                "{'strategy':{'canary':{'trafficRouting':{'nginx':{'stableIngress':'w'}}}}} |"
                        + " spec.strategy.stableService: Invalid value: null: Canary service and Stable"
                        + " service must to be set to use Traffic Routing",
                "{'strategy':{'canary':{'steps':[{'experiment':{'templates':[]}}]}}} |"
                        + " spec.strategy.steps[0].experiment.templates: Required value: an"
                        + " experiment needs a template",
                "{'workloadRef':{'name':'x'}} | spec.workloadRef: Forbidden: workloadRef is not"
                        + " supported by this version of Sluice"
            })
    void tellsTheFirstError(String change, String error) {
        assertThat(SpecRules.firstError(spec(change.replace('\'', '"')))).contains(error);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{'strategy':{'canary':{},'blueGreen':{'activeService':'a'}}} | Multiple Strategies"
                        + " can not be listed",
                "{'strategy':{'canary':{'steps':[{'wait':1}]}}} | Step must have one of the"
                        + " following set: experiment, setWeight, setCanaryScale, plugin or pause",
                "{'strategy':{'canary':{'maxSurge':0,'maxUnavailable':'0%'}}} | MaxSurge and"
                        + " MaxUnavailable both can not be zero",
                "{'strategy':{'canary':{'stableService':'a','canaryService':'a'}}} | This rollout"
                        + " uses the same service for the stable and canary services, but two different"
                        + " services are required.",
                "{'strategy':{'blueGreen':{'activeService':'a','previewService':'a'}}} | This"
                        + " rollout uses the same service for the active and preview services, but two"
                        + " different services are required."
            })
    void endsWithTheDetailThatUsersKnow(String change, String detail) {
        assertThat(SpecRules.firstError(spec(change.replace('\'', '"'))).orElse(""))
                .endsWith(detail);
    }

    @Test
    void acceptsAPlainCanary() {
        assertThat(SpecRules.firstError(spec("{}"))).isEmpty();
    }

    @Test
    void anInvalidRolloutHasExactlyOneConditionAndIsWrittenOnce() {
        ObjectNode rollout =
                (ObjectNode)
                        json("{\"metadata\":{\"name\":\"demo\",\"generation\":3},\"status\":{}}");
        rollout.set("spec", spec("{\"replicas\":-1}"));
        Instant now = Instant.parse("2026-03-01T10:00:00Z");
        Decision first = decideInvalid(rollout, now);
        assertThat(first.next().conditions()).hasSize(1);
        assertThat(first.next().message())
                .isEqualTo(
                        "InvalidSpec: The Rollout \"demo\" is invalid: spec.replicas: Invalid"
                                + " value: -1: must be greater than or equal to 0");
        rollout.set("status", first.statusPatch().orElseThrow().path("status"));
        assertThat(decideInvalid(rollout, now.plusSeconds(60)).isQuiet()).isTrue();
    }

    private static Decision decideInvalid(JsonNode rollout, Instant now) {
        return switch (RolloutParser.parse(rollout)) {
            case ParseResult.Invalid invalid -> RolloutDecider.decideInvalid(invalid, now);
            case ParseResult.Valid _ -> throw new AssertionError("must be invalid");
        };
    }

    private static ObjectNode spec(String change) {
        ObjectNode spec = (ObjectNode) json(BASE);
        spec.setAll((ObjectNode) json(change));
        return spec;
    }

    private static JsonNode json(String text) {
        try {
            return new ObjectMapper().readTree(text);
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException(e);
        }
    }
}
