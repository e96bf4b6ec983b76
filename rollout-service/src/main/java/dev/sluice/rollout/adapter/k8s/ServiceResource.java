package dev.sluice.rollout.adapter.k8s;

import io.fabric8.kubernetes.api.model.Namespaced;
import io.fabric8.kubernetes.model.annotation.Group;
import io.fabric8.kubernetes.model.annotation.Kind;
import io.fabric8.kubernetes.model.annotation.Version;

/// A Service: its selector says which revision it routes to, an annotation carries routing
/// evidence.
@Group("")
@Version("v1")
@Kind("Service")
public final class ServiceResource extends Cached implements Namespaced {}
