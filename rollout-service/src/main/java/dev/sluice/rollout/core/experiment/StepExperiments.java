package dev.sluice.rollout.core.experiment;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sluice.rollout.core.Capacity;
import dev.sluice.rollout.core.Command;
import dev.sluice.rollout.core.Names;
import dev.sluice.rollout.core.Notice;
import dev.sluice.rollout.core.Observation.ExperimentView;
import dev.sluice.rollout.core.Observation.ReplicaSetView;
import dev.sluice.rollout.core.Pass;
import dev.sluice.rollout.core.Reasons;
import dev.sluice.rollout.core.RolloutStatus.Release;
import dev.sluice.rollout.core.Step;
import dev.sluice.rollout.core.TrafficPlan.Destination;
import dev.sluice.rollout.core.analysis.Measurement;
import dev.sluice.rollout.core.experiment.ExperimentStatus.TemplateStatus;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/// The Experiments of a Rollout: the one that the present canary step asks for, and the end of all
/// others.
///
/// The name is in the status before the object is created, so that each attempt at a step has one
/// Experiment, whatever crashes in between (G9). Only an inconclusive one that a person resumed is
/// followed by another.
public final class StepExperiments {
    private static final int MAX_MESSAGE = 1000;

    private final Pass pass;
    private boolean isSuccessful;

    public StepExperiments(Pass pass) {
        this.pass = pass;
    }

    /// Has the Experiment of the step, and draws the consequences of its outcome.
    ///
    /// @param isMoot the release is at no step, or is on its way back
    public void run(Optional<Step> step, int index, boolean isMoot) {
        if (isMoot || !(step.orElse(null) instanceof Step.Experiment(JsonNode wanted))) {
            leave();
            return;
        }
        String name = pass.next.currentExperiment;
        String base = StepManifest.baseName(pass, index);
        Optional<Command> creation = Optional.empty();
        if (name.equals(base) || name.startsWith(base + "-")) {
            creation = follow(name, wanted, index);
        } else if (!isHeld()) {
            creation = begin(wanted, index);
        }
        collect(); // the one of an earlier attempt is told to end first (G9)
        creation.ifPresent(pass::doAfter);
    }

    /// The release is at no experiment: none is current.
    public void leave() {
        pass.next.currentExperiment = "";
        collect();
    }

    /// The step's Experiment was successful.
    public boolean isSuccessful() {
        return isSuccessful;
    }

    private boolean isHeld() {
        return pass.stored.hasPause(Reasons.INCONCLUSIVE)
                || pass.next.hasPause(Reasons.INCONCLUSIVE_EXPERIMENT);
    }

    private Optional<ExperimentView> byName(String name) {
        return pass.seen.experiments().stream().filter(e -> e.name().equals(name)).findFirst();
    }

    private Optional<Command> begin(JsonNode wanted, int index) {
        StepManifest manifest = new StepManifest(pass, wanted);
        switch (manifest.spec()) {
            case StepManifest.Result.Broken(String why) -> {
                pass.waitingFor = Optional.of("ExperimentInvalid");
                pass.unblock = "correct the step: " + why;
                return Optional.empty();
            }
            case StepManifest.Result.Ready(ObjectNode spec) -> {
                Measurement next = next(StepManifest.baseName(pass, index), index, spec);
                String name = next.name(StepManifest.baseName(pass, index), "-");
                next.count(pass.next, kind(index));
                pass.next.currentExperiment = name;
                pass.waitingFor = pass.waitingFor.or(() -> Optional.of("ExperimentRunning"));
                return byName(name).isEmpty()
                        ? Optional.of(creation(manifest, name, next, spec))
                        : Optional.empty();
            }
        }
    }

    private static Command creation(
            StepManifest manifest, String name, Measurement measurement, ObjectNode spec) {
        return new Command.CreateExperiment(
                manifest.object(name, measurement, spec),
                List.of(Notice.normal("ExperimentCreated", "Created Experiment '" + name + "'")));
    }

    /// The step's next Experiment. It follows from how many were recorded, not from what the cache
    /// has heard of: one that is over would count for another attempt (X3). What the original
    /// controller left is passed over, unless it goes on with the very same spec.
    private Measurement next(String base, int index, ObjectNode spec) {
        Measurement next = Measurement.next(pass.next, kind(index));
        while (byName(next.name(base, "-")).map(e -> !isSame(e, spec)).orElse(false)) {
            next = next.following();
        }
        return next;
    }

    private static String kind(int index) {
        return "Experiment-" + index;
    }

    private static boolean isSame(ExperimentView experiment, ObjectNode spec) {
        return experiment.owned()
                && !experiment.deleting()
                && !Verdicts.isCompleted(experiment.phase())
                && !experiment.spec().path("terminate").asBoolean(false)
                && experiment.spec().equals(spec);
    }

    private Optional<Command> follow(String name, JsonNode wanted, int index) {
        Optional<ExperimentView> found = byName(name);
        if (found.isPresent() && found.get().owned() && isOfThisAttempt(found.get())) {
            judge(found.get(), wanted);
            return Optional.empty();
        }
        if (found.isPresent()) {
            pass.next.currentExperiment = "";
            return begin(wanted, index);
        }
        pass.waitingFor = pass.waitingFor.or(() -> Optional.of("ExperimentRunning"));
        StepManifest manifest = new StepManifest(pass, wanted);
        Measurement current = Measurement.current(pass.next, kind(index));
        return manifest.spec() instanceof StepManifest.Result.Ready(ObjectNode spec)
                ? Optional.of(creation(manifest, name, current, spec))
                : Optional.empty();
    }

    /// The name of another may have been taken while the cache had heard neither of it nor of the
    /// revision's number (X3). The original controller says nothing of attempts.
    private boolean isOfThisAttempt(ExperimentView experiment) {
        long attempt = Measurement.attemptOf(experiment.labels());
        return attempt == 0 || attempt == pass.next.release.map(Release::attempt).orElse(attempt);
    }

    private void judge(ExperimentView experiment, JsonNode wanted) {
        switch (experiment.phase()) {
            case Verdicts.SUCCESSFUL -> isSuccessful = true;
            case Verdicts.FAILED, Verdicts.ERROR -> {
                String message = cap(experiment.status().path("message").asText(""));
                pass.next.currentExperiment = "";
                pass.abort(
                        "Experiment analysis phase is error/failed"
                                + (message.isEmpty() ? "" : ": " + message));
            }
            case Verdicts.INCONCLUSIVE -> {
                pass.next.currentExperiment = "";
                pass.next.addPause(Reasons.INCONCLUSIVE_EXPERIMENT, pass.now);
                pass.pauseRequested = true;
            }
            case Verdicts.RUNNING -> {
                pass.destinations = destinations(experiment, wanted);
                pass.waitingFor = pass.waitingFor.or(() -> Optional.of("ExperimentRunning"));
            }
            default -> pass.waitingFor = pass.waitingFor.or(() -> Optional.of("ExperimentRunning"));
        }
    }

    private static String cap(String message) {
        return message.length() <= MAX_MESSAGE ? message : message.substring(0, MAX_MESSAGE) + "…";
    }

    /// The Services of templates that have a weight, a Service, and pods (T2, R7).
    private static List<Destination> destinations(ExperimentView experiment, JsonNode wanted) {
        ExperimentStatus status = ExperimentParser.status(experiment.status());
        List<Destination> found = new ArrayList<>();
        for (JsonNode template : wanted.path("templates")) {
            TemplateStatus is = status.template(template.path("name").asText(""));
            boolean canServe =
                    is.status().equals(Verdicts.RUNNING)
                            && !is.serviceName().isEmpty()
                            && experiment.replicaSets().stream()
                                    .anyMatch(
                                            rs ->
                                                    rs.hash().equals(is.podTemplateHash())
                                                            && !rs.deleting()
                                                            && rs.available() > 0);
            int weight = template.path("weight").asInt(0);
            if (weight > 0 && canServe && !experiment.deleting()) {
                found.add(new Destination(is.serviceName(), is.podTemplateHash(), weight));
            }
        }
        return found;
    }

    /// Ends every Experiment that is not current, and deletes what exceeds the history limits or
    /// belongs to no revision any more.
    private void collect() {
        Set<String> hashes = new HashSet<>();
        pass.sets.owned().stream()
                .filter(rs -> !rs.deleting())
                .forEach(rs -> hashes.add(rs.hash()));
        List<ExperimentView> good = new ArrayList<>();
        List<ExperimentView> bad = new ArrayList<>();
        for (ExperimentView experiment : pass.seen.experiments()) {
            boolean isCurrent = experiment.name().equals(pass.next.currentExperiment);
            if (isCurrent || !experiment.owned() || experiment.deleting()) {
                continue;
            }
            if (!Verdicts.isCompleted(experiment.phase())) {
                terminate(experiment);
            } else if (!hashes.contains(experiment.labels().getOrDefault(Names.HASH, ""))) {
                delete(experiment);
            } else {
                (experiment.phase().equals(Verdicts.SUCCESSFUL) ? good : bad).add(experiment);
            }
        }
        trim(good, pass.spec.successfulRunHistoryLimit());
        trim(bad, pass.spec.unsuccessfulRunHistoryLimit());
    }

    private void terminate(ExperimentView experiment) {
        if (!experiment.spec().path("terminate").asBoolean(false)) {
            pass.doAfter(new Command.TerminateExperiment(experiment.name(), experiment.uid()));
        }
    }

    private void trim(List<ExperimentView> experiments, int limit) {
        experiments.stream()
                .sorted(
                        Comparator.comparing(ExperimentView::creation)
                                .reversed()
                                .thenComparing(ExperimentView::name))
                .skip(Math.max(0, limit))
                .forEach(this::delete);
    }

    /// Never one whose pods are still there: a route may lead to them, and its delay may not be
    /// over (D2, D9). A cache may know the Experiment and not its ReplicaSets; so its own word is
    /// needed as well.
    private void delete(ExperimentView experiment) {
        boolean isEmpty =
                experiment.replicaSets().stream()
                        .allMatch(rs -> isGone(rs) && !Capacity.isReachable(pass, rs.hash()));
        boolean isSaidToBe = true;
        for (JsonNode template : experiment.status().path("templateStatuses")) {
            isSaidToBe &= template.path("replicas").asInt(0) == 0;
        }
        if (isEmpty && isSaidToBe) {
            pass.doAfter(new Command.DeleteExperiment(experiment.name(), experiment.uid()));
        }
    }

    private static boolean isGone(ReplicaSetView rs) {
        return rs.replicas() == 0 && rs.created() == 0;
    }
}
