package dev.sluice.rollout.app;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sluice.rollout.core.Notice;
import dev.sluice.rollout.core.experiment.Experiment;
import dev.sluice.rollout.core.experiment.ExperimentCommand;
import dev.sluice.rollout.core.experiment.ExperimentObservation;
import dev.sluice.rollout.core.experiment.ExperimentParser;
import dev.sluice.runtime.WriteResult;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import org.junit.jupiter.api.Test;

class ExperimentReconcilerTest {
    private static final Instant NOW = Instant.parse("2026-03-01T10:00:00Z");

    private final Desk desk = new Desk();
    private final ExperimentReconciler reconciler =
            new ExperimentReconciler(desk, desk, desk, () -> NOW);

    /// Answers writes as told, and keeps what was asked of it.
    private static final class Desk
            implements ExperimentWrites, ExperimentNotices, ExperimentGauges {
        final List<String> writes = new ArrayList<>();
        final List<String> notices = new ArrayList<>();
        final List<String> phases = new ArrayList<>();
        Function<ExperimentCommand, WriteResult> answer = _ -> new WriteResult.Applied("2");
        WriteResult statusAnswer = new WriteResult.Applied("2");

        @Override
        public WriteResult carryOut(Experiment.Meta experiment, ExperimentCommand command) {
            writes.add(command.getClass().getSimpleName());
            return answer.apply(command);
        }

        @Override
        public WriteResult writeStatus(Experiment.Meta experiment, ObjectNode patch) {
            writes.add(patch.at("/status/templateStatuses/0/status").asText());
            return statusAnswer;
        }

        @Override
        public void record(Experiment.Meta experiment, Notice notice) {
            notices.add(notice.reason());
        }

        @Override
        public void recordOnRollout(Experiment.Meta experiment, Notice notice) {
            notices.add("on the Rollout: " + notice.reason());
        }

        @Override
        public void reconciled(Experiment.Meta experiment, double seconds, boolean failed) {}

        @Override
        public void show(Experiment.Meta experiment, String phase) {
            phases.add(phase);
        }

        @Override
        public void forget(String uid) {}
    }

    private static ExperimentObservation seen(String more) {
        String json =
                """
                {"metadata":{"name":"exp","namespace":"ns","uid":"u-1","resourceVersion":"1"},
                 "spec":{"templates":[{"name":"a","selector":{"matchLabels":{"app":"a"}},
                   "template":{"metadata":{"labels":{"app":"a"}},"spec":{"containers":[]}}}]%s}}\
                """
                        .formatted(more);
        try {
            return new ExperimentObservation(
                    ExperimentParser.parse(new ObjectMapper().readTree(json)),
                    List.of(),
                    List.of(),
                    List.of(),
                    Map.of(),
                    Set.of(),
                    Optional.empty(),
                    List.of());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Test
    void writesTheCommandsAndThenTheStatus() {
        Outcome outcome = reconciler.reconcile(seen(""));
        assertThat(outcome)
                .isInstanceOfSatisfying(
                        Outcome.Done.class, done -> assertThat(done.wrote()).isTrue());
        assertThat(desk.writes).containsExactly("CreateReplicaSet", "Progressing");
        assertThat(desk.notices)
                .containsExactly(
                        "NewReplicaSetCreated", "TemplateProgressing", "ExperimentPending");
        assertThat(desk.phases).containsExactly("Pending");
    }

    @Test
    void aRefusalIsDecidedOnAtOnceAndStandsInTheStatus() {
        desk.answer = _ -> new WriteResult.Rejected("quota");
        reconciler.reconcile(seen(""));
        assertThat(desk.writes).containsExactly("CreateReplicaSet", "Error");
        assertThat(desk.notices)
                .containsExactly("ReplicaSetCreateError", "TemplateError", "ExperimentPending");
    }

    @Test
    void aNameOfSomebodyElseIsNoErrorYet() {
        desk.answer = _ -> new WriteResult.Conflict();
        Outcome outcome = reconciler.reconcile(seen(""));
        assertThat(desk.writes).containsExactly("CreateReplicaSet", "Progressing");
        assertThat(outcome)
                .isInstanceOfSatisfying(
                        Outcome.Done.class,
                        done -> assertThat(done.wakeAt()).contains(NOW.plusSeconds(10)));
    }

    @Test
    void aStatusThatWasOvertakenEndsThePassWithoutNotices() {
        desk.statusAnswer = new WriteResult.Conflict();
        Outcome outcome = reconciler.reconcile(seen(""));
        assertThat(outcome).isEqualTo(new Outcome.Overtaken("status"));
        assertThat(desk.notices).containsExactly("NewReplicaSetCreated");
        assertThat(desk.phases).isEmpty();
    }

    @Test
    void aStatusThatIsRefusedIsSaid() {
        desk.statusAnswer = new WriteResult.Rejected("too big");
        assertThat(reconciler.reconcile(seen("")))
                .isEqualTo(new Outcome.Refused("status", "too big"));
    }
}
