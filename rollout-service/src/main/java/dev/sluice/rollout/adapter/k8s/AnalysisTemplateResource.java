package dev.sluice.rollout.adapter.k8s;

import io.fabric8.kubernetes.api.model.Namespaced;
import io.fabric8.kubernetes.model.annotation.Group;
import io.fabric8.kubernetes.model.annotation.Kind;
import io.fabric8.kubernetes.model.annotation.Version;

/// An AnalysisTemplate, the source of an AnalysisRun's metrics.
@Group("argoproj.io")
@Version("v1alpha1")
@Kind("AnalysisTemplate")
public final class AnalysisTemplateResource extends Cached implements Namespaced {}
