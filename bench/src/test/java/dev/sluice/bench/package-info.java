/// Tests of what the benchmarks compute.
@NullMarked
package dev.sluice.bench;

import org.jspecify.annotations.NullMarked;
