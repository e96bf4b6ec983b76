package dev.sluice.explorer.check;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// Whether somebody comes to rest: what one replica wrote in a row while nothing that it knows
/// changed except by itself.
public final class Calm {
    /// More writes on the same ground than any state needs to settle.
    private static final int MOST_WRITES = 8;

    private final List<String> phases = new ArrayList<>();

    public Calm() {}

    public Calm(Calm other) {
        phases.addAll(other.phases);
    }

    /// Somebody or something else was heard of.
    public void disturb() {
        phases.clear();
    }

    /// A status was written.
    ///
    /// @param is the phase that it says
    public Optional<Violation> wrote(String is) {
        boolean flaps = phases.contains(is) && !phases.getLast().equals(is);
        phases.add(is);
        if (flaps) {
            return Optional.of(new Violation("C9", "the phase flaps by itself: " + phases));
        }
        return phases.size() > MOST_WRITES
                ? Optional.of(new Violation("C8", "writes without end, and nothing new: " + phases))
                : Optional.empty();
    }
}
