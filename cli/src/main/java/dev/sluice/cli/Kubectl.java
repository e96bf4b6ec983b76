package dev.sluice.cli;

import dev.sluice.testkit.Binaries;
import dev.sluice.testkit.StackException;
import dev.sluice.testkit.Tool;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import picocli.CommandLine.Command;

@Command(
        name = "kubectl",
        description = {
            "Runs kubectl against the stack (SLUICE_STACK names another one than 'local').",
            "'kubectl argo rollouts …' runs the stock plugin of Argo Rollouts."
        })
final class Kubectl implements Runnable {
    /// Never reached: [Main] passes the words on before they are parsed.
    @Override
    public void run() {
        throw new IllegalStateException("kubectl's words were parsed");
    }

    /// @param words the whole command line, `kubectl` first
    static int pass(String... words) throws IOException, InterruptedException {
        var name = NameOption.standard();
        var state =
                StackState.running(name)
                        .orElseThrow(
                                () ->
                                        new StackException(
                                                "the stack '%s' is not running: start it with './sluice up --detach'"
                                                        .formatted(name)));
        var binaries = Binaries.standard();
        var command = new ArrayList<>(List.of(binaries.path(Tool.KUBECTL).toString()));
        command.addAll(Arrays.asList(words).subList(1, words.length));
        var builder = new ProcessBuilder(command).inheritIO();
        builder.environment().put("KUBECONFIG", state.kubeconfig());
        if (words.length > 1 && words[1].equals("argo")) {
            Path plugin = binaries.folder(Tool.ARGO_ROLLOUTS_PLUGIN);
            builder.environment()
                    .merge("PATH", plugin.toString(), (old, added) -> added + ":" + old);
        }
        return builder.start().waitFor();
    }
}
