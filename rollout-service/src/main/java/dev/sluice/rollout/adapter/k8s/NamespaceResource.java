package dev.sluice.rollout.adapter.k8s;

import io.fabric8.kubernetes.model.annotation.Group;
import io.fabric8.kubernetes.model.annotation.Kind;
import io.fabric8.kubernetes.model.annotation.Version;

/// A Namespace: its annotations may freeze releases.
@Group("")
@Version("v1")
@Kind("Namespace")
public final class NamespaceResource extends Cached {}
