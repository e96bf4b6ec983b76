package dev.sluice.explorer.check;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sluice.explorer.Exploration;
import dev.sluice.explorer.drive.Breakage;
import dev.sluice.explorer.drive.ExperimentWorker;
import dev.sluice.explorer.drive.RolloutWorker;
import dev.sluice.explorer.engine.Play;
import dev.sluice.explorer.engine.Schedule;
import dev.sluice.explorer.model.Cluster;
import dev.sluice.explorer.model.Json;
import dev.sluice.explorer.model.StoredExperiment;
import dev.sluice.rollout.core.Command;
import dev.sluice.rollout.core.Observation.ReplicaSetView;
import dev.sluice.rollout.core.RolloutStatus;
import dev.sluice.rollout.core.experiment.ExperimentCommand;
import dev.sluice.rollout.core.status.StatusDraft;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/// Writes for Experiments that the services never make, and that the rules would not let pass.
class ExperimentRulesTest {
    /// The Experiment runs, and both of its templates have a share.
    private static final String RUNNING = "experiment-gateway: image1 turn*9 time11000 turn*6";

    @BeforeAll
    static void quiet() {
        Exploration.quiet();
    }

    private static Cluster after(String schedule) {
        return Play.before(Schedule.parse(schedule), Breakage.NONE).cluster();
    }

    private static StoredExperiment only(Cluster cluster) {
        return cluster.experiments().values().iterator().next();
    }

    private static ReplicaSetView candidate(Cluster cluster) {
        return cluster.setNamed(only(cluster).name() + "-candidate").orElseThrow();
    }

    private static ExperimentWrite write(Cluster cluster, ExperimentCommand command) {
        return new ExperimentWrite(
                new ExperimentWorker.Op.Do(command), only(cluster), Facts.of(cluster), cluster);
    }

    private static ExperimentWrite scale(Cluster cluster, int to) {
        ReplicaSetView set = candidate(cluster);
        return write(
                cluster,
                new ExperimentCommand.ScaleReplicaSet(
                        "candidate",
                        set.name(),
                        set.uid(),
                        set.resourceVersion(),
                        to,
                        Map.of(),
                        List.of()));
    }

    @Test
    void podsOfAnExperimentStayWhileItRunsAndARouteLeadsThere() {
        Cluster running = after(RUNNING);
        assertThat(Live.shares(running)).containsEntry(candidate(running).hash(), 30);

        assertThat(ExperimentRules.d1(scale(running, 1)))
                .hasValueSatisfying(how -> assertThat(how).contains("may give it 30"));
        assertThat(ExperimentRules.d2(scale(running, 0)))
                .hasValueSatisfying(how -> assertThat(how).contains("can be reached through"));
        assertThat(ExperimentRules.d2(scale(running, 1)))
                .hasValueSatisfying(how -> assertThat(how).contains("has not ended"));
        assertThat(ExperimentRules.d5(scale(running, 0)))
                .hasValueSatisfying(how -> assertThat(how).contains("before its delay"));
        assertThat(ExperimentRules.d1(scale(running, 2))).isEmpty();
    }

    @Test
    void theServiceOfAnExperimentGoesAfterTheRoute() {
        Cluster running = after(RUNNING);
        Cluster before = after("experiment-gateway: image1 turn*9 time11000 turn*2");
        ExperimentCommand delete =
                new ExperimentCommand.DeleteService(candidate(running).name(), "any");

        assertThat(ExperimentRules.r7(write(running, delete)))
                .hasValueSatisfying(how -> assertThat(how).contains("still has"));
        assertThat(ExperimentRules.r7(write(before, delete))).isEmpty();
    }

    @Test
    void noTwoReplicaSetsHaveOneHash() {
        Cluster running = after(RUNNING);
        ObjectNode manifest = Json.object("{\"metadata\":{\"name\":\"another\",\"labels\":{}}}");
        ObjectNode labels = manifest.withObject("/metadata/labels");
        ExperimentCommand create =
                new ExperimentCommand.CreateReplicaSet("candidate", manifest, List.of());

        labels.put("rollouts-pod-template-hash", "unlike");
        assertThat(ExperimentRules.s1(write(running, create))).isEmpty();
        labels.put("rollouts-pod-template-hash", running.rollout().status().currentPodHash());
        assertThat(ExperimentRules.s1(write(running, create)))
                .hasValueSatisfying(how -> assertThat(how).contains("look like those of"));
    }

    private static RolloutWrite write(Cluster cluster, Command command) {
        return RulesTest.write(
                cluster, new RolloutWorker.Op.Do(command), cluster.rollout().status(), false);
    }

    private static RolloutWrite status(Cluster cluster, Consumer<StatusDraft> change) {
        StatusDraft draft = new StatusDraft(cluster.rollout().status());
        change.accept(draft);
        RolloutStatus next = draft.freeze();
        return RulesTest.write(
                cluster, new RolloutWorker.Op.WriteStatus(Json.object("{}")), next, false);
    }

    private static RolloutWrite creates(Cluster cluster, String name) {
        return write(
                cluster,
                new Command.CreateExperiment(
                        Json.object("{\"metadata\":{\"name\":\"" + name + "\"}}"), List.of()));
    }

    @Test
    void aStepHasOneExperiment() {
        Cluster running = after(RUNNING);
        Cluster ended = after(RUNNING + " experiment-end");
        String another = only(running).name() + "-1";

        assertThat(ExperimentRules.g9(creates(running, another)))
                .hasValueSatisfying(how -> assertThat(how).contains("begins beside"));
        assertThat(ExperimentRules.g9(creates(running, only(running).name()))).isEmpty();
        assertThat(ExperimentRules.g9(creates(ended, another))).isEmpty();
    }

    @Test
    void aStepWaitsForItsOwnExperiment() {
        Cluster running = after(RUNNING);
        Consumer<StatusDraft> passes = s -> s.currentStepIndex = Optional.of(3);

        assertThat(ExperimentRules.p2(status(running, passes)))
                .hasValueSatisfying(how -> assertThat(how).contains("'Running'"));
        assertThat(ExperimentRules.p2(status(running, _ -> {}))).isEmpty();
    }

    @Test
    void anotherAttemptHasAnExperimentOfItsOwn() {
        Cluster over = after(RUNNING + " abort turn*3 time35000 turn*3");
        String former = only(over).name();

        assertThat(only(over).parsed().status().isCompleted()).isTrue();
        assertThat(ExperimentRules.x3(status(over, s -> s.currentExperiment = former)))
                .hasValueSatisfying(how -> assertThat(how).contains("which is over"));
        assertThat(ExperimentRules.x3(status(over, s -> s.currentExperiment = former + "-1")))
                .isEmpty();
    }

    @Test
    void anExperimentWithPodsIsKept() {
        Cluster running = after(RUNNING);
        StoredExperiment experiment = only(running);
        Command delete = new Command.DeleteExperiment(experiment.name(), experiment.uid());

        assertThat(ExperimentRules.d9(write(running, delete)))
                .hasValueSatisfying(how -> assertThat(how).contains("has "));
    }

    /// What an Experiment's owner routes is not looked at: its delay passes, and the pods go.
    @Test
    void whoDoesNotLookAtTheRouteIsFound() {
        String turn = " rollout0.sees-all experiment0.look experiment0.write*6";
        Schedule schedule =
                Schedule.parse(
                        RUNNING
                                + " experiment-end"
                                + turn.repeat(2)
                                + " time35000"
                                + turn.repeat(2));

        assertThat(Play.play(schedule, Breakage.NO_REACH).violation())
                .hasValueSatisfying(v -> assertThat(v.number()).isEqualTo("D1"));
        assertThat(Play.play(schedule, Breakage.NONE).violation()).isEmpty();
    }
}
