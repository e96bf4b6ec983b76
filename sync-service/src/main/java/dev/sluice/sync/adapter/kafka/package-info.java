/// Facts of other services, taken as hints to look at the cluster.
@NullMarked
package dev.sluice.sync.adapter.kafka;

import org.jspecify.annotations.NullMarked;
