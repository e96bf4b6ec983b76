package dev.sluice.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;

class MainTest {
    @ParameterizedTest
    @ValueSource(strings = {"up", "down", "status"})
    void everyCommandExplainsItself(String command) {
        // Given
        var output = new StringWriter();
        var line = Main.commandLine().setOut(new PrintWriter(output));

        // When
        int code = line.execute(command, "--help");

        // Then
        assertThat(code).isZero();
        assertThat(output.toString()).contains("Usage: sluice " + command, "--name");
    }

    @Test
    void unknownOptionsAreRefusedWithTheUsage() {
        // Given
        var error = new StringWriter();
        var line = Main.commandLine().setErr(new PrintWriter(error));

        // When
        int code = line.execute("up", "--replica", "2");

        // Then
        assertThat(code).isEqualTo(CommandLine.ExitCode.USAGE);
        assertThat(error.toString()).contains("--replica", "--replicas");
    }

    @Test
    void failuresAreToldWithoutAStackTrace() {
        // Given
        var error = new StringWriter();
        var line = Main.commandLine().setErr(new PrintWriter(error, true));

        // When
        int code = line.execute("up", "--name", "cli-test", "--kubeconfig", "/no/such/file");

        // Then
        assertThat(code).isEqualTo(1);
        assertThat(error.toString().lines().toList())
                .isEqualTo(List.of("error: no readable kubeconfig at /no/such/file"));
    }
}
