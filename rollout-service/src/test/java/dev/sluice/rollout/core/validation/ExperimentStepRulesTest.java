package dev.sluice.rollout.core.validation;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ExperimentStepRulesTest {
    private static final String PLUGIN =
            "'trafficRouting':{'plugins':{'argoproj-labs/gatewayAPI':{'httpRoute':'web'}}},";

    private static JsonNode canary(String routing, String experiment) throws IOException {
        String json =
                "{" + routing + "'steps':[{'setWeight':30},{'experiment':" + experiment + "}]}";
        return new ObjectMapper().readTree(json.replace('\'', '"'));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "`{'templates':[]}`|`templates: Required value: an experiment needs a template`",
                "`{'templates':[{'specRef':'stable'}]}`|`templates[0].name: Required value: `",
                "`{'templates':[{'name':'a','specRef':'stable'},{'name':'a','specRef':'stable'}]}`|`templates[1].name:"
                        + " Invalid value: \"a\": two templates of an experiment have this name`",
                "`{'templates':[{'name':'a','specRef':'old'}]}`|`templates[0].specRef: Invalid"
                        + " value: \"old\": Invalid template step SpecRef: must be canary or stable`",
                "`{'templates':[{'name':'a','specRef':'stable','selector':{}}]}`|`templates[0].selector:"
                        + " Invalid value: {}: a non-empty selector is required`",
                "`{'templates':[{'name':'a','specRef':'stable','replicas':-1}]}`|`templates[0].replicas:"
                        + " Invalid value: -1: must be greater than or equal to 0`",
                "`{'templates':[{'name':'a','specRef':'stable','weight':-1}]}`|`templates[0].weight:"
                        + " Invalid value: -1: must be greater than or equal to 0`",
                "`{'templates':[{'name':'a','specRef':'stable','weight':71}]}`|`templates: Invalid"
                        + " value: 71: the templates' weights and the canary's 30 must not exceed 100`",
                "`{'duration':'soon','templates':[{'name':'a','specRef':'stable'}]}`|`duration:"
                        + " Invalid value: \"soon\": Duration needs to be greater than 0`",
                "`{'templates':[{'name':'a','specRef':'stable'}],'analyses':[{'name':'x','args':[{'name':'q','valueFrom':{'fieldRef':{'fieldPath':'metadata.managedFields'}}}]}]}`|`analyses[0].args[0].valueFrom.fieldRef.fieldPath:"
                        + " Invalid value: \"metadata.managedFields\": Analyses arguments must refer to"
                        + " valid object metadata supported by downwardAPI`",
            })
    void namesTheFieldAndWhatIsWrongWithIt(String experiment, String error) throws IOException {
        assertThat(ExperimentStepRules.firstError(canary(PLUGIN, experiment), 1))
                .contains("spec.strategy.steps[1].experiment." + error);
    }

    @Test
    void anArgumentOfAStepAnalysisIsCheckedToo() throws IOException {
        JsonNode canary =
                new ObjectMapper()
                        .readTree(
                                """
                                {"steps":[{"analysis":{"args":[
                                 {"name":"ok","valueFrom":{"fieldRef":{"fieldPath":"metadata.labels['app']"}}},
                                 {"name":"q","valueFrom":{"fieldRef":{"fieldPath":"metadata.labels[app]"}}}]}}]}\
                                """);
        assertThat(ExperimentStepRules.firstError(canary, 0))
                .contains(
                        "spec.strategy.steps[0].analysis.args[1].valueFrom.fieldRef.fieldPath:"
                                + " Invalid value: \"metadata.labels[app]\": Analyses arguments must"
                                + " refer to valid object metadata supported by downwardAPI");
    }
}
