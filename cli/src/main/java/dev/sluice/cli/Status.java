package dev.sluice.cli;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

@Command(
        name = "status",
        description = {
            "Shows what runs, where, and whether it is healthy.",
            "Exit code 0: all healthy; 1: something is not; 3: the stack is not running."
        },
        mixinStandardHelpOptions = true)
final class Status implements Callable<Integer> {
    private static final int NOT_RUNNING = 3;

    @Mixin private NameOption name = new NameOption();

    @Override
    public Integer call() {
        var state = StackState.running(name.value());
        if (state.isEmpty()) {
            System.out.printf(
                    "the stack '%s' is not running (./sluice up starts it)%n", name.value());
            return NOT_RUNNING;
        }
        var rows = new ArrayList<List<String>>();
        rows.add(List.of("PART", "PID", "ADDRESS", "HEALTHY"));
        boolean isAllHealthy = true;
        try (var http = HttpClient.newBuilder().connectTimeout(Duration.ofSeconds(2)).build()) {
            for (var part : state.get().parts()) {
                boolean isHealthy = isHealthy(http, part);
                isAllHealthy &= isHealthy;
                rows.add(
                        List.of(
                                part.name(),
                                part.pid() == 0 ? "-" : Long.toString(part.pid()),
                                part.address().isEmpty() ? "-" : part.address(),
                                isHealthy ? "yes" : "no"));
            }
        }
        System.out.print(Table.format(rows));
        System.out.printf(
                "%nkubeconfig: %s%nlogs: %s%n", state.get().kubeconfig(), state.get().folder());
        return isAllHealthy ? 0 : 1;
    }

    private static boolean isHealthy(HttpClient http, StackState.RunningPart part) {
        boolean isAlive =
                part.pid() == 0
                        || ProcessHandle.of(part.pid()).filter(ProcessHandle::isAlive).isPresent();
        return isAlive && (part.health().isEmpty() || answers(http, part.health()));
    }

    private static boolean answers(HttpClient http, String url) {
        var request =
                HttpRequest.newBuilder(URI.create(url)).timeout(Duration.ofSeconds(5)).build();
        try {
            return http.send(request, HttpResponse.BodyHandlers.discarding()).statusCode() == 200;
        } catch (IOException e) {
            return false;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }
}
