package dev.sluice.rollout.core.experiment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sluice.rollout.core.RolloutStatus.Condition;
import dev.sluice.rollout.core.hash.PodHash;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class ExperimentTemplatesTest {
    private static final String DEADLINE = "scale-down-deadline";

    private static Lab lab(String more, String... templates) {
        return new Lab("{\"templates\":[" + String.join(",", templates) + "]" + more + "}");
    }

    private static Lab running(String more, String... templates) {
        Lab lab = lab(more, templates);
        lab.settle();
        assertThat(lab.status().phase()).isEqualTo("Running");
        return lab;
    }

    @Test
    void createsAReplicaSetPerTemplateWithoutPodsAndThenScalesIt() {
        Lab lab = lab("", Lab.template("a", ",\"replicas\":2,\"minReadySeconds\":3"));
        lab.step();
        assertThat(lab.size("exp-a")).isZero();
        assertThat(lab.status().phase()).isEqualTo("Pending");
        var set = lab.set("exp-a");
        String hash = lab.hash("exp-a");
        assertThat(hash).isNotEmpty();
        assertThat(set.at("/spec/selector/matchLabels/rollouts-pod-template-hash").asText())
                .isEqualTo(hash);
        assertThat(set.at("/spec/template/metadata/labels/rollouts-pod-template-hash").asText())
                .isEqualTo(hash);
        assertThat(set.at("/metadata/labels/app").asText()).isEqualTo("a");
        assertThat(set.at("/spec/minReadySeconds").asInt()).isEqualTo(3);
        assertThat(lab.note("exp-a", "experiment.argoproj.io/name")).isEqualTo("exp");
        assertThat(lab.note("exp-a", "experiment.argoproj.io/template-name")).isEqualTo("a");
        assertThat(set.at("/metadata/ownerReferences/0/uid").asText()).isEqualTo("u-1");
        lab.step();
        assertThat(lab.size("exp-a")).isEqualTo(2);
        assertThat(lab.events)
                .containsExactly(
                        "NewReplicaSetCreated",
                        "TemplateProgressing",
                        "ExperimentPending",
                        "ScalingReplicaSet");
        assertThat(lab.texts)
                .contains(
                        "Normal Template 'a' transitioned from  -> Progressing",
                        "Normal Experiment transitioned from  -> Pending",
                        "Normal Scaled up ReplicaSet exp-a from 0 to 2");
    }

    @Test
    void runsWhenAllTemplatesAreAvailable() {
        Lab lab = lab("", Lab.template("a", ""), Lab.template("b", ",\"replicas\":2"));
        lab.step();
        lab.step();
        lab.available("exp-a", 1);
        lab.available("exp-b", 1);
        lab.step();
        assertThat(lab.template("a").status()).isEqualTo("Running");
        assertThat(lab.template("b").status()).isEqualTo("Progressing");
        assertThat(lab.status().phase()).isEqualTo("Pending");
        assertThat(lab.status().availableAt()).isEmpty();
        lab.podsUp();
        lab.step();
        assertThat(lab.status().phase()).isEqualTo("Running");
        assertThat(lab.status().availableAt()).contains(lab.now);
        assertThat(lab.template("b").availableReplicas()).isEqualTo(2);
        lab.step();
        assertThat(lab.status().conditions())
                .extracting(Condition::status, Condition::reason, Condition::message)
                .containsExactly(
                        tuple("True", "NewReplicaSetAvailable", "Experiment \"exp\" is running."));
        assertThat(lab.step()).isFalse();
    }

    @Test
    void theHashIsThatOfTheTemplateWithoutTheHashThatItCarries() {
        Lab plain = lab("", Lab.template("a", ""));
        Lab copied =
                lab(
                        "",
                        Lab.template("a", "")
                                .replace(
                                        "{\"labels\":{\"app\":\"a\"}}",
                                        "{\"labels\":{\"app\":\"a\",\"rollouts-pod-template-hash\":\"old\"}}"));
        plain.step();
        copied.step();
        assertThat(copied.hash("exp-a")).isEqualTo(plain.hash("exp-a")).isNotEqualTo("old");
    }

    /// Neither the revision's ReplicaSet nor the other Experiment's need be in sight.
    @Test
    void aCopyHasAHashOfItsOwnWhateverIsKnownOfOthers_S1() {
        Lab first = lab("", Lab.template("a", ""));
        first.step();
        Lab second = lab("", Lab.template("a", ""));
        ((ObjectNode) second.experiment.path("metadata")).put("uid", "u-2");
        second.step();
        JsonNode template = second.experiment.at("/spec/templates/0/template");
        assertThat(second.hash("exp-a"))
                .isNotEqualTo(first.hash("exp-a"))
                .isNotEqualTo(PodHash.of(template, Optional.empty()));
    }

    @Test
    void equalTemplatesHaveDifferentHashes_S1() {
        String same = Lab.template("a", "");
        Lab lab =
                lab(
                        "",
                        same,
                        same.replace("\"name\":\"a\"", "\"name\":\"b\""),
                        same.replace("\"name\":\"a\"", "\"name\":\"d\""));
        lab.step();
        assertThat(lab.sets.keySet().stream().map(lab::hash).distinct()).hasSize(3);
    }

    @Test
    void aHashOfSomebodyElsesPodsIsNotUsed_S1() {
        Lab first = lab("", Lab.template("a", ""));
        first.step();
        Lab second = lab("", Lab.template("a", ""));
        second.hashesInUse.add(first.hash("exp-a"));
        second.step();
        assertThat(second.hash("exp-a")).isNotEqualTo(first.hash("exp-a"));
    }

    @Test
    void aTakenNameIsTriedAgainUntilTheDeadline() {
        Lab lab = lab(",\"progressDeadlineSeconds\":60", Lab.template("a", ""));
        lab.takenNames.add("exp-a");
        lab.step();
        assertThat(lab.template("a").collisionCount()).contains(1);
        assertThat(lab.template("a").status()).isEqualTo("Progressing");
        assertThat(lab.decide().wakeAt()).isPresent();
        lab.later(61);
        lab.step();
        assertThat(lab.template("a").status()).isEqualTo("Failed");
        assertThat(lab.status().phase()).isEqualTo("Failed");
    }

    @Test
    void aReplicaSetThatIsRefusedIsAnError() {
        Lab lab = lab("", Lab.template("a", ""));
        lab.refuses = c -> c instanceof ExperimentCommand.CreateReplicaSet;
        lab.step();
        assertThat(lab.template("a").status()).isEqualTo("Error");
        assertThat(lab.template("a").message())
                .isEqualTo("Failed to create ReplicaSet for template 'a': no");
        assertThat(lab.events).contains("ReplicaSetCreateError", "TemplateError");
        lab.step();
        assertThat(lab.status().phase()).isEqualTo("Error");
        assertThat(lab.texts).contains("Warning Experiment transitioned from Pending -> Error");
        assertThat(lab.step()).isFalse();
    }

    @Test
    void aScaleUpThatIsRefusedIsAnError() {
        Lab lab = lab("", Lab.template("a", ",\"replicas\":3"));
        lab.step();
        lab.refuses = c -> c instanceof ExperimentCommand.ScaleReplicaSet;
        lab.step();
        assertThat(lab.template("a").message())
                .isEqualTo(
                        "Unable to scale ReplicaSet for template 'a' to desired replica count '3':"
                                + " no");
        assertThat(lab.status().phase()).isEqualTo("Error");
    }

    @Test
    void aTemplateThatDoesNotComeUpFailsAtItsDeadlineAndTheOtherGoesDown() {
        Lab lab =
                lab(
                        ",\"progressDeadlineSeconds\":60,\"scaleDownDelaySeconds\":0",
                        Lab.template("a", ""),
                        Lab.template("b", ""));
        lab.step();
        lab.step();
        lab.available("exp-a", 1);
        lab.available("exp-b", 0);
        lab.step();
        assertThat(lab.decide().wakeAt()).contains(lab.now.plusSeconds(60).plusMillis(1));
        lab.later(61);
        lab.step();
        assertThat(lab.template("b").status()).isEqualTo("Failed");
        assertThat(lab.status().phase()).isEqualTo("Failed");
        assertThat(lab.status().message())
                .isEqualTo("Template 'b' exceeded its progressDeadlineSeconds (60)");
        assertThat(lab.status().conditions())
                .extracting(Condition::reason)
                .containsExactly("ReplicaSetUpdated");
        lab.settle();
        assertThat(lab.template("a").status()).isEqualTo("Successful");
        assertThat(lab.size("exp-a")).isZero();
        assertThat(lab.size("exp-b")).isZero();
    }

    @Test
    void endsAfterItsDurationAndTakesThePodsDownAfterTheDelay() {
        Lab lab = running(",\"duration\":\"1m\"", Lab.template("a", ",\"replicas\":2"));
        assertThat(lab.decide().wakeAt()).contains(lab.now.plusSeconds(60).plusMillis(1));
        lab.later(60);
        assertThat(lab.step()).isFalse();
        lab.later(1);
        lab.step();
        assertThat(lab.status().phase()).isEqualTo("Successful");
        assertThat(lab.template("a").status()).isEqualTo("Successful");
        assertThat(lab.status().conditions())
                .extracting(Condition::status, Condition::reason, Condition::message)
                .containsExactly(
                        tuple(
                                "False",
                                "ExperimentCompleted",
                                "Experiment \"exp\" has successfully ran and completed."));
        lab.step();
        assertThat(lab.note("exp-a", DEADLINE)).isEqualTo(lab.now.plusSeconds(30).toString());
        assertThat(lab.size("exp-a")).isEqualTo(2);
        assertThat(lab.decide().wakeAt()).contains(lab.now.plusSeconds(30));
        lab.later(30);
        lab.settle();
        assertThat(lab.size("exp-a")).isZero();
        assertThat(lab.texts).contains("Normal Scaled down ReplicaSet exp-a from 2 to 0");
        assertThat(lab.step()).isFalse();
    }

    @Test
    void anUnreadableDeadlineIsWrittenAnew_D4() {
        Lab lab = running("", Lab.template("a", ""));
        lab.spec("{\"terminate\":true}");
        lab.set("exp-a").withObject("/metadata/annotations").put(DEADLINE, "never");
        lab.step();
        assertThat(lab.note("exp-a", DEADLINE)).isEqualTo(lab.now.plusSeconds(30).toString());
        assertThat(lab.size("exp-a")).isEqualTo(1);
    }

    @Test
    void withoutDelayThePodsGoAtOnceAndAnOldDeadlineWithThem() {
        Lab lab = running(",\"scaleDownDelaySeconds\":0", Lab.template("a", ""));
        lab.set("exp-a")
                .withObject("/metadata/annotations")
                .put(DEADLINE, lab.now.plusSeconds(100).toString());
        lab.spec("{\"terminate\":true}");
        lab.step();
        assertThat(lab.size("exp-a")).isZero();
        assertThat(lab.note("exp-a", DEADLINE)).isEmpty();
    }

    @Test
    void aHealthyExperimentThatIsToldToEndIsSuccessfulHoweverLongItRan() {
        Lab lab = running(",\"progressDeadlineSeconds\":60", Lab.template("a", ""));
        lab.later(3600);
        lab.spec("{\"terminate\":true}");
        lab.settle();
        assertThat(lab.template("a").status()).isEqualTo("Successful");
        assertThat(lab.status().phase()).isEqualTo("Successful");
    }

    @Test
    void withoutDurationAndAnalysesItRunsUntilItIsToldToEnd() {
        Lab lab = running("", Lab.template("a", ""));
        lab.later(100_000);
        assertThat(lab.step()).isFalse();
        assertThat(lab.decide().wakeAt()).isEmpty();
    }

    @Test
    void aPodThatIsLostMakesItPendingAgainAndTheDeadlineStartsAnew() {
        Lab lab = running(",\"progressDeadlineSeconds\":60", Lab.template("a", ",\"replicas\":2"));
        lab.later(3600);
        lab.available("exp-a", 1);
        lab.step();
        assertThat(lab.template("a").status()).isEqualTo("Progressing");
        assertThat(lab.status().phase()).isEqualTo("Pending");
        assertThat(lab.template("a").lastTransitionTime()).contains(lab.now);
    }

    @Test
    void aRetryStartsOverWithTheSameReplicaSets() {
        Lab lab = running(",\"duration\":\"10s\"", Lab.template("a", ""));
        lab.later(11);
        lab.settle();
        lab.later(31);
        lab.settle();
        assertThat(lab.size("exp-a")).isZero();
        lab.experiment.putObject("status");
        lab.settle();
        assertThat(lab.status().phase()).isEqualTo("Running");
        assertThat(lab.size("exp-a")).isEqualTo(1);
        assertThat(lab.note("exp-a", DEADLINE)).isEmpty();
        assertThat(lab.status().availableAt()).contains(lab.now);
    }

    @Test
    void aTemplateWithAServiceHasOneWhileItHasPods() {
        Lab lab =
                running(
                        ",\"scaleDownDelaySeconds\":0",
                        Lab.template("a", ",\"service\":{}"),
                        Lab.template("b", ",\"service\":{\"name\":\"named\"}"),
                        Lab.template("c", ""));
        assertThat(lab.services.keySet()).containsExactly("exp-a", "named");
        var service = lab.serviceOf("exp-a");
        assertThat(service.at("/spec/selector").toString())
                .isEqualTo(lab.set("exp-a").at("/metadata/labels").toString());
        assertThat(service.at("/spec/ports").toString())
                .isEqualTo("[{\"port\":8080,\"targetPort\":8080}]");
        assertThat(
                        service.at("/metadata/annotations/experiment.argoproj.io~1template-name")
                                .asText())
                .isEqualTo("a");
        assertThat(lab.template("a").serviceName()).isEqualTo("exp-a");
        assertThat(lab.template("a").podTemplateHash()).isEqualTo(lab.hash("exp-a"));
        assertThat(lab.template("b").serviceName()).isEqualTo("named");
        assertThat(lab.template("c").serviceName()).isEmpty();
        lab.spec("{\"terminate\":true}");
        lab.step();
        assertThat(lab.services).hasSize(2);
        lab.settle();
        assertThat(lab.services).isEmpty();
        assertThat(lab.template("a").serviceName()).isEmpty();
        assertThat(lab.template("a").podTemplateHash()).isEmpty();
    }

    @Test
    void aServiceHasEveryPortOnceAndEachHasAName() {
        Lab lab =
                running(
                        "",
                        Lab.template("a", ",\"service\":{}")
                                .replace(
                                        "{\"containerPort\":8080}",
                                        "{\"name\":\"http\",\"containerPort\":8080,\"protocol\":\"TCP\"},{\"containerPort\":8080},{\"containerPort\":53,\"protocol\":\"UDP\"}"));
        var service = lab.serviceOf("exp-a");
        assertThat(service.at("/spec/ports").toString())
                .isEqualTo(
                        "[{\"name\":\"http\",\"protocol\":\"TCP\",\"port\":8080,\"targetPort\":8080},"
                                + "{\"name\":\"udp-53\",\"protocol\":\"UDP\",\"port\":53,\"targetPort\":53}]");
    }

    @Test
    void withoutPortsThereIsNoService() {
        Lab lab =
                running(
                        "",
                        Lab.template("a", ",\"service\":{}")
                                .replace(",\"ports\":[{\"containerPort\":8080}]", ""));
        assertThat(lab.services).isEmpty();
        assertThat(lab.template("a").serviceName()).isEmpty();
    }

    @Test
    void aServiceOfSomebodyElseIsAnError() {
        Lab lab = lab("", Lab.template("a", ",\"service\":{\"name\":\"taken\"}"));
        lab.takenNames.add("taken");
        lab.step();
        lab.step();
        assertThat(lab.template("a").status()).isEqualTo("Error");
        assertThat(lab.template("a").message())
                .isEqualTo("Failed to create Service taken for template 'a': already exists");
    }

    @Test
    void podsAndServiceStayWhileARouteMayLeadToThem_D2_R7() {
        Lab lab = running(",\"scaleDownDelaySeconds\":0", Lab.template("a", ",\"service\":{}"));
        String hash = lab.hash("exp-a");
        lab.plan(plan(3, hash, 3, 10, hash));
        lab.spec("{\"terminate\":true}");
        lab.settle();
        assertThat(lab.status().phase()).isEqualTo("Successful");
        assertThat(lab.size("exp-a")).isEqualTo(1);
        assertThat(lab.services).hasSize(1);
        assertThat(lab.decide().wakeAt()).isPresent();
        // The next plan takes the share away, but it is not settled: it is still live.
        lab.plan(plan(4, "", 3, 10, hash));
        lab.settle();
        assertThat(lab.size("exp-a")).isEqualTo(1);
        lab.plan(plan(4, "", 4, 0, hash));
        lab.settle();
        assertThat(lab.size("exp-a")).isZero();
        assertThat(lab.services).isEmpty();
    }

    @Test
    void theDelayBeginsOnceNoRouteLeadsThere_D3() {
        Lab lab = running("", Lab.template("a", ",\"service\":{}"));
        String hash = lab.hash("exp-a");
        lab.plan(plan(3, hash, 3, 10, hash));
        lab.spec("{\"terminate\":true}");
        lab.settle();
        assertThat(lab.note("exp-a", DEADLINE)).isEmpty();
        lab.later(60);
        lab.plan(plan(4, "", 4, 0, hash));
        lab.step();
        assertThat(lab.note("exp-a", DEADLINE)).isEqualTo(lab.now.plusSeconds(30).toString());
        assertThat(lab.size("exp-a")).isEqualTo(1);
    }

    @Test
    void aStampForAPlanThatIsNotProvenKeepsThePods() {
        Lab lab = running(",\"scaleDownDelaySeconds\":0", Lab.template("a", ""));
        lab.set("exp-a")
                .withObject("/metadata/annotations")
                .put("sluice.dev/keep", "1")
                .put("sluice.dev/keep-plan", "5");
        lab.plan(plan(4, "", 4, 0, "x"));
        lab.spec("{\"terminate\":true}");
        lab.settle();
        assertThat(lab.size("exp-a")).isEqualTo(1);
        lab.plan(plan(5, "", 5, 0, "x"));
        lab.settle();
        assertThat(lab.size("exp-a")).isZero();
    }

    private static String plan(int id, String destination, int proven, int live, String hash) {
        String additional =
                destination.isEmpty()
                        ? "[]"
                        : "[{\"serviceName\":\"exp-a\",\"podTemplateHash\":\""
                                + destination
                                + "\",\"weight\":10}]";
        return """
        {"id":%d,"attempt":1,"writtenAt":"2026-03-01T10:00:00Z","reason":"Step","maxWeight":100,"anchor":"stable",
         "services":[],"weights":{"canary":0,"stable":90,"additional":%s},"shares":[],
         "live":[{"podTemplateHash":"%s","weight":%d}],
         "observed":{"plan":%d,"at":"2026-03-01T10:00:00Z","settlesAt":"2026-03-01T10:00:00Z","level":"DataPlane","services":[]}}\
        """
                .formatted(id, additional, hash, live, proven);
    }

    @Test
    void aTemplateThatAnEditRemovedGoesDown() {
        Lab lab = running("", Lab.template("a", ""), Lab.template("b", ""));
        lab.spec("{\"templates\":[" + Lab.template("a", "") + "]}");
        lab.settle();
        assertThat(lab.size("exp-b")).isZero();
        assertThat(lab.size("exp-a")).isEqualTo(1);
        assertThat(lab.status().templates()).hasSize(1);
    }

    @Test
    void nothingHappensToAnExperimentThatIsBeingDeleted() {
        Lab lab = lab("", Lab.template("a", ""));
        ((ObjectNode) lab.experiment.path("metadata"))
                .put("deletionTimestamp", "2026-03-01T10:00:00Z");
        assertThat(lab.step()).isFalse();
    }
}
