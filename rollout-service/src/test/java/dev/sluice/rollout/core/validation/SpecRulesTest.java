package dev.sluice.rollout.core.validation;

import static dev.sluice.rollout.core.Trees.json;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
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
                "{'restartPolicy':'Never'} | .restartPolicy: Unsupported value: \"Never\":"
                        + " supported values: \"Always\"",
                "{'containers':[]} | .containers: Required value: ''",
                "{'containers':[{'image':'i'}]} | .containers[0].name: Required value: ''",
                "{'containers':[{'name':'c'}]} | .containers[0].image: Required value: ''",
                "{'containers':[{'name':'c','image':'i'},{'name':'c','image':'i'}]} |"
                        + " .containers[1].name: Duplicate value: \"c\"",
                "{'containers':[{'name':'c','image':'i','ports':[{'containerPort':0}]}]} |"
                        + " .containers[0].ports[0].containerPort: Invalid value: 0: must be between 1"
                        + " and 65535, inclusive",
                "{'containers':[{'name':'c','image':'i','volumeMounts':[{'name':'v','mountPath':'/'}]}]}"
                        + " | .containers[0].volumeMounts[0].name: Not found: \"v\"",
                "{'containers':[{'name':'c','image':'i','volumeMounts':[{'name':'v'}]}],'volumes':[{'name':'v'}]}"
                        + " | .containers[0].volumeMounts[0].mountPath: Required value: ''",
                "{'containers':[{'name':'c','image':'i'}],'volumes':[{}]} | .volumes[0].name:"
                        + " Required value: ''",
                "{'containers':[{'name':'c','image':'i'}],'initContainers':[{'name':'i'}]} |"
                        + " .initContainers[0].image: Required value: ''",
            })
    void checksThePodTemplateAsTheApiServerWould(String pod, String error) {
        ObjectNode spec = spec("{}");
        ObjectNode template = (ObjectNode) spec.at("/template/spec");
        template.setAll((ObjectNode) json(pod.replace('\'', '"')));
        assertThat(SpecRules.firstError(spec))
                .contains("spec.template.spec" + error.replace("''", ""));
    }

    @ParameterizedTest
    @CsvSource({"C_1", "'-c'", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"})
    void aContainersNameIsADnsLabel(String name) {
        ObjectNode spec = spec("{}");
        ((ObjectNode) spec.at("/template/spec/containers/0")).put("name", name);
        assertThat(SpecRules.firstError(spec).orElse(""))
                .startsWith("spec.template.spec.containers[0].name: Invalid value: ")
                .contains("a lowercase RFC 1123 label must consist of");
    }

    /// Only the first error counts, in a fixed order.
    @Test
    void tellsThemInOrder() {
        ObjectNode spec =
                spec(
                        """
                        {"replicas":-1,"minReadySeconds":-1,"progressDeadlineSeconds":-1,
                         "strategy":{"canary":{},"blueGreen":{}}}\
                        """);
        assertThat(SpecRules.firstError(spec).orElse("")).startsWith("spec.replicas:");
        spec.remove("replicas");
        assertThat(SpecRules.firstError(spec).orElse("")).startsWith("spec.minReadySeconds:");
        spec.remove("minReadySeconds");
        assertThat(SpecRules.firstError(spec).orElse(""))
                .startsWith("spec.progressDeadlineSeconds:");
        spec.remove("progressDeadlineSeconds");
        assertThat(SpecRules.firstError(spec).orElse("")).startsWith("spec.strategy:");
    }

    /// What a workload brings along is checked like a template of one's own.
    @Test
    void theTemplateOfAWorkloadIsChecked() {
        ObjectNode given = spec("{\"workloadRef\":{\"name\":\"x\"}}");
        given.remove("template");
        ObjectNode resolved = given.deepCopy();
        resolved.set("template", json("{\"metadata\":{\"labels\":{\"app\":\"demo\"}}}"));
        assertThat(SpecRules.firstError(given, resolved))
                .contains("spec.template.spec.containers: Required value: ");
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
}
