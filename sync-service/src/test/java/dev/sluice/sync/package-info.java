/// Tests of the service as a whole.
@NullMarked
package dev.sluice.sync;

import org.jspecify.annotations.NullMarked;
