/// The local stack: everything that Sluice talks to, as real processes on this machine.
///
/// Start reading at [dev.sluice.testkit.LocalStack]. Tests use it through
/// [dev.sluice.testkit.SluiceStack], the command line through `./sluice up`. Every process runs
/// under a guard ([dev.sluice.testkit.GuardedProcess]) that ends it when this JVM ends, however it
/// ends.
@NullMarked
package dev.sluice.testkit;

import org.jspecify.annotations.NullMarked;
