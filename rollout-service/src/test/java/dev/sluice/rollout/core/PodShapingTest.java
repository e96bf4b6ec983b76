package dev.sluice.rollout.core;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sluice.rollout.core.Observation.PodView;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/// Anti-affinity and ephemeral metadata: what we put into pods besides the user's template, and
/// that a revision is the same with and without it (S5).
class PodShapingTest {
    private static final String PREFERRED =
            """
            {"replicas":2,"strategy":{"canary":{"steps":[{"setWeight":50},{"pause":{}}],
              "antiAffinity":{"preferredDuringSchedulingIgnoredDuringExecution":{"weight":7}}}}}\
            """;
    private static final String REQUIRED =
            """
            {"replicas":2,"strategy":{"canary":{"steps":[{"setWeight":50},{"pause":{}}],
              "antiAffinity":{"requiredDuringSchedulingIgnoredDuringExecution":{}}}}}\
            """;
    private static final String METADATA =
            """
            {"replicas":2,"strategy":{"canary":{"steps":[{"setWeight":50},{"pause":{}}],
              "canaryMetadata":{"labels":{"role":"canary","app":"hijacked"},"annotations":{"note":"new"}},
              "stableMetadata":{"labels":{"role":"stable"}}}}}\
            """;

    @Test
    void theFirstRevisionHasNobodyToStayAwayFrom() {
        World world = new World(PREFERRED);
        world.settle();
        assertThat(template(world, stable(world)).at("/spec/affinity").isMissingNode()).isTrue();
    }

    @Test
    void podsOfTheNewRevisionStayAwayFromTheStableOne() {
        // Given
        World world = new World(PREFERRED);
        world.settle();
        String stable = stable(world);

        // When
        world.image("demo:2");
        world.settle();

        // Then
        JsonNode term =
                template(world, world.status().currentPodHash())
                        .at(
                                "/spec/affinity/podAntiAffinity/preferredDuringSchedulingIgnoredDuringExecution/0");
        assertThat(term)
                .isEqualTo(
                        Trees.json(
                                """
                                {"weight":7,"podAffinityTerm":{"labelSelector":{"matchExpressions":[
                                  {"key":"rollouts-pod-template-hash","operator":"In","values":["%s"]}]},
                                  "namespaces":["ns"],"topologyKey":"kubernetes.io/hostname"}}\
                                """
                                        .formatted(stable)));
        assertThat(world.sets).hasSize(2);
    }

    @Test
    void theTermIsAppendedToTheUsersOwnAffinity() {
        // Given
        World world = new World(REQUIRED);
        ObjectNode own =
                ((ObjectNode) world.rollout.at("/spec/template/spec"))
                        .putObject("affinity")
                        .putObject("podAntiAffinity");
        own.putArray("requiredDuringSchedulingIgnoredDuringExecution")
                .addObject()
                .put("topologyKey", "zone");
        world.settle();

        // When
        world.image("demo:2");
        world.settle();

        // Then
        JsonNode terms =
                template(world, world.status().currentPodHash())
                        .at(
                                "/spec/affinity/podAntiAffinity/requiredDuringSchedulingIgnoredDuringExecution");
        assertThat(terms).hasSize(2);
        assertThat(terms.get(0).path("topologyKey").asText()).isEqualTo("zone");
        assertThat(world.sets).hasSize(2);
    }

    @Test
    void theTermStaysAfterPromotionAndIsRefreshedWhenTheRevisionIsReleasedAgain() {
        // Given
        World world = new World(REQUIRED);
        world.settle();
        String first = stable(world);
        world.image("demo:2");
        release(world);
        String second = stable(world);
        assertThat(named(world, second)).isEqualTo(first);
        world.image("demo:3");
        release(world);
        String third = stable(world);

        // When
        world.image("demo:2");
        world.settle();

        // Then
        assertThat(world.status().currentPodHash()).isEqualTo(second);
        assertThat(named(world, second)).isEqualTo(third);
        assertThat(world.sets).hasSize(3);
    }

    /// `undo` writes the template of a ReplicaSet back, with the term and defaults in it.
    @Test
    void aTemplateWithoutTheTermIsStillTheSameRevision() {
        // Given
        World world = new World(REQUIRED);
        world.settle();
        world.image("demo:2");
        release(world);
        String second = stable(world);

        // When
        ((ObjectNode) world.rollout.at("/spec/template/spec")).put("dnsPolicy", "ClusterFirst");
        world.bump();
        world.settle();

        // Then
        assertThat(world.status().currentPodHash()).isEqualTo(second);
        assertThat(world.sets).hasSize(2);
    }

    private static void release(World world) {
        world.settle();
        world.status("{\"promoteFull\":true}");
        world.settle();
        world.later(60);
        world.settle();
    }

    private static String named(World world, String hash) {
        return template(world, hash)
                .at(
                        "/spec/affinity/podAntiAffinity/requiredDuringSchedulingIgnoredDuringExecution/0/labelSelector/matchExpressions/0/values/0")
                .asText();
    }

    private static String stable(World world) {
        return world.status().stableRS();
    }

    private static JsonNode template(World world, String hash) {
        return world.pods(hash).json.at("/spec/template");
    }

    @Test
    void eachRoleHasItsMetadataFromTheStart() {
        // Given
        World world = new World(METADATA);
        world.settle();
        String first = stable(world);
        assertThat(label(world, first)).isEqualTo("stable");

        // When
        world.image("demo:2");
        world.settle();

        // Then
        String second = world.status().currentPodHash();
        assertThat(label(world, second)).isEqualTo("canary");
        assertThat(template(world, second).at("/metadata/annotations/note").asText())
                .isEqualTo("new");
        assertThat(label(world, first)).isEqualTo("stable");
        assertThat(world.relabeled).isEmpty();
    }

    @Test
    void labelsThatSelectThePodsAreLeftAlone() {
        World world = new World(METADATA);
        world.settle();
        world.image("demo:2");
        world.settle();
        assertThat(
                        template(world, world.status().currentPodHash())
                                .at("/metadata/labels/app")
                                .asText())
                .isEqualTo("demo");
    }

    @Test
    void withTheRoleTheMetadataChangesFirstOnTheReplicaSetThenOnEachPod() {
        // Given
        World world = new World(METADATA);
        world.settle();
        String first = stable(world);
        world.image("demo:2");
        world.settle();
        String second = world.status().currentPodHash();
        world.pods.add(pod(second, Map.of("role", "canary"), Map.of("note", "new")));

        // When
        world.status("{\"promoteFull\":true}");
        for (int i = 0; i < 40; i++) {
            world.step();
            world.podsUp();
        }

        // Then
        assertThat(label(world, second)).isEqualTo("stable");
        assertThat(template(world, second).at("/metadata/annotations/note").isMissingNode())
                .isTrue();
        assertThat(label(world, first)).isEmpty();
        assertThat(world.relabeled)
                .first()
                .satisfies(
                        r -> {
                            assertThat(r.pods())
                                    .containsExactly(new Command.PodName("pod-" + second, "p"));
                            assertThat(r.metadata())
                                    .isEqualTo(
                                            Trees.json(
                                                    """
                                                    {"labels":{"role":"stable"},"annotations":{"note":null}}\
                                                    """));
                        });
        assertThat(world.pods(second).strings("annotations")).containsKey(Names.POD_METADATA);

        // When
        world.pods.clear();
        world.pods.add(pod(second, Map.of("role", "stable"), Map.of()));
        world.settle();

        // Then
        assertThat(world.pods(second).strings("annotations")).doesNotContainKey(Names.POD_METADATA);
        assertThat(world.sets).hasSize(2);
        assertThat(world.status().phase()).isEqualTo("Healthy");
    }

    private static PodView pod(
            String hash, Map<String, String> labels, Map<String, String> annotations) {
        return new PodView(
                "pod-" + hash,
                "p",
                "uid-" + hash,
                java.time.Instant.EPOCH,
                true,
                false,
                labels,
                annotations);
    }

    @Test
    void theRevisionIsTheSameWhateverWasInjected() {
        // Given
        World world = new World(METADATA);
        world.settle();
        String first = stable(world);

        // When
        world.spec(
                """
                {"strategy":{"canary":{"stableMetadata":{"labels":{"role":"other","team":"a"}}}}}\
                """);
        world.settle();

        // Then
        assertThat(world.sets).hasSize(1);
        assertThat(stable(world)).isEqualTo(first);
        assertThat(label(world, first)).isEqualTo("other");
        assertThat(world.pods(first).strings("annotations").get(Names.EPHEMERAL_METADATA))
                .isEqualTo("{\"labels\":{\"role\":\"other\",\"team\":\"a\"}}");
    }

    @Test
    void aValueOfTheTemplateThatIsHiddenByTheMetadataIsNoOtherRevision() {
        // Given
        World world = new World(METADATA);
        ((ObjectNode) world.rollout.at("/spec/template/metadata/labels")).put("role", "own");

        // When
        world.settle();
        world.settle();

        // Then
        assertThat(world.sets).hasSize(1);
        assertThat(Optional.of(label(world, stable(world)))).contains("stable");
    }

    private static String label(World world, String hash) {
        return template(world, hash).at("/metadata/labels/role").asText("");
    }
}
