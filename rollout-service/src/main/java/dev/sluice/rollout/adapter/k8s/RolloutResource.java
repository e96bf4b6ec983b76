package dev.sluice.rollout.adapter.k8s;

import io.fabric8.kubernetes.api.model.Namespaced;
import io.fabric8.kubernetes.model.annotation.Group;
import io.fabric8.kubernetes.model.annotation.Kind;
import io.fabric8.kubernetes.model.annotation.Version;

/// A Rollout with its spec and status as plain JSON: pod templates must survive untouched, and one
/// object with an unparsable value must not break the list of all the others.
@Group("argoproj.io")
@Version("v1alpha1")
@Kind("Rollout")
public final class RolloutResource extends Cached implements Namespaced {}
