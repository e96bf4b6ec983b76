/// What is explored: combinations of options, and the outages that this field has seen.
@NullMarked
package dev.sluice.explorer.scenario;

import org.jspecify.annotations.NullMarked;
