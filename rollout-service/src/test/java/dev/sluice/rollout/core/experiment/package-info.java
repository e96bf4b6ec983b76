/// Tests of the decisions about Experiments.
@NullMarked
package dev.sluice.rollout.core.experiment;

import org.jspecify.annotations.NullMarked;
