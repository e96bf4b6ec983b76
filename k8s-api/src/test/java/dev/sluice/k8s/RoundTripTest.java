package dev.sluice.k8s;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.sluice.k8s.v1alpha1.Application;
import dev.sluice.k8s.v1alpha1.Rollout;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.client.utils.Serialization;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// An object that is read and written again is the same object.
class RoundTripTest {

    @ParameterizedTest
    @CsvSource({
        "rollout-opaque-parts.yaml, dev.sluice.k8s.v1alpha1.Rollout",
        "analysistemplate-job-and-plugin.yaml, dev.sluice.k8s.v1alpha1.AnalysisTemplate",
        "application-helm-values.yaml, dev.sluice.k8s.v1alpha1.Application",
    })
    void keepsOpaquePartsUnknownFieldsAndNumberTypes(
            String file, Class<? extends HasMetadata> model) {
        // Given
        JsonNode original = Crds.yaml("/roundtrip/" + file);

        // When
        HasMetadata read = Serialization.unmarshal(original.toString(), model);

        // Then
        assertThat(Serialization.asJson(read))
                .satisfies(json -> assertThat(tree(json)).isEqualTo(tree(original.toString())));
    }

    @Test
    void readsAnObjectWhoseTimeCannotBeParsed() {
        // Given
        var json =
                """
                {"metadata": {"name": "odd"}, "spec": {"restartAt": "yesterday"}}""";

        // When
        Rollout read = Serialization.unmarshal(json, Rollout.class);

        // Then
        assertThat(read.getSpec().getRestartAt()).isEqualTo("yesterday");
    }

    @Test
    void readsAnOperationThatWasSetToNull() {
        // Given
        var json =
                """
                {"metadata": {"name": "done"}, "operation": null, "spec": {"project": "default", "destination": {}}}""";

        // When
        Application read = Serialization.unmarshal(json, Application.class);

        // Then
        assertThat(read.getOperation()).isNull();
    }

    private static JsonNode tree(String json) {
        return Serialization.unmarshal(json, JsonNode.class);
    }
}
