package dev.sluice.rollout.core.hash;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class LenientTest {
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                ",'resources':{'requests':{'memory':'invalid','cpu':'1'}} |"
                        + " ,'resources':{'requests':{'cpu':'1'}}",
                ",'resources':{'limits':{'cpu':{'x':1}}}                  |"
                        + " ,'resources':{'limits':{}}",
                ",'resources':{'limits':'many','requests':{'cpu':1}}      |"
                        + " ,'resources':{'requests':{'cpu':1}}",
                ",'resources':'none'                                      | ''",
                ",'env':[{'name':'a'},'b']                                | ''",
                ",'stdin':{'no':1}                                        | ''",
            })
    void aValueThatNoTypeCanTakeCountsAsAbsent(String given, String expected) {
        assertThat(Lenient.template(json(given, ""))).isEqualTo(json(expected, ""));
    }

    @Test
    void soDoValuesOutsideTheContainers() {
        assertThat(
                        Lenient.template(
                                json(
                                        "",
                                        ",'overhead':{'cpu':'x','memory':'1Gi'},"
                                                + "'volumes':[{'name':'v','emptyDir':{'sizeLimit':'big'}}]")))
                .isEqualTo(
                        json(
                                "",
                                ",'overhead':{'memory':'1Gi'},'volumes':[{'name':'v','emptyDir':{}}]"));
    }

    @Test
    void whatCanBeReadIsLeftAsItIsUnknownFieldsToo() {
        JsonNode template = json(",'resources':{'limits':{'cpu':'0.5'}},'future':{'a':[1]}", "");
        assertThat(Lenient.template(template)).isSameAs(template);
    }

    private static JsonNode json(String container, String pod) {
        try {
            return new ObjectMapper()
                    .readTree(
                            "{'metadata':{'labels':{'app':'a'}},'spec':{'containers':[{'name':'c','image':'i'%s}]%s}}"
                                    .formatted(container, pod)
                                    .replace('\'', '"'));
        } catch (java.io.IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }
}
