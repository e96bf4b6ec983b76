/// Names of the service's own metrics, in one file.
@NullMarked
package dev.sluice.analysis.adapter.metrics;

import org.jspecify.annotations.NullMarked;
