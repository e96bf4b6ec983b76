package dev.sluice.sync.core;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.sync.core.Health.Status;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class HealthRulesTest {
    record Case(
            String name, String apiVersion, String kind, String rest, Optional<Status> expected) {
        @Override
        public String toString() {
            return name;
        }
    }

    private static Case of(
            String name, String apiVersion, String kind, String rest, Status expected) {
        return new Case(name, apiVersion, kind, rest, Optional.of(expected));
    }

    static Stream<Case> cases() {
        String rollout = "argoproj.io/v1alpha1";
        return Stream.of(
                new Case("no rule", "v1", "ConfigMap", "", Optional.empty()),
                of(
                        "deployment done",
                        "apps/v1",
                        "Deployment",
                        "'spec':{'replicas':2},'status':{'replicas':2,'updatedReplicas':2,'availableReplicas':2}",
                        Status.Healthy),
                of(
                        "deployment rolling",
                        "apps/v1",
                        "Deployment",
                        "'spec':{'replicas':2},'status':{'replicas':2,'updatedReplicas':1}",
                        Status.Progressing),
                of(
                        "deployment paused",
                        "apps/v1",
                        "Deployment",
                        "'spec':{'paused':true}",
                        Status.Suspended),
                of(
                        "deployment late",
                        "apps/v1",
                        "Deployment",
                        "'status':{'conditions':[{'type':'Progressing','reason':'ProgressDeadlineExceeded'}]}",
                        Status.Degraded),
                of(
                        "rollout paused",
                        rollout,
                        "Rollout",
                        "'status':{'observedGeneration':'0','phase':'Paused'}",
                        Status.Suspended),
                of(
                        "rollout degraded",
                        rollout,
                        "Rollout",
                        "'status':{'observedGeneration':'0','phase':'Degraded'}",
                        Status.Degraded),
                of(
                        "rollout healthy",
                        rollout,
                        "Rollout",
                        "'status':{'observedGeneration':'0','phase':'Healthy'}",
                        Status.Healthy),
                of(
                        "rollout not observed",
                        rollout,
                        "Rollout",
                        "'status':{'observedGeneration':'7','phase':'Healthy'}",
                        Status.Progressing),
                of(
                        "job resumed but not done",
                        "batch/v1",
                        "Job",
                        "'status':{'conditions':[{'type':'Suspended','status':'False'}]}",
                        Status.Progressing),
                of(
                        "job done",
                        "batch/v1",
                        "Job",
                        "'status':{'conditions':[{'type':'Complete','status':'True'}]}",
                        Status.Healthy),
                of(
                        "balancer without address",
                        "v1",
                        "Service",
                        "'spec':{'type':'LoadBalancer'}",
                        Status.Progressing),
                of(
                        "cluster service",
                        "v1",
                        "Service",
                        "'spec':{'type':'ClusterIP'}",
                        Status.Healthy),
                of(
                        "claim lost",
                        "v1",
                        "PersistentVolumeClaim",
                        "'status':{'phase':'Lost'}",
                        Status.Degraded),
                of(
                        "autoscaler failing",
                        "autoscaling/v2",
                        "HorizontalPodAutoscaler",
                        "'status':{'conditions':[{'type':'ScalingActive','reason':'FailedGetResourceMetric'}]}",
                        Status.Degraded),
                of(
                        "pod crash loop",
                        "v1",
                        "Pod",
                        "'status':{'phase':'Running','containerStatuses':[{'state':{'waiting':{'reason':'CrashLoopBackOff'}}}]}",
                        Status.Degraded));
    }

    @ParameterizedTest
    @MethodSource("cases")
    void judges(Case given) {
        assertThat(
                        HealthRules.of(
                                        Json.object(
                                                given.apiVersion(),
                                                given.kind(),
                                                "x",
                                                given.rest()))
                                .map(Health::status))
                .isEqualTo(given.expected());
    }

    @Test
    void anApplicationIsAsHealthyAsItsWorstObject() {
        KubeObject bad =
                Json.object("v1", "PersistentVolumeClaim", "data", "'status':{'phase':'Lost'}");
        KubeObject good = Json.object("v1", "Service", "svc", "");
        List<ResourceState> states =
                Stream.of(bad, good)
                        .map(
                                o ->
                                        new ResourceState(
                                                o.key(),
                                                "v1",
                                                Optional.of(o),
                                                Optional.of(o),
                                                Optional.of(SyncCode.Synced),
                                                HealthRules.of(o),
                                                List.of(),
                                                new Hooks.None()))
                        .toList();
        assertThat(
                        HealthAggregation.of(
                                states, new ObjectKey("argoproj.io", "Application", "argocd", "a")))
                .isEqualTo(new Health(Status.Degraded, "Caused by PersistentVolumeClaim:ns/data"));
    }
}
