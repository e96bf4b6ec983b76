package dev.sluice.bench;

import picocli.CommandLine.Command;

/// `./sluice bench`.
@Command(
        name = "bench",
        mixinStandardHelpOptions = true,
        subcommands = {
            FleetCommand.class,
            IdleCommand.class,
            RestartCommand.class,
            ShiftCommand.class,
            SoakCommand.class
        },
        description =
                "Measures; see the subcommands. Other load on the machine shows in the figures.")
public final class BenchCommand {}
