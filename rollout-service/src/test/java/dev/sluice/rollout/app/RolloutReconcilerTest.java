package dev.sluice.rollout.app;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sluice.events.Event;
import dev.sluice.events.RolloutEvent;
import dev.sluice.rollout.core.Command;
import dev.sluice.rollout.core.Notice;
import dev.sluice.rollout.core.RolloutMeta;
import dev.sluice.rollout.core.RolloutStatus;
import dev.sluice.runtime.Outbox;
import dev.sluice.runtime.WriteResult;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RolloutReconcilerTest {
    private static final String ROLLOUT =
            """
            {'apiVersion':'argoproj.io/v1alpha1','kind':'Rollout',
             'metadata':{'namespace':'shop','name':'web'},
             'spec':{'replicas':4,'selector':{'matchLabels':{'app':'web'}},
              'template':{'metadata':{'labels':{'app':'web'}},
               'spec':{'containers':[{'name':'web','image':'example.com/web:1'}]}},
              'strategy':{'canary':{'steps':[{'setWeight':25},{'pause':{}},{'setWeight':50}]}}}}
            """;
    private static final String NEW_IMAGE =
            """
            {'spec':{'template':{'spec':{'containers':[{'name':'web','image':'example.com/web:2'}]}}}}
            """;
    private static final String RESUME = "{'status':{'pauseConditions':null}}";

    private final InMemoryCluster cluster = new InMemoryCluster(ROLLOUT);
    private final RecordedFacts facts = new RecordedFacts();
    private final List<String> notices = new ArrayList<>();
    private Instant now = Instant.parse("2026-01-01T00:00:00Z");

    @Test
    void takesAReleaseThroughItsSteps() {
        // Given
        settle();

        // When
        release();

        // Then
        assertThat(cluster.replicas()).containsExactly(0, 4);
        assertThat(cluster.status().path("phase").asText()).isEqualTo("Healthy");
        assertThat(notices).contains("RolloutPaused", "RolloutStepCompleted", "RolloutCompleted");
    }

    @Test
    void writesNothingWhenNothingChanged() {
        // Given
        settle();
        int before = cluster.writes();

        // When
        Outcome outcome = reconciler().reconcile(cluster.look());

        // Then
        assertThat(outcome).isInstanceOf(Outcome.Done.class);
        assertThat(cluster.writes()).isEqualTo(before);
    }

    @Test
    void endsThePassWhenSomethingChangedSinceItWasRead() {
        // Given
        settle();
        cluster.edit(NEW_IMAGE);
        Sighting old = cluster.look();
        cluster.edit("{'spec':{'minReadySeconds':0}}");
        reconciler().reconcile(old);
        int before = cluster.writes();

        // When
        Outcome outcome = reconciler().reconcile(old);

        // Then
        assertThat(outcome).isInstanceOf(Outcome.Overtaken.class);
        assertThat(cluster.writes()).isEqualTo(before);
    }

    @Test
    void saysWhyAReplicaSetCannotBeCreatedAndGoesOnWhenItCan() {
        // Given
        settle();
        cluster.edit(NEW_IMAGE);
        cluster.refuseReplicaSets(Optional.of("denied by a policy"));

        // When
        Outcome outcome = reconciler().reconcile(cluster.look());
        int writes = cluster.writes();
        reconciler().reconcile(cluster.look());

        // Then
        assertThat(outcome).isInstanceOf(Outcome.Refused.class);
        assertThat(cluster.writes()).isEqualTo(writes);
        RolloutStatus.Condition progressing =
                cluster.look().stored().condition("Progressing").orElseThrow();
        assertThat(progressing.status()).isEqualTo("False");
        assertThat(progressing.reason()).isEqualTo("ReplicaSetCreateError");
        assertThat(progressing.message())
                .startsWith("Failed to create new replica set \"web-")
                .endsWith("\": denied by a policy");
        assertThat(notices).contains("ReplicaSetCreateError");
        cluster.refuseReplicaSets(Optional.empty());
        settle();
        assertThat(cluster.status().path("phase").asText()).isEqualTo("Paused");
    }

    @Test
    void tellsOfAWriteThatIsRefused() {
        // Given
        settle();
        cluster.edit("{'spec':{'replicas':6}}");
        Cluster refusing =
                new Cluster() {
                    @Override
                    public WriteResult carryOut(RolloutMeta rollout, Command command) {
                        return command instanceof Command.ScaleReplicaSet
                                ? new WriteResult.Rejected("forbidden by a webhook")
                                : cluster.carryOut(rollout, command);
                    }

                    @Override
                    public WriteResult writeStatus(RolloutMeta rollout, ObjectNode patch) {
                        return cluster.writeStatus(rollout, patch);
                    }
                };

        // When
        for (int i = 0; i < 5; i++) {
            var _ = reconciler(refusing).reconcile(cluster.look());
        }

        // Then
        assertThat(notices).contains("ReconciliationError");
        assertThat(cluster.replicas()).containsExactly(4);
        settle();
        assertThat(cluster.replicas()).containsExactly(6);
    }

    /// C4 and V1: whatever write the process dies after, the next one finishes the same release
    /// with the same facts.
    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20})
    void finishesAfterACrashBetweenAnyTwoWrites(int writes) {
        // Given
        RolloutReconcilerTest undisturbed = new RolloutReconcilerTest();
        undisturbed.settle();
        undisturbed.release();
        cluster.crashAfter(writes);

        // When
        settle();
        release();

        // Then
        assertThat(cluster.replicas()).containsExactly(0, 4);
        assertThat(cluster.status().path("phase").asText()).isEqualTo("Healthy");
        assertThat(facts.ids()).containsExactlyElementsOf(undisturbed.facts.ids());
    }

    @Test
    void statesOneBeginningAndOneEndPerAttempt() {
        // Given
        settle();

        // When
        release();

        // Then
        assertThat(facts.of(RolloutEvent.RolloutStarted.class)).hasSize(2);
        assertThat(facts.of(RolloutEvent.RolloutCompleted.class)).hasSize(2);
        assertThat(facts.of(RolloutEvent.StepCompleted.class)).hasSize(3);
    }

    private void release() {
        cluster.edit(NEW_IMAGE);
        settle();
        cluster.patchStatus(RESUME);
        settle();
    }

    /// Looks again and again, a second apart, until nothing is written any more. After a crash
    /// a new process, which remembers nothing, goes on.
    private void settle() {
        for (int quiet = 0; quiet < 3; ) {
            now = now.plusSeconds(1);
            try {
                Outcome outcome = reconciler().reconcile(cluster.look());
                quiet = outcome instanceof Outcome.Done(var wrote, _) && !wrote ? quiet + 1 : 0;
            } catch (InMemoryCluster.Crash crash) {
                quiet = 0;
            }
        }
    }

    private RolloutReconciler reconciler() {
        return reconciler(cluster);
    }

    private RolloutReconciler reconciler(Cluster writes) {
        return new RolloutReconciler(
                writes,
                new FactLog(
                        facts, new Signature("test", "/sluice/test/rollout-service"), () -> now),
                (_, notice) -> notices.add(notice.reason()),
                new NoGauges(),
                new Origins(),
                () -> now);
    }

    private static final class RecordedFacts implements Outbox {
        private final Map<String, Event> byId = new LinkedHashMap<>();

        @Override
        public void ensure(List<Event> facts) {
            facts.forEach(fact -> byId.putIfAbsent(fact.id(), fact));
        }

        @Override
        public boolean accepting() {
            return true;
        }

        /// Ids without the seconds that some end in: a crash may cost a second.
        List<String> ids() {
            return byId.keySet().stream().map(id -> id.replaceAll("/\\d{6,}$", "")).toList();
        }

        <T> List<T> of(Class<T> type) {
            return byId.values().stream()
                    .map(Event::data)
                    .filter(type::isInstance)
                    .map(type::cast)
                    .toList();
        }
    }

    static final class NoFacts implements Announcements {
        @Override
        public void ensure(Sighting sighting, RolloutStatus durable) {}

        @Override
        public void forget(String uid) {}
    }

    static final class NoGauges implements Gauges {
        @Override
        public void reconciled(RolloutMeta rollout, double seconds, boolean failed) {}

        @Override
        public void show(Sighting sighting, RolloutStatus status) {}

        @Override
        public void moved(RolloutStatus before, RolloutStatus after, Instant at) {}

        @Override
        public void noticed(RolloutMeta rollout, Notice notice) {}

        @Override
        public void forget(String uid) {}

        @Override
        public void gone(String uid) {}
    }
}
