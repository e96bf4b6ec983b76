package dev.sluice.rollout.adapter.k8s;

import io.fabric8.kubernetes.api.model.Namespaced;
import io.fabric8.kubernetes.model.annotation.Group;
import io.fabric8.kubernetes.model.annotation.Kind;
import io.fabric8.kubernetes.model.annotation.Version;

/// An Experiment. Its status is part of the object, there is no subresource.
@Group("argoproj.io")
@Version("v1alpha1")
@Kind("Experiment")
public final class ExperimentResource extends Cached implements Namespaced {}
