/// What makes a Rollout invalid, in the order in which users are told.
@NullMarked
package dev.sluice.rollout.core.validation;

import org.jspecify.annotations.NullMarked;
