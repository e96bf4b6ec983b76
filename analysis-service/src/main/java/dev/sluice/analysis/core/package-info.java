/// Judging, pure: what an AnalysisRun means, what to measure now, and what the measurements amount
/// to. Start at `AnalysisDecider`. Opaque JSON (job specs, provider settings) is carried as Jackson
/// trees and never interpreted here beyond what validation needs.
@NullMarked
package dev.sluice.analysis.core;

import org.jspecify.annotations.NullMarked;
