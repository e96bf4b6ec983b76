/// AnalysisRuns of a Rollout: templates, arguments, lifecycle of the four slots.
@NullMarked
package dev.sluice.rollout.core.analysis;

import org.jspecify.annotations.NullMarked;
