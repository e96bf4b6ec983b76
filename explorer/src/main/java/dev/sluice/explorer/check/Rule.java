package dev.sluice.explorer.check;

import java.util.Optional;

/// One invariant as far as a kind of write can break it.
///
/// @param <W> the kind of write
/// @param number its number
/// @param sentence what must hold, in few words
record Rule<W>(String number, String sentence, Check<W> check) {

    /// Says how it is broken, if it is.
    @FunctionalInterface
    interface Check<W> {
        Optional<String> broken(W write);
    }
}
