package dev.sluice.k8s;

import dev.sluice.testkit.LocalStack;
import dev.sluice.testkit.Tool;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/// Runs the real kubectl against the stack, because that is what people will do with the files.
record Kubectl(Path program, Path kubeconfig) {

    static Kubectl of(LocalStack stack) {
        return new Kubectl(stack.binaries().path(Tool.KUBECTL), stack.controlPlane().kubeconfig());
    }

    /// @param output standard output and standard error
    record Result(int exitCode, String output) {}

    Result run(String... arguments) {
        var command = new ArrayList<String>();
        command.add(program.toString());
        command.add("--kubeconfig=" + kubeconfig);
        command.addAll(List.of(arguments));
        try {
            var output = Files.createTempFile("kubectl", ".txt");
            try {
                var process =
                        new ProcessBuilder(command)
                                .redirectErrorStream(true)
                                .redirectOutput(output.toFile())
                                .start();
                int exitCode = process.waitFor();
                return new Result(exitCode, Files.readString(output, StandardCharsets.UTF_8));
            } finally {
                Files.delete(output);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }
}
