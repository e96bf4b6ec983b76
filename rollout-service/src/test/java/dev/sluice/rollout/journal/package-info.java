/// Tests of the release journal.
@NullMarked
package dev.sluice.rollout.journal;

import org.jspecify.annotations.NullMarked;
