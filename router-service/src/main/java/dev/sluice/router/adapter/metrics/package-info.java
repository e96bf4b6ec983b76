/// Names of all metrics of this service.
@NullMarked
package dev.sluice.router.adapter.metrics;

import org.jspecify.annotations.NullMarked;
