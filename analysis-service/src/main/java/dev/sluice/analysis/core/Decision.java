package dev.sluice.analysis.core;

import java.time.Instant;
import java.util.List;
import java.util.Optional;

/// What to do about a run: the status that it should have, what to measure before anything is
/// written, when to look again, what to tell users, and whether its time to live is over.
public record Decision(
        RunStatus status,
        List<Task> tasks,
        Optional<Instant> wakeAt,
        List<Notice> notices,
        boolean expired) {

    /// A Kubernetes event on the run.
    public record Notice(boolean warning, String reason, String message) {}

    public Decision {
        tasks = List.copyOf(tasks);
        notices = List.copyOf(notices);
    }
}
