/// Tests of the reconcile loop on an in-memory cluster.
@NullMarked
package dev.sluice.rollout.app;

import org.jspecify.annotations.NullMarked;
