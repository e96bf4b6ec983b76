/// Metric providers: Prometheus, web and Job. Everything that leaves the process goes through
/// `Fetcher` and its egress policy.
@NullMarked
package dev.sluice.analysis.adapter.provider;

import org.jspecify.annotations.NullMarked;
