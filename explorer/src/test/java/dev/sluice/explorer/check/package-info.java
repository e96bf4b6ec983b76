/// Tests of rules that no left-out rule of the drive breaks.
@NullMarked
package dev.sluice.explorer.check;

import org.jspecify.annotations.NullMarked;
