package dev.sluice.cli;

import dev.sluice.explorer.Exploration;
import dev.sluice.explorer.drive.Breakage;
import dev.sluice.explorer.scenario.Scenario;
import dev.sluice.explorer.scenario.Scenarios;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/// Looks for a schedule in which an invariant breaks. No stack is needed.
@Command(
        name = "explore",
        description =
                "Drive the real decision cores through random schedules on a model cluster, and"
                        + " check every invariant.",
        footer = {"", "Exit code 1: an invariant broke; the shortest schedule found is printed."},
        mixinStandardHelpOptions = true)
final class Explore implements Callable<Integer> {
    private static final long DEFAULT_STEPS = 1_000_000;

    @Option(names = "--steps", paramLabel = "N", description = "How many steps (${DEFAULT-VALUE}).")
    private long steps = DEFAULT_STEPS;

    @Option(
            names = "--seed",
            paramLabel = "S",
            description = "The same seed makes the same walks (${DEFAULT-VALUE}).")
    private long seed = 1;

    @Option(
            names = "--scenario",
            paramLabel = "NAME",
            description =
                    "Only this one; may be repeated. 'list' shows them; 'space' is every combination"
                            + " of options, 'canary.nginx' and the like a part of it.")
    private List<String> scenarios = new ArrayList<>();

    @Option(
            names = "--search",
            paramLabel = "STATES",
            description =
                    "Instead of random walks, breadth first: so many states around each moment of a"
                            + " release.")
    private OptionalInt search = OptionalInt.empty();

    @Option(
            names = "--replay",
            paramLabel = "SCHEDULE",
            description = "Play a schedule, or the file that holds one, and show every step.")
    private Optional<String> replay = Optional.empty();

    @Option(
            names = "--break",
            paramLabel = "RULE",
            description =
                    "Leave out one rule, to see that its absence is found:"
                            + " ${COMPLETION-CANDIDATES}.")
    private Breakage breakage = Breakage.NONE;

    @Option(names = "--threads", paramLabel = "N", description = "Walks at the same time.")
    private int threads = Runtime.getRuntime().availableProcessors();

    @Spec private CommandSpec spec = CommandSpec.create();

    @Override
    public Integer call() throws IOException {
        if (scenarios.contains("list")) {
            Scenarios.all().forEach(s -> System.out.println(line(s)));
            return 0;
        }
        for (String name : scenarios) {
            if (Scenarios.matching(name).isEmpty()) {
                throw new ParameterException(
                        spec.commandLine(),
                        "no scenario '" + name + "'; --scenario list shows them");
            }
        }
        Exploration exploration = new Exploration(System.out, InstantSource.system());
        boolean held;
        if (replay.isPresent()) {
            try {
                held = exploration.replay(schedule(replay.get()), breakage);
            } catch (IllegalArgumentException e) {
                throw new ParameterException(spec.commandLine(), "--replay: " + e.getMessage(), e);
            }
        } else if (search.isPresent()) {
            held = exploration.search(scenarios, breakage, search.getAsInt());
        } else {
            held = exploration.walk(scenarios, breakage, steps, seed, threads);
        }
        return held ? 0 : 1;
    }

    private static String line(Scenario scenario) {
        return "%-32s %s"
                .formatted(
                        scenario.name(),
                        scenario.options().stream()
                                .map(o -> o.name().toLowerCase(Locale.ROOT).replace('_', '-'))
                                .collect(Collectors.joining(" ")));
    }

    private static String schedule(String given) throws IOException {
        try {
            Path file = Path.of(given);
            return Files.isRegularFile(file) ? Files.readString(file) : given;
        } catch (InvalidPathException e) {
            return given;
        }
    }
}
