package dev.sluice.rollout.core.experiment;

import dev.sluice.rollout.core.Conditions;
import dev.sluice.rollout.core.Names;
import dev.sluice.rollout.core.Notice;
import dev.sluice.rollout.core.Observation.ReplicaSetView;
import dev.sluice.rollout.core.experiment.ExperimentStatus.RunStatus;
import dev.sluice.rollout.core.experiment.ExperimentStatus.TemplateStatus;
import dev.sluice.rollout.core.status.Times;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Decides what an Experiment does next. Pure, total and deterministic: the same observation gives
/// the same decision.
///
/// Pods and Services of a template stay, whatever the Experiment's end, until the routing of the
/// Rollout that it belongs to is proven to lead nowhere near them (D2, R7).
public final class ExperimentDecider {
    private static final String AVAILABLE = "NewReplicaSetAvailable";
    private static final String UPDATED = "ReplicaSetUpdated";
    private static final String COMPLETED = "ExperimentCompleted";

    private ExperimentDecider() {}

    public static ExperimentDecision decide(ExperimentObservation seen, Instant now) {
        ExperimentPass pass = new ExperimentPass(seen, now);
        if (seen.experiment().meta().deleting()) {
            return pass.decision();
        }
        Optional<String> error =
                ExperimentRules.firstError(
                        seen.experiment().meta().name(), seen.experiment().json().path("spec"));
        if (error.isPresent()) {
            pass.setCondition(
                    Conditions.INVALID_SPEC, Conditions.TRUE, Conditions.INVALID_SPEC, error.get());
            return pass.decision();
        }
        pass.removeCondition(Conditions.INVALID_SPEC);
        pass.spec.templates().forEach(t -> new TemplateWork(pass, t).run());
        retireLeftovers(pass);
        pass.spec.analyses().forEach(a -> new AnalysisWork(pass, a).run());
        assess(pass);
        progress(pass);
        pass.end().filter(end -> !now.isAfter(end)).ifPresent(e -> pass.wakeAt(e.plusMillis(1)));
        return pass.decision();
    }

    /// ReplicaSets of templates that an edit removed.
    private static void retireLeftovers(ExperimentPass pass) {
        List<String> names =
                pass.spec.templates().stream().map(ExperimentSpec.Template::name).toList();
        for (ReplicaSetView rs : pass.seen.replicaSets()) {
            String template = rs.annotation(ExperimentNames.TEMPLATE).orElse("");
            boolean isLeft = !names.contains(template) && rs.replicas() > 0 && !rs.deleting();
            if (isLeft && !pass.isReached(rs, pass.stored.template(template).serviceName())) {
                pass.command(
                        new ExperimentCommand.ScaleReplicaSet(
                                template,
                                rs.name(),
                                rs.uid(),
                                rs.resourceVersion(),
                                0,
                                Map.of(Names.SCALE_DOWN_DEADLINE, Optional.empty()),
                                List.of()));
            }
        }
    }

    private record Verdict(String phase, String message) {}

    private static void assess(ExperimentPass pass) {
        if (pass.stored.phase().isEmpty()) {
            enter(pass, new Verdict(Verdicts.PENDING, ""));
            return;
        }
        if (pass.stored.isCompleted()) {
            return;
        }
        Verdict templates = templates(pass);
        if (templates.phase().equals(Verdicts.RUNNING) && pass.availableAt.isEmpty()) {
            pass.availableAt = Optional.of(Times.seconds(pass.now));
        }
        Verdict analyses = analyses(pass);
        boolean areAnalysesOver = Verdicts.isCompleted(analyses.phase());
        if (Verdicts.isCompleted(templates.phase())) {
            boolean isUpToAnalyses =
                    templates.phase().equals(Verdicts.SUCCESSFUL)
                            && (areAnalysesOver || pass.spec.hasRequired());
            enter(pass, isUpToAnalyses ? analyses : templates);
        } else if (Verdicts.isBad(analyses.phase())
                || ExperimentPass.areRequiredSuccessful(pass.spec, runs(pass))) {
            enter(pass, analyses);
        } else {
            enter(pass, templates);
        }
    }

    private static List<RunStatus> runs(ExperimentPass pass) {
        return List.copyOf(pass.runs.values());
    }

    private static Verdict templates(ExperimentPass pass) {
        List<String> order = List.of("Successful", "Running", "Progressing", "Error", "Failed");
        TemplateStatus worst = pass.templates.values().iterator().next();
        for (TemplateStatus status : pass.templates.values()) {
            if (order.indexOf(status.status()) > order.indexOf(worst.status())) {
                worst = status;
            }
        }
        String phase = worst.status().equals("Progressing") ? Verdicts.PENDING : worst.status();
        return new Verdict(phase, worst.message());
    }

    /// The worst run. Once everything that is required was successful, runs that are not over do
    /// not matter any more.
    private static Verdict analyses(ExperimentPass pass) {
        boolean isEnough = ExperimentPass.areRequiredSuccessful(pass.spec, runs(pass));
        Verdict worst = new Verdict(Verdicts.SUCCESSFUL, "");
        for (ExperimentSpec.Analysis analysis : pass.spec.analyses()) {
            RunStatus run = pass.runs.get(analysis.name());
            if (run == null) {
                if (!isEnough && !pass.isTerminating) {
                    worst = worse(worst, new Verdict(Verdicts.RUNNING, ""));
                }
            } else if (!isEnough || run.isCompleted()) {
                String phase =
                        run.phase().equals(Verdicts.PENDING) ? Verdicts.RUNNING : run.phase();
                worst = worse(worst, new Verdict(phase, run.message()));
            }
        }
        return isEnough && worst.phase().equals(Verdicts.SUCCESSFUL)
                ? new Verdict(Verdicts.SUCCESSFUL, "Required AnalysisRuns completed")
                : worst;
    }

    private static Verdict worse(Verdict a, Verdict b) {
        return Verdicts.isWorse(b.phase(), a.phase()) ? b : a;
    }

    private static void enter(ExperimentPass pass, Verdict verdict) {
        pass.message = verdict.message();
        if (verdict.phase().equals(pass.phase)) {
            return;
        }
        String text = "Experiment transitioned from " + pass.phase + " -> " + verdict.phase();
        String reason = ExperimentNames.KIND + verdict.phase();
        pass.notices.add(
                Verdicts.isBad(verdict.phase())
                        ? Notice.warning(reason, text)
                        : Notice.normal(reason, text));
        pass.phase = verdict.phase();
    }

    /// The condition that `kubectl wait` and people look at; one of a failed Experiment stays as it
    /// was.
    private static void progress(ExperimentPass pass) {
        String name = "Experiment \"" + pass.experiment.meta().name() + "\"";
        boolean hasMoved =
                pass.templates.values().stream()
                        .anyMatch(t -> t.hasMoved(pass.stored.template(t.name())));
        if (pass.phase.equals(Verdicts.SUCCESSFUL)) {
            pass.setCondition(
                    Conditions.PROGRESSING,
                    Conditions.FALSE,
                    COMPLETED,
                    name + " has successfully ran and completed.");
        } else if (Verdicts.isCompleted(pass.phase)) {
            return;
        } else if (hasMoved) {
            pass.setCondition(
                    Conditions.PROGRESSING, Conditions.TRUE, UPDATED, name + " is progressing.");
        } else if (pass.availableAt.isPresent() && !pass.isDurationOver()) {
            pass.setCondition(
                    Conditions.PROGRESSING, Conditions.TRUE, AVAILABLE, name + " is running.");
        }
    }
}
