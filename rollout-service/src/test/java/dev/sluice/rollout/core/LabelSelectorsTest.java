package dev.sluice.rollout.core;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class LabelSelectorsTest {
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{'matchLabels':{'app':'a'}}                                                      |"
                        + " true",
                "{'matchLabels':{'app':'b'}}                                                      |"
                        + " false",
                "{'matchLabels':{'app':'a','zone':'x'}}                                           |"
                        + " false",
                "{'matchExpressions':[{'key':'app','operator':'In','values':['b','a']}]}          |"
                        + " true",
                "{'matchExpressions':[{'key':'zone','operator':'In','values':['']}]}              |"
                        + " false",
                "{'matchExpressions':[{'key':'app','operator':'NotIn','values':['a']}]}           |"
                        + " false",
                "{'matchExpressions':[{'key':'zone','operator':'NotIn','values':['a']}]}          |"
                        + " true",
                "{'matchExpressions':[{'key':'app','operator':'Exists'}]}                         |"
                        + " true",
                "{'matchExpressions':[{'key':'app','operator':'DoesNotExist'}]}                   |"
                        + " false",
                "{'matchLabels':{'app':'a'},'matchExpressions':[{'key':'z','operator':'Exists'}]} |"
                        + " false",
                "{}                                                                               |"
                        + " false",
            })
    void matchesAsKubernetesDoes(String selector, boolean expected) {
        assertThat(
                        LabelSelectors.matches(
                                Trees.json(selector.replace('\'', '"')), Map.of("app", "a")))
                .isEqualTo(expected);
    }
}
