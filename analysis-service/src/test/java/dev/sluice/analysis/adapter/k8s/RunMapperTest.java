package dev.sluice.analysis.adapter.k8s;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.sluice.analysis.core.RunStatus;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import org.junit.jupiter.api.Test;

class RunMapperTest {
    private static final String RUN =
            """
            {"apiVersion":"argoproj.io/v1alpha1","kind":"AnalysisRun",
             "metadata":{"name":"r","namespace":"n","uid":"u","resourceVersion":"5"},
             "spec":{"metrics":[{"name":"m","provider":{"web":{"url":"http://x"}}}]},
             "status":{"phase":"Running","startedAt":"2026-11-01T12:00:00Z","metricResults":[{"name":"m","phase":"Running",
               "count":1,"successful":1,"consecutiveSuccess":1,"measurements":[{"phase":"Successful","value":"1",
               "startedAt":"2026-11-01T12:00:00Z","finishedAt":"2026-11-01T12:00:01Z"}]}],
               "runSummary":{"count":1},"dryRunSummary":{}}}
            """;

    @Test
    void copiesAResourceAsItself() {
        KubernetesSerialization serialization = new KubernetesSerialization();
        AnalysisRunResource resource = serialization.unmarshal(RUN, AnalysisRunResource.class);
        AnalysisRunResource copy = serialization.clone(resource);
        assertThat(copy.getSpec()).isEqualTo(resource.getSpec());
        assertThat(copy.getMetadata().getUid()).isEqualTo("u");
    }

    @Test
    void writesNothingWhenNothingChanged() throws Exception {
        JsonNode stored = new ObjectMapper().readTree(RUN).path("status");
        RunStatus status = RunMapper.toStatus(stored);
        assertThat(RunMapper.toJson(status)).isEqualTo(stored);
        assertThat(RunMapper.statusPatch(stored, status)).isEmpty();
    }
}
