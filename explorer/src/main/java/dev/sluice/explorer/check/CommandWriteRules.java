package dev.sluice.explorer.check;

import dev.sluice.events.RolloutCommand.CommandTarget;
import dev.sluice.explorer.model.Cluster;
import dev.sluice.rollout.core.RolloutStatus;
import dev.sluice.rollout.core.RolloutStatus.Release;
import java.util.List;
import java.util.Optional;

/// What a command that is carried out may do.
final class CommandWriteRules {
    static final List<Rule<CommandWrite>> ALL =
            List.of(
                    new Rule<>(
                            "P3",
                            "a command does what its sender saw, once",
                            CommandWriteRules::p3));

    private CommandWriteRules() {}

    static Optional<String> p3(CommandWrite w) {
        CommandTarget target = w.command().target();
        RolloutStatus met = w.before().status();
        long attempt = met.release().map(Release::attempt).orElse(0L);
        boolean isOther =
                !target.workload().uid().equals(Cluster.UID) || target.attempt() != attempt;
        if (isOther) {
            return Optional.of(w.command() + " meets attempt " + attempt);
        }
        if (target.stepIndex().isEmpty()) {
            return Optional.empty();
        }
        if (!target.stepIndex().equals(met.currentStepIndex())) {
            return Optional.of(w.command() + " meets step " + met.currentStepIndex());
        }
        int step = w.cluster().rollout().status().currentStepIndex().orElse(0);
        return step > target.stepIndex().get() + 1
                ? Optional.of(w.command() + " leads to step " + step)
                : Optional.empty();
    }
}
