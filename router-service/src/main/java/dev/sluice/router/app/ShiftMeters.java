package dev.sluice.router.app;

import dev.sluice.router.core.Move;
import java.time.Duration;

/// What is measured.
public interface ShiftMeters {

    /// A plan was carried out, so long after it was written.
    void carriedOut(Duration sinceWritten);

    /// A plan could not be carried out completely now.
    void blocked(Move.Reason reason);

    /// One write of routing.
    void wrote(String kind);

    /// A foreign change was repaired.
    void repaired();
}
