/// analysis-service: measures and judges. An AnalysisRun is the request, its status the answer, and
/// the event `AnalysisResult` how the answer travels.
///
/// Reading path: `core.AnalysisDecider` (what to do), `app.RunReconciler` (doing it),
/// `core.Conditions` and `core.expr.Expression` (judging), `adapter.provider` (measuring),
/// `adapter.k8s` (cluster).
@NullMarked
package dev.sluice.analysis;

import org.jspecify.annotations.NullMarked;
