/// The command line behind `./sluice`: starts and stops stacks and services, shows their state.
///
/// Start reading at [dev.sluice.cli.Main]. A stack that runs is described by a file in the user's
/// cache folder ([dev.sluice.cli.StackState]), which is how one command finds what another started.
@NullMarked
package dev.sluice.cli;

import org.jspecify.annotations.NullMarked;
