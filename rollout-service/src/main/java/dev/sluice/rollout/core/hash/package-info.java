/// Pod template hash and the typed serialisation that it is taken over.
@NullMarked
package dev.sluice.rollout.core.hash;

import org.jspecify.annotations.NullMarked;
