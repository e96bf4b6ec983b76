/// The benchmarks behind `./sluice bench`. They print ratios and percentiles and never pass or
/// fail on a time; figures worth keeping go to `docs/performance.md`.
@NullMarked
package dev.sluice.bench;

import org.jspecify.annotations.NullMarked;
