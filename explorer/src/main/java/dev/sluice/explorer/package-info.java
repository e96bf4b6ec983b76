/// Explores what rollout-service and router-service do together, on a model of a cluster in which
/// everything may come late, twice, in another order or not at all.
///
/// The decision cores are the real ones; the cluster, the watch caches, the proxies, people and
/// time
/// are models. Every choice comes from one schedule, so that whatever is found can be seen again
/// and
/// made short.
@NullMarked
package dev.sluice.explorer;

import org.jspecify.annotations.NullMarked;
