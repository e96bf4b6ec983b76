/// Experiments: some pod templates run beside each other for a while, with Services, analyses and
/// an end. Start with [dev.sluice.rollout.core.experiment.ExperimentDecider]; what a canary step
/// has to do with them is in [dev.sluice.rollout.core.experiment.StepExperiments].
@NullMarked
package dev.sluice.rollout.core.experiment;

import org.jspecify.annotations.NullMarked;
