package dev.sluice.explorer.check;

import com.fasterxml.jackson.databind.JsonNode;
import dev.sluice.explorer.drive.ExperimentWorker.Op;
import dev.sluice.explorer.drive.RolloutWorker;
import dev.sluice.explorer.model.Cluster;
import dev.sluice.explorer.model.Nature;
import dev.sluice.explorer.model.Owned;
import dev.sluice.explorer.model.Proxy;
import dev.sluice.explorer.model.StoredExperiment;
import dev.sluice.explorer.scenario.Option;
import dev.sluice.rollout.core.Command;
import dev.sluice.rollout.core.Names;
import dev.sluice.rollout.core.Observation.ReplicaSetView;
import dev.sluice.rollout.core.RolloutStatus;
import dev.sluice.rollout.core.Step;
import dev.sluice.rollout.core.Strategy;
import dev.sluice.rollout.core.experiment.ExperimentCommand;
import dev.sluice.rollout.core.experiment.ExperimentNames;
import dev.sluice.rollout.core.status.Times;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/// What a write for an Experiment may do, and what a Rollout may do with its Experiments.
final class ExperimentRules {
    static final List<Rule<ExperimentWrite>> ALL =
            List.of(
                    new Rule<>(
                            "D1", "an Experiment has the pods of its share", ExperimentRules::d1),
                    new Rule<>("D2", "an Experiment's pods end with it", ExperimentRules::d2),
                    new Rule<>(
                            "D5", "an Experiment's pods wait for their end", ExperimentRules::d5),
                    new Rule<>("R7", "a Service goes after every route", ExperimentRules::r7),
                    new Rule<>("S1", "each template has its own hash", ExperimentRules::s1),
                    new Rule<>("C3", "every write is conditional", ExperimentRules::c3));

    static final List<Rule<RolloutWrite>> OF_ROLLOUTS =
            List.of(
                    new Rule<>("G9", "a step has one Experiment", ExperimentRules::g9),
                    new Rule<>("X3", "an attempt inherits no Experiment", ExperimentRules::x3),
                    new Rule<>("P2", "a step waits for its Experiment", ExperimentRules::p2),
                    new Rule<>("D9", "an Experiment in use is kept", ExperimentRules::d9));

    /// Rollout, revision, its number and the step: what comes after them counts the attempts.
    private static final int PARTS_OF_A_STEP = 4;

    private ExperimentRules() {}

    private record Down(ReplicaSetView set, int to) {}

    private static Optional<Down> down(ExperimentWrite w) {
        if (!(w.op() instanceof Op.Do(ExperimentCommand.ScaleReplicaSet scale))) {
            return Optional.empty();
        }
        return w.cluster()
                .setNamed(scale.name())
                .filter(set -> scale.to() < w.before().wanted().getOrDefault(set.hash(), 0))
                .map(set -> new Down(set, scale.to()));
    }

    static Optional<String> d1(ExperimentWrite w) {
        return down(w).flatMap(
                        down -> {
                            String hash = down.set().hash();
                            int share = w.before().live().getOrDefault(hash, 0);
                            int n = w.cluster().rollout().replicas();
                            int whole = w.cluster().scenario().maxWeight();
                            int declared = w.before().wanted().getOrDefault(hash, 0);
                            int need = Math.min(Live.need(share, whole, n), declared);
                            return down.to() < need
                                    ? Optional.of(
                                            "%s goes to %d; a proxy may give it %d, which needs %d"
                                                    .formatted(hash, down.to(), share, need))
                                    : Optional.empty();
                        });
    }

    /// Whatever a route may lead to, and all of it before the end.
    static Optional<String> d2(ExperimentWrite w) {
        if (down(w).isEmpty()) {
            return Optional.empty();
        }
        Down down = down(w).get();
        Set<String> through = reach(w.cluster(), down.set().hash());
        if (down.to() == 0 && !through.isEmpty()) {
            return Optional.of(down.set().name() + " can be reached through " + through);
        }
        String template = down.set().annotation(ExperimentNames.TEMPLATE).orElse("");
        return w.present()
                .filter(e -> !isEnding(e, template))
                .map(e -> down.set().name() + " shrinks, and " + e.name() + " has not ended");
    }

    private static Set<String> reach(Cluster cluster, String hash) {
        Set<String> through = new TreeSet<>();
        for (Proxy proxy : cluster.proxies()) {
            for (String service : cluster.services()) {
                boolean isUsed = proxy.live().stream().anyMatch(c -> c.leadsTo(service));
                boolean isBare = cluster.selected(service).isEmpty();
                if (isUsed && !isBare && cluster.resolves(proxy, service).contains(hash)) {
                    through.add(proxy.name() + "/" + service);
                }
            }
        }
        return through;
    }

    /// Over, told to end, or with a part that decides it.
    private static boolean isEnding(StoredExperiment experiment, String template) {
        JsonNode status = experiment.json().path("status");
        boolean isPartBad = false;
        for (JsonNode part : status.path("templateStatuses")) {
            String phase = part.path("status").asText();
            boolean isIt = part.path("name").asText().equals(template);
            isPartBad |= isBad(phase) || (isIt && phase.equals("Successful"));
        }
        boolean isJudged = !status.path("analysisRuns").isEmpty();
        for (JsonNode run : status.path("analysisRuns")) {
            isPartBad |= isBad(run.path("phase").asText());
            isJudged &= run.path("phase").asText().equals("Successful");
        }
        return experiment.isEnding() || isPartBad || isJudged;
    }

    private static boolean isBad(String phase) {
        return phase.equals("Failed") || phase.equals("Error") || phase.equals("Inconclusive");
    }

    static Optional<String> d5(ExperimentWrite w) {
        if (down(w).isEmpty() || down(w).get().to() > 0) {
            return Optional.empty();
        }
        String hash = down(w).get().set().hash();
        Instant now = w.cluster().now().plusMillis(Nature.SKEW);
        boolean isOver =
                w.decidedOn().parsed().spec().scaleDownDelaySeconds() == 0
                        || Optional.ofNullable(w.before().deadlines().get(hash))
                                .flatMap(Times::parse)
                                .filter(end -> !now.isBefore(end))
                                .isPresent();
        return isOver ? Optional.empty() : Optional.of(hash + " ends before its delay is over");
    }

    static Optional<String> r7(ExperimentWrite w) {
        if (!(w.op() instanceof Op.Do(ExperimentCommand.DeleteService delete))) {
            return Optional.empty();
        }
        for (Proxy proxy : w.cluster().proxies()) {
            boolean isNamed = w.cluster().config(proxy.entry()).shares().containsKey(delete.name());
            if (isNamed || proxy.live().stream().anyMatch(c -> c.leadsTo(delete.name()))) {
                return Optional.of(proxy.name() + " still has " + delete.name());
            }
        }
        return Optional.empty();
    }

    /// Unlike those of a revision, and of its other templates. Whether another Experiment has the
    /// same is not known where the cache of ReplicaSets has not heard of that one.
    static Optional<String> s1(ExperimentWrite w) {
        if (!(w.op() instanceof Op.Do(ExperimentCommand.CreateReplicaSet create))) {
            return Optional.empty();
        }
        JsonNode metadata = create.manifest().path("metadata");
        String hash = metadata.path("labels").path(Names.HASH).asText();
        return w.cluster().allSets().stream()
                .filter(set -> !set.name().equals(metadata.path("name").asText()))
                .filter(set -> set.hash().equals(hash) && set.replicas() > 0)
                .findFirst()
                .map(
                        set ->
                                "pods of "
                                        + metadata.path("name")
                                        + " look like those of "
                                        + set.name());
    }

    static Optional<String> c3(ExperimentWrite w) {
        String version =
                switch (w.op()) {
                    case Op.Do(ExperimentCommand.ScaleReplicaSet c) -> c.resourceVersion();
                    case Op.Do(ExperimentCommand.AnnotateReplicaSet c) -> c.resourceVersion();
                    default -> "not of a ReplicaSet";
                };
        return version.isEmpty() ? Optional.of("no version: " + w.op()) : Optional.empty();
    }

    /// Of all attempts at a step only one has an Experiment that goes on.
    static Optional<String> g9(RolloutWrite w) {
        if (!(w.op() instanceof RolloutWorker.Op.Do(Command.CreateExperiment create))) {
            return Optional.empty();
        }
        String name = create.manifest().path("metadata").path("name").asText();
        return w.cluster().experiments().values().stream()
                .filter(e -> !e.name().equals(name) && step(e.name()).equals(step(name)))
                .filter(e -> !e.isEnding())
                .findFirst()
                .map(e -> name + " begins beside " + e.name());
    }

    private static List<String> step(String experiment) {
        return Arrays.stream(experiment.split("-", -1)).limit(PARTS_OF_A_STEP).toList();
    }

    /// What is over already says nothing about an attempt that begins now.
    static Optional<String> x3(RolloutWrite w) {
        if (!(w.op() instanceof RolloutWorker.Op.WriteStatus) || w.seen().isEmpty()) {
            return Optional.empty();
        }
        String was = w.seen().get().rollout().status().currentExperiment();
        String is = w.decision().next().currentExperiment();
        return Optional.ofNullable(w.cluster().experiments().get(is))
                .filter(e -> !is.equals(was) && e.parsed().status().isCompleted())
                .filter(e -> isOfAttempt(e, w.decision().next()))
                .map(e -> "a step begins with " + is + ", which is over");
    }

    static Optional<String> p2(RolloutWrite w) {
        if (!(w.op() instanceof RolloutWorker.Op.WriteStatus)
                || w.seen().isEmpty()
                || !(w.seen().get().rollout().spec().strategy()
                        instanceof Strategy.Canary canary)) {
            return Optional.empty();
        }
        RolloutStatus was = w.seen().get().rollout().status();
        RolloutStatus is = w.decision().next();
        int count = canary.steps().size();
        int from = was.currentStepIndex().orElse(count);
        boolean isAnother =
                !was.currentPodHash().equals(is.currentPodHash())
                        || !was.currentStepHash().equals(is.currentStepHash());
        boolean isShortCut =
                was.promoteFull()
                        || is.stableRS().equals(is.currentPodHash())
                        || w.cluster().scenario().has(Option.ROLLBACK_WINDOW);
        boolean isPassed =
                from < count
                        && canary.steps().get(from) instanceof Step.Experiment
                        && is.currentStepIndex().orElse(count) > from;
        if (!isPassed || isAnother || isShortCut) {
            return Optional.empty();
        }
        String name = was.currentExperiment();
        if (name.isEmpty()) {
            return Optional.of("step " + from + " passes without an Experiment");
        }
        return Optional.ofNullable(w.cluster().experiments().get(name))
                .filter(
                        e ->
                                !isOfAttempt(e, was)
                                        || !e.parsed().status().phase().equals("Successful"))
                .map(
                        e ->
                                "step %d passes while %s is '%s', of %s"
                                        .formatted(
                                                from,
                                                name,
                                                e.parsed().status().phase(),
                                                e.parsed().meta().labels()));
    }

    /// Each says for which attempt it was made.
    private static boolean isOfAttempt(StoredExperiment experiment, RolloutStatus status) {
        String attempt = status.release().map(r -> Long.toString(r.attempt())).orElse("");
        return experiment
                .parsed()
                .meta()
                .labels()
                .getOrDefault(Names.MEASUREMENT, "")
                .startsWith(attempt + ".");
    }

    static Optional<String> d9(RolloutWrite w) {
        if (!(w.op() instanceof RolloutWorker.Op.Do(Command.DeleteExperiment delete))) {
            return Optional.empty();
        }
        for (Owned<ReplicaSetView> set : w.cluster().experimentSets().values()) {
            boolean isOf = set.owner().equals(delete.uid());
            Set<String> through = reach(w.cluster(), set.object().hash());
            if (isOf && (set.object().replicas() > 0 || !through.isEmpty())) {
                return Optional.of(
                        "%s has %d pods, reached through %s"
                                .formatted(set.object().name(), set.object().replicas(), through));
            }
        }
        return Optional.empty();
    }
}
