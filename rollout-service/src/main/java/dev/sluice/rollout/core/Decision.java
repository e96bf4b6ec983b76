package dev.sluice.rollout.core;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/// What to do, in this order: every command of `before` in turn, the status patch (conditional
/// on the observed resourceVersion of the Rollout), the `notices`, every command of `after`.
///
/// A command or patch that is refused by a conflict ends the pass; the next look decides again.
/// What raises capacity or stamps it stands in `before`, so that a plan is never written ahead
/// of the capacity that it leans on. What removes pods is decided from the *stored* status
/// only, so it never depends on a write of the same pass.
///
/// An [Command.AnnotateRollout], [Command.UnannotateRollout] or [Command.DefaultReplicas] changes
/// the Rollout's version: a
/// status patch after it is conditional on the version that this write gave.
///
/// @param next the status as it is after `statusPatch`
/// @param statusPatch a JSON merge patch `{"status":{…}}`, absent when nothing changed
public record Decision(
        RolloutStatus next,
        Optional<ObjectNode> statusPatch,
        List<Command> before,
        List<Command> after,
        List<Notice> notices,
        Optional<Instant> wakeAt) {

    public Decision {
        before = List.copyOf(before);
        after = List.copyOf(after);
        notices = List.copyOf(notices);
    }

    public boolean isQuiet() {
        return statusPatch.isEmpty() && before.isEmpty() && after.isEmpty();
    }
}
