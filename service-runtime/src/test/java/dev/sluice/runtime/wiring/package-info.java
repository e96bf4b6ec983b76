/// Tests of what happens at start.
@NullMarked
package dev.sluice.runtime.wiring;

import org.jspecify.annotations.NullMarked;
