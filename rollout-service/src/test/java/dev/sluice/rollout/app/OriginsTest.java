package dev.sluice.rollout.app;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.rollout.app.Origins.Origin;
import dev.sluice.rollout.app.RolloutReconcilerTest.NoFacts;
import dev.sluice.rollout.app.RolloutReconcilerTest.NoGauges;
import java.time.Instant;
import org.junit.jupiter.api.Test;

class OriginsTest {
    private static final String ROLLOUT =
            """
            {'apiVersion':'argoproj.io/v1alpha1','kind':'Rollout',
             'metadata':{'namespace':'shop','name':'web'},
             'spec':{'replicas':1,'selector':{'matchLabels':{'app':'web'}},
              'template':{'metadata':{'labels':{'app':'web'}},
               'spec':{'containers':[{'name':'web','image':'example.com/web:1'}]}},
              'strategy':{'canary':{}}}}
            """;

    private final InMemoryCluster cluster = new InMemoryCluster(ROLLOUT);
    private final Origins origins = new Origins();

    @Test
    void aReleaseComesFromTheFirstSyncThatLeftItsGeneration() {
        // Given: the second sync was about something else in the same Application
        origins.remember("uid-1", origin(1, "first"));
        origins.remember("uid-1", origin(1, "second"));

        // When
        settle();

        // Then
        assertThat(commit()).isEqualTo("first");
    }

    @Test
    void aNewerGenerationHasItsOwnOrigin() {
        // Given
        origins.remember("uid-1", origin(1, "first"));
        settle();
        cluster.edit(
                "{'spec':{'template':{'spec':{'containers':[{'name':'web','image':'example.com/web:2'}]}}}}");
        origins.remember("uid-1", origin(2, "third"));

        // When
        settle();

        // Then
        assertThat(commit()).isEqualTo("third");
    }

    private static Origin origin(long generation, String commit) {
        return new Origin(generation, "https://git.example/r.git", commit, "shop/app", "jane");
    }

    private String commit() {
        return cluster.status().at("/release/commit").asText();
    }

    private void settle() {
        Instant now = Instant.parse("2026-01-01T00:00:00Z");
        for (int quiet = 0; quiet < 3; ) {
            now = now.plusSeconds(1);
            Instant at = now;
            Outcome outcome =
                    new RolloutReconciler(
                                    cluster,
                                    new NoFacts(),
                                    (_, _) -> {},
                                    new NoGauges(),
                                    origins,
                                    () -> at)
                            .reconcile(cluster.look());
            quiet = outcome instanceof Outcome.Done(var wrote, _) && !wrote ? quiet + 1 : 0;
        }
    }
}
