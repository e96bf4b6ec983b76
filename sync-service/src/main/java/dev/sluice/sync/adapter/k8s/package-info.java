/// The Kubernetes API: Applications, projects, managed objects, watches.
@NullMarked
package dev.sluice.sync.adapter.k8s;

import org.jspecify.annotations.NullMarked;
