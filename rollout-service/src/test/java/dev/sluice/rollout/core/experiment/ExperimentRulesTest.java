package dev.sluice.rollout.core.experiment;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.rollout.core.RolloutStatus.Condition;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ExperimentRulesTest {
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "{'templates':[{'name':'a'}]}|Rollout has missing field"
                        + " '.Spec.Templates[0].Selector'",
                "{'templates':[{'name':'a','selector':{}}]}|This experiment is selecting all pods"
                        + " at index 0. A non-empty selector is required.",
                "{'progressDeadlineSeconds':5,'templates':[{'name':'a','minReadySeconds':6,'selector':{'matchLabels':{'a':'b'}}}]}|MinReadySeconds"
                        + " cannot be longer than ProgressDeadlineSeconds. Check template index 0",
                "{'templates':[{'selector':{'matchLabels':{'a':'b'}}}]}|Experiment exp has empty"
                        + " template name at index 0",
                "{'templates':[{'name':'a','selector':{'matchLabels':{'a':'b'}}},{'name':'a','selector':{'matchLabels':{'a':'b'}}}]}|Experiment"
                        + " exp has repeated template name 'a' in templates",
                "{'templates':[]}|Experiment exp has no templates",
                "{'duration':'soon','templates':[{'name':'a','selector':{'matchLabels':{'a':'b'}}}]}|Experiment"
                        + " exp has a duration that is none: \"soon\"",
            })
    void saysTheFirstProblemAndDoesNothingElse(String spec, String message) {
        Lab lab = new Lab(spec.replace('\'', '"'));
        lab.step();
        assertThat(lab.status().conditions())
                .singleElement()
                .extracting(Condition::type, Condition::status, Condition::reason)
                .containsExactly("InvalidSpec", "True", "InvalidSpec");
        assertThat(lab.status().conditions().getFirst().message()).isEqualTo(message);
        assertThat(lab.status().phase()).isEmpty();
        assertThat(lab.sets).isEmpty();
        assertThat(lab.events).isEmpty();
        assertThat(lab.step()).isFalse();
    }

    @Test
    void forgetsTheProblemOnceItIsCorrected() {
        Lab lab = new Lab("{\"templates\":[" + Lab.template("", "") + "]}");
        lab.step();
        lab.spec("{\"templates\":[" + Lab.template("a", "") + "]}");
        lab.settle();
        assertThat(lab.status().conditions())
                .extracting(Condition::type)
                .containsExactly("Progressing");
        assertThat(lab.status().phase()).isEqualTo("Running");
    }
}
