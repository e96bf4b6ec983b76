package dev.sluice.rollout.adapter.k8s;

import io.fabric8.kubernetes.api.model.Namespaced;
import io.fabric8.kubernetes.model.annotation.Group;
import io.fabric8.kubernetes.model.annotation.Kind;
import io.fabric8.kubernetes.model.annotation.Version;

/// An AnalysisRun: of interest here is who owns it, its labels and its phase.
@Group("argoproj.io")
@Version("v1alpha1")
@Kind("AnalysisRun")
public final class AnalysisRunResource extends Cached implements Namespaced {}
