package dev.sluice.rollout.core.experiment;

import dev.sluice.rollout.core.RolloutStatus.Condition;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/// The status of an Experiment, field for field; an absent string is empty.
public record ExperimentStatus(
        String phase,
        String message,
        List<TemplateStatus> templates,
        Optional<Instant> availableAt,
        List<Condition> conditions,
        List<RunStatus> runs) {

    public ExperimentStatus {
        templates = List.copyOf(templates);
        conditions = List.copyOf(conditions);
        runs = List.copyOf(runs);
    }

    /// How one template stands. `status` is one of `Progressing`, `Running`, `Successful`, `Failed`
    /// and `Error`.
    public record TemplateStatus(
            String name,
            int replicas,
            int updatedReplicas,
            int readyReplicas,
            int availableReplicas,
            Optional<Integer> collisionCount,
            String status,
            String message,
            Optional<Instant> lastTransitionTime,
            String serviceName,
            String podTemplateHash) {

        static TemplateStatus unknown(String name) {
            return new TemplateStatus(
                    name, 0, 0, 0, 0, Optional.empty(), "", "", Optional.empty(), "", "");
        }

        boolean isCompleted() {
            return switch (status) {
                case "Successful", "Failed", "Error" -> true;
                default -> false;
            };
        }

        boolean isBad() {
            return status.equals("Failed") || status.equals("Error");
        }

        /// Counts or status differ.
        boolean hasMoved(TemplateStatus before) {
            return replicas != before.replicas
                    || updatedReplicas != before.updatedReplicas
                    || readyReplicas != before.readyReplicas
                    || availableReplicas != before.availableReplicas
                    || !status.equals(before.status);
        }
    }

    /// How one analysis stands.
    ///
    /// @param run name of its AnalysisRun, empty when there is none
    public record RunStatus(String name, String run, String phase, String message) {
        boolean isCompleted() {
            return Verdicts.isCompleted(phase);
        }

        boolean isBad() {
            return Verdicts.isBad(phase);
        }
    }

    public boolean isCompleted() {
        return Verdicts.isCompleted(phase);
    }

    TemplateStatus template(String name) {
        return templates.stream()
                .filter(t -> t.name().equals(name))
                .findFirst()
                .orElseGet(() -> TemplateStatus.unknown(name));
    }

    Optional<RunStatus> run(String analysis) {
        return runs.stream().filter(r -> r.name().equals(analysis)).findFirst();
    }
}
