package dev.sluice.rollout.adapter.k8s;

import io.fabric8.kubernetes.api.model.Namespaced;
import io.fabric8.kubernetes.model.annotation.Group;
import io.fabric8.kubernetes.model.annotation.Kind;
import io.fabric8.kubernetes.model.annotation.Version;

/// A ReplicaSet with its spec as plain JSON, for the same reasons as [RolloutResource].
@Group("apps")
@Version("v1")
@Kind("ReplicaSet")
public final class ReplicaSetResource extends Cached implements Namespaced {}
