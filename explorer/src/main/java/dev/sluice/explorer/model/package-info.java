/// The model cluster: objects with versions and conditional writes, pods that come and go, the
/// controllers of Kubernetes that follow late, and proxies that apply what was written later.
@NullMarked
package dev.sluice.explorer.model;

import org.jspecify.annotations.NullMarked;
