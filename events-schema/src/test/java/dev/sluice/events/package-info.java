/// Tests of the events.
@NullMarked
package dev.sluice.events;

import org.jspecify.annotations.NullMarked;
