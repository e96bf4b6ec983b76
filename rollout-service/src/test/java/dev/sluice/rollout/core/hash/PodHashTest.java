package dev.sluice.rollout.core.hash;

import static dev.sluice.rollout.core.Trees.json;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PodHashTest {
    private static final String SMALL =
            """
            {"metadata":{"labels":{"app":"guestbook"}},
             "spec":{"containers":[{"name":"guestbook","image":"example.com/guestbook:1.0"}]}}\
            """;
    private static final String LARGE =
            """
            {"metadata":{"labels":{"tier":"web","app":"shop"},"annotations":{"note":"a<b & c>d é"}},
             "spec":{"serviceAccountName":"shop","terminationGracePeriodSeconds":15,"unknownField":{"x":1},
              "volumes":[{"name":"cfg","configMap":{"name":"shop-cfg","items":[{"key":"a","path":"a"}]}},
                         {"name":"tmp","emptyDir":{"sizeLimit":"1024Mi"}}],
              "initContainers":[{"name":"init","image":"busybox","command":["sh","-c","true"]}],
              "containers":[{"name":"shop","image":"example.com/shop:2",
                "ports":[{"containerPort":8080,"name":"http"}],
                "env":[{"name":"B","value":"2"},{"name":"A","valueFrom":{"secretKeyRef":{"name":"s","key":"k"}}}],
                "resources":{"requests":{"memory":"0.5Gi","cpu":"0.25"},"limits":{"cpu":"1000m"}},
                "readinessProbe":{"periodSeconds":5,"httpGet":{"port":"http","path":"/ready"}}}],
              "nodeSelector":{"disk":"ssd"}}}\
            """;

    @Test
    void hashesTheSmallTemplateAsTheOriginalDoes() {
        JsonNode template = json(SMALL);
        assertThat(PodHash.of(template, Optional.empty())).isEqualTo("7955d9d556");
        assertThat(PodHash.of(template, Optional.of(0))).isEqualTo("66d7b6f948");
        assertThat(PodHash.of(template, Optional.of(1))).isEqualTo("7d946f5f7c");
    }

    @Test
    void hashesFieldsInDeclaredOrderWithCanonicalQuantities() {
        JsonNode template = json(LARGE);
        assertThat(PodHash.of(template, Optional.empty())).isEqualTo("8777b4b88");
        assertThat(PodHash.of(template, Optional.of(0))).isEqualTo("7b9c67567b");
        assertThat(PodHash.of(template, Optional.of(1))).isEqualTo("f6df6b7c7");
    }

    @Test
    void hashesStepsAsTheOriginalDoes() {
        assertThat(PodHash.ofSteps(json("null"))).isEqualTo("5ffbfbbd64");
        assertThat(PodHash.ofSteps(json("[{\"setWeight\":50},{\"pause\":{\"duration\":\"3s\"}}]")))
                .isEqualTo("77fbc56786");
        assertThat(PodHash.ofSteps(json("[{\"pause\":{\"duration\":30}}]")))
                .isEqualTo("7786f684db");
    }

    @ParameterizedTest
    @CsvSource({
        "0.25, 250m",
        "1000m, 1",
        "1024Mi, 1Gi",
        "0.5Gi, 512Mi",
        "0.001, 1m",
        "1000, 1k",
        "0, 0",
        "1.5Gi, 1536Mi",
        "100Mi, 100Mi",
        "512Ki, 512Ki",
        "1e3, 1e3",
        "1500m, 1500m",
        "12, 12",
        "bad, bad"
    })
    void writesQuantitiesCanonically(String given, String expected) {
        assertThat(Quantities.canonical(given)).isEqualTo(expected);
    }

    @Test
    void recognisesATemplateThatTheApiServerHasDefaulted() {
        JsonNode defaulted =
                json(
                        """
                        {"metadata":{"creationTimestamp":null,"labels":{"app":"guestbook","rollouts-pod-template-hash":"x"}},
                         "spec":{"restartPolicy":"Always","dnsPolicy":"ClusterFirst","schedulerName":"default-scheduler",
                          "terminationGracePeriodSeconds":30,"securityContext":{},
                          "containers":[{"name":"guestbook","image":"example.com/guestbook:1.0","resources":{},
                           "imagePullPolicy":"IfNotPresent","terminationMessagePath":"/dev/termination-log",
                           "terminationMessagePolicy":"File"}]}}\
                        """);
        assertThat(Templates.same(defaulted, json(SMALL))).isTrue();
        assertThat(Templates.same(defaulted, json(SMALL.replace(":1.0", ":1.1")))).isFalse();
    }

    @Test
    void writesAnExperimentStepInTheOrderOfItsDeclaration() {
        JsonNode steps =
                json(
                        """
                        [{"experiment":{"scaleDownDelaySeconds":5,"dryRun":[{"metricName":"m"}],"duration":"1m",
                          "analyses":[{"templateName":"t","requiredForCompletion":true,"name":"a","args":[{"value":"1","name":"x"}]}],
                          "templates":[{"weight":5,"specRef":"stable","name":"b"},
                           {"service":{"name":"s"},"selector":{"matchExpressions":[{"values":["v"],"operator":"In","key":"k"}],"matchLabels":{"z":"1","a":"2"}},
                            "metadata":{"annotations":{"n":"1"},"labels":{"l":"2"}},"replicas":0,"specRef":"canary","name":"c"}]}}]\
                        """);
        assertThat(PodHash.text(steps))
                .isEqualTo(
                        """
                        [{"experiment":{"templates":[\
                        {"name":"b","specRef":"stable","metadata":{},"weight":5},\
                        {"name":"c","specRef":"canary","replicas":0,\
                        "metadata":{"labels":{"l":"2"},"annotations":{"n":"1"}},\
                        "selector":{"matchLabels":{"a":"2","z":"1"},\
                        "matchExpressions":[{"key":"k","operator":"In","values":["v"]}]},\
                        "service":{"name":"s"}}],"duration":"1m",\
                        "analyses":[{"name":"a","templateName":"t","args":[{"name":"x","value":"1"}],\
                        "requiredForCompletion":true}],"dryRun":[{"metricName":"m"}],\
                        "analysisRunMetadata":{},"scaleDownDelaySeconds":5}}]\
                        """);
    }
}
