/// `./sluice demo`: the whole release loop on real parts, told live in the terminal. Only the
/// workload's traffic is simulated, and says so. Start with [dev.sluice.cli.demo.Demo].
@NullMarked
package dev.sluice.cli.demo;

import org.jspecify.annotations.NullMarked;
