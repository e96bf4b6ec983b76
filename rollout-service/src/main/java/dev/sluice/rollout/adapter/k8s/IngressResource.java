package dev.sluice.rollout.adapter.k8s;

import io.fabric8.kubernetes.api.model.Namespaced;
import io.fabric8.kubernetes.model.annotation.Group;
import io.fabric8.kubernetes.model.annotation.Kind;
import io.fabric8.kubernetes.model.annotation.Version;

/// An Ingress, looked at only to check that a Rollout may refer to it.
@Group("networking.k8s.io")
@Version("v1")
@Kind("Ingress")
public final class IngressResource extends Cached implements Namespaced {}
