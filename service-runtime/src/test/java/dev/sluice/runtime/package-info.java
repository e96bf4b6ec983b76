/// Tests of the runtime on a real broker and a real database.
@NullMarked
package dev.sluice.runtime;

import org.jspecify.annotations.NullMarked;
