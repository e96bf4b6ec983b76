package dev.sluice.rollout.app;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.rollout.core.RolloutStatus;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// How often the API server is written to for one release. The count is a budget: each write has
/// to tell something that no other write can tell.
class WriteBudgetTest {
    private static final String ROLLOUT =
            """
            {'apiVersion':'argoproj.io/v1alpha1','kind':'Rollout',
             'metadata':{'namespace':'shop','name':'web'},
             'spec':{'replicas':2,'selector':{'matchLabels':{'app':'web'}},
              'template':{'metadata':{'labels':{'app':'web'}},
               'spec':{'containers':[{'name':'web','image':'example.com/web:1'}]}},
              'strategy':{'canary':{'steps':[
               {'setWeight':20},{'pause':{'duration':2}},{'setWeight':40},{'pause':{'duration':2}},
               {'setWeight':60},{'pause':{'duration':2}},{'setWeight':80},{'pause':{'duration':2}}]}}}}
            """;
    private static final String NEW_IMAGE =
            """
            {'spec':{'template':{'spec':{'containers':[{'name':'web','image':'example.com/web:2'}]}}}}
            """;
    private static final int BUDGET = 20;

    private final InMemoryCluster cluster = new InMemoryCluster(ROLLOUT);
    private final List<String> notices = new ArrayList<>();
    private Instant now = Instant.parse("2026-01-01T00:00:00Z");

    /// Pods that are there at once, and pods that are first created and then available.
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void aReleaseOfFourTimedStepsStaysWithinItsBudgetOfWrites(boolean slow) {
        // Given
        if (slow) {
            cluster.slowPods();
        }

        // When
        settle();
        cluster.edit(NEW_IMAGE);
        settle();

        // Then
        assertThat(cluster.status().path("phase").asText()).isEqualTo("Healthy");
        assertThat(cluster.log()).hasSizeLessThanOrEqualTo(BUDGET);
    }

    @Test
    void tellsEveryStepAndPauseInItsOrder() {
        // Given
        settle();
        notices.clear();

        // When
        cluster.edit(NEW_IMAGE);
        settle();

        // Then
        assertThat(notices)
                .containsExactly(
                        "RolloutUpdated",
                        "NewReplicaSetCreated",
                        "RolloutNotCompleted",
                        "ScalingReplicaSet",
                        "RolloutStepCompleted",
                        "RolloutPaused",
                        "RolloutStepCompleted",
                        "RolloutResumed",
                        "RolloutStepCompleted",
                        "RolloutPaused",
                        "RolloutStepCompleted",
                        "RolloutResumed",
                        "ScalingReplicaSet",
                        "ScalingReplicaSet",
                        "RolloutStepCompleted",
                        "RolloutPaused",
                        "RolloutStepCompleted",
                        "RolloutResumed",
                        "RolloutStepCompleted",
                        "RolloutPaused",
                        "RolloutStepCompleted",
                        "RolloutResumed",
                        "ScalingReplicaSet",
                        "RolloutCompleted");
    }

    @Test
    void countsOfPodsReachTheStatusAfterAWhileThoughNothingElseHappens() {
        // Given
        cluster.slowPods();
        look();
        cluster.podsMove();

        // When
        now = now.plusSeconds(3);
        look();

        // Then
        RolloutStatus status = cluster.look().stored();
        assertThat(status.phase()).isEqualTo("Progressing");
        assertThat(status.replicas()).isEqualTo(2);
        assertThat(status.availableReplicas()).isZero();
    }

    /// Looks whenever something changed, and every tenth of a second, for longer than any pause.
    private void settle() {
        for (int quiet = 0; quiet < 40; ) {
            now = now.plusMillis(100);
            boolean moved = look() || cluster.podsMove();
            quiet = moved ? 0 : quiet + 1;
        }
    }

    private boolean look() {
        RolloutReconciler reconciler =
                new RolloutReconciler(
                        cluster,
                        new RolloutReconcilerTest.NoFacts(),
                        (_, notice) -> notices.add(notice.reason()),
                        new RolloutReconcilerTest.NoGauges(),
                        new Origins(),
                        () -> now);
        return reconciler.reconcile(cluster.look()) instanceof Outcome.Done(var wrote, _) && wrote;
    }
}
