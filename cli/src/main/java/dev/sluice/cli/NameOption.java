package dev.sluice.cli;

import java.util.Optional;
import picocli.CommandLine.Option;

/// Which stack a command is about.
final class NameOption {
    @Option(
            names = "--name",
            paramLabel = "NAME",
            description =
                    "Name of the stack, for several at once; default: $SLUICE_STACK, or 'local'.")
    private Optional<String> name = Optional.empty();

    String value() {
        return name.orElseGet(NameOption::standard);
    }

    static String standard() {
        var configured = System.getenv("SLUICE_STACK");
        return configured == null || configured.isBlank() ? "local" : configured;
    }
}
