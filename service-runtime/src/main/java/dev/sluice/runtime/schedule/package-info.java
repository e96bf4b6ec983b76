/// Schedules in cron's notation. Pure, so that decision cores may use it.
@NullMarked
package dev.sluice.runtime.schedule;

import org.jspecify.annotations.NullMarked;
