/// The invariants, each under its number, checked on every write and in every second.
@NullMarked
package dev.sluice.explorer.check;

import org.jspecify.annotations.NullMarked;
