/// Micrometer names of sync-service, all in one place.
@NullMarked
package dev.sluice.sync.adapter.metrics;

import org.jspecify.annotations.NullMarked;
