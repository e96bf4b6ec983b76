/// Observe, decide, execute: the main path of a run, and the ports that it needs. Start at
/// `RunReconciler`.
@NullMarked
package dev.sluice.analysis.app;

import org.jspecify.annotations.NullMarked;
