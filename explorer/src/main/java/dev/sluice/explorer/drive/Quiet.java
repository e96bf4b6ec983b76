package dev.sluice.explorer.drive;

import dev.sluice.events.Event;
import dev.sluice.router.app.ShiftMeters;
import dev.sluice.router.core.Move;
import dev.sluice.runtime.Outbox;
import java.time.Duration;
import java.util.List;

/// Facts and figures go nowhere: a lost event is the worst case already.
final class Quiet {
    static final Outbox OUTBOX =
            new Outbox() {
                @Override
                public void ensure(List<Event> facts) {
                    // lost
                }

                @Override
                public boolean accepting() {
                    return true;
                }
            };

    static final ShiftMeters METERS =
            new ShiftMeters() {
                @Override
                public void carriedOut(Duration sinceWritten) {
                    // not measured
                }

                @Override
                public void blocked(Move.Reason reason) {
                    // not measured
                }

                @Override
                public void wrote(String kind) {
                    // not measured
                }

                @Override
                public void repaired() {
                    // not measured
                }
            };

    private Quiet() {}
}
