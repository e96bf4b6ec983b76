/// Tests of the explorer, and its bounded runs.
@NullMarked
package dev.sluice.explorer;

import org.jspecify.annotations.NullMarked;
