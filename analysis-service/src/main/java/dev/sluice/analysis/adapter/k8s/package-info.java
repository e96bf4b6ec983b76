/// The cluster: AnalysisRuns, Jobs, secret arguments, Kubernetes events.
@NullMarked
package dev.sluice.analysis.adapter.k8s;

import org.jspecify.annotations.NullMarked;
