package dev.sluice.sync.core;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class ComparerTest {
    private static final Comparer.Reading NOTHING_IGNORED =
            new Comparer.Reading() {
                @Override
                public void removeIgnored(ObjectKey key, ObjectNode object) {}

                @Override
                public Optional<ObjectNode> lastApplied(KubeObject live) {
                    return Optional.empty();
                }
            };

    private static KubeObject tracked(String instance, KubeObject object) {
        KubeObject copy = object.copy();
        Tracking.stamp(instance, copy);
        return copy;
    }

    private static Comparer.Comparison compare(List<KubeObject> targets, KubeObject... live) {
        Map<ObjectKey, KubeObject> found = new java.util.LinkedHashMap<>();
        for (KubeObject object : live) {
            found.put(object.key(), object);
        }
        return Comparer.compare(
                "app",
                targets.stream().map(t -> tracked("app", t)).toList(),
                found,
                NOTHING_IGNORED);
    }

    private static final KubeObject MAP = Json.object("v1", "ConfigMap", "a", "'data':{'k':'v'}");

    @Test
    void equalIsSyncedAndMissingIsOutOfSync() {
        assertThat(compare(List.of(MAP), tracked("app", MAP)).status()).isEqualTo(SyncCode.Synced);
        assertThat(compare(List.of(MAP)).status()).isEqualTo(SyncCode.OutOfSync);
        assertThat(compare(List.of()).status()).isEqualTo(SyncCode.Synced);
    }

    @Test
    void onlyWhatCarriesOurOwnTrackingIdNeedsPruning() {
        KubeObject ours = tracked("app", MAP);
        KubeObject theirs = tracked("other", Json.object("v1", "ConfigMap", "b", ""));
        KubeObject copied = Json.object("v1", "ConfigMap", "c", "");
        copied.setAnnotation(Tracking.ANNOTATION, Tracking.id("app", MAP.key()));
        Comparer.Comparison comparison = compare(List.of(), ours, theirs, copied);
        assertThat(comparison.resources()).extracting(r -> r.key().name()).containsExactly("a");
        assertThat(comparison.everythingNeedsPruning()).isTrue();
        assertThat(comparison.onlyPruneNeeded()).isTrue();
    }

    @Test
    void weightsThatTheRouterOwnsAreNoDrift() {
        String route =
                "'spec':{'rules':[{'backendRefs':[{'name':'stable','weight':%d},{'name':'canary','weight':%d}]}]}";
        KubeObject target =
                Json.object(
                        "gateway.networking.k8s.io/v1", "HTTPRoute", "r", route.formatted(100, 0));
        KubeObject live =
                tracked(
                        "app",
                        Json.object(
                                "gateway.networking.k8s.io/v1",
                                "HTTPRoute",
                                "r",
                                route.formatted(80, 20)));
        assertThat(compare(List.of(target), live).status()).isEqualTo(SyncCode.OutOfSync);
        live.setAnnotation(FieldOwnership.TRAFFIC_PLAN, "uid/3");
        assertThat(compare(List.of(target), live).status()).isEqualTo(SyncCode.Synced);
        assertThat(
                        FieldOwnership.yieldTo(target, live)
                                .json()
                                .at("/spec/rules/0/backendRefs/1/weight")
                                .asInt())
                .isEqualTo(20);
    }

    @Test
    void theRoutersSelectorHashAndReplicasThatGitDoesNotNameAreNoDrift() {
        KubeObject service = Json.object("v1", "Service", "s", "'spec':{'selector':{'app':'x'}}");
        KubeObject liveService =
                tracked(
                        "app",
                        Json.object(
                                "v1",
                                "Service",
                                "s",
                                "'spec':{'selector':{'app':'x','rollouts-pod-template-hash':'abc'}}"));
        KubeObject rollout =
                Json.object("argoproj.io/v1alpha1", "Rollout", "r", "'spec':{'minReadySeconds':1}");
        KubeObject liveRollout =
                tracked(
                        "app",
                        Json.object(
                                "argoproj.io/v1alpha1",
                                "Rollout",
                                "r",
                                "'spec':{'minReadySeconds':1,'replicas':7,'paused':true}"));
        assertThat(compare(List.of(service, rollout), liveService, liveRollout).status())
                .isEqualTo(SyncCode.Synced);
        assertThat(
                        FieldOwnership.yieldTo(service, liveService)
                                .json()
                                .at("/spec/selector/rollouts-pod-template-hash")
                                .asText())
                .isEqualTo("abc");
    }

    @Test
    void stringDataOfASecretIsComparedAsData() {
        KubeObject target = Json.object("v1", "Secret", "s", "'stringData':{'k':'v'}");
        KubeObject live = tracked("app", Json.object("v1", "Secret", "s", "'data':{'k':'dg=='}"));
        assertThat(compare(List.of(target), live).status()).isEqualTo(SyncCode.Synced);
    }

    @Test
    void sharedAndRepeatedObjectsAreWarnedAbout() {
        Comparer.Comparison comparison = compare(List.of(MAP, MAP), tracked("other", MAP));
        assertThat(comparison.conditions())
                .extracting(Condition::type)
                .containsExactly(
                        Condition.Type.RepeatedResourceWarning,
                        Condition.Type.SharedResourceWarning);
    }
}
