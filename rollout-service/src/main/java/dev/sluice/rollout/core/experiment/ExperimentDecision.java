package dev.sluice.rollout.core.experiment;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sluice.rollout.core.Notice;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/// What to do, in this order: every command in turn, the status patch, the notices.
///
/// A conflict ends the pass, the next look decides again. A command that the API server refuses is
/// told to the decider, which then decides with that knowledge.
///
/// @param next the status as it is after `statusPatch`
/// @param statusPatch a JSON merge patch `{"status":{…}}` of the object itself (there is no status
/// subresource), absent when nothing changed
/// @param ownerNotices Kubernetes Events on the Rollout that the Experiment belongs to
public record ExperimentDecision(
        ExperimentStatus next,
        Optional<ObjectNode> statusPatch,
        List<ExperimentCommand> commands,
        List<Notice> notices,
        List<Notice> ownerNotices,
        Optional<Instant> wakeAt) {

    public ExperimentDecision {
        commands = List.copyOf(commands);
        notices = List.copyOf(notices);
        ownerNotices = List.copyOf(ownerNotices);
    }

    public boolean isQuiet() {
        return statusPatch.isEmpty() && commands.isEmpty();
    }
}
