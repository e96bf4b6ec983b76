/// Tests of the Git adapter.
@NullMarked
package dev.sluice.sync.adapter.git;

import org.jspecify.annotations.NullMarked;
