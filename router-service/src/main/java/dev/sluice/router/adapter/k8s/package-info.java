/// The cluster: fresh reads and conditional writes, and the informers that say where to look.
@NullMarked
package dev.sluice.router.adapter.k8s;

import org.jspecify.annotations.NullMarked;
