package dev.sluice.explorer.scenario;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/// Every combination of options at small scope, each a scenario of its own: up to four pods, two
/// routers, and three revisions as everywhere. A point is named after its choices, such as
/// `canary.nginx.n3.loose.scaled.dynamic.quick`.
public final class OptionSpace {

    /// What may be chosen on one axis.
    private record Choice(String code, Set<Option> options) {
        static Choice of(String code, Option... options) {
            Set<Option> chosen = EnumSet.noneOf(Option.class);
            chosen.addAll(Arrays.asList(options));
            return new Choice(code, chosen);
        }
    }

    private static final List<Choice> SIZES =
            List.of(
                    Choice.of("n2"),
                    Choice.of("n1", Option.ONE),
                    Choice.of("n3", Option.THREE),
                    Choice.of("n4", Option.FOUR));
    private static final List<Choice> ABORTS =
            List.of(
                    Choice.of("later"),
                    Choice.of("quick", Option.ABORT_QUICK),
                    Choice.of("once", Option.ABORT_AT_ONCE),
                    Choice.of("keeps", Option.ABORT_KEEPS));

    private static final List<List<Choice>> CANARIES =
            List.of(
                    List.of(Choice.of("canary")),
                    List.of(
                            Choice.of("bare", Option.NO_SERVICES),
                            Choice.of("counted"),
                            Choice.of("nginx", Option.NGINX),
                            Choice.of("gateway", Option.GATEWAY),
                            Choice.of("acknowledged", Option.GATEWAY, Option.ACKNOWLEDGED),
                            Choice.of("both", Option.NGINX, Option.GATEWAY),
                            Choice.of("pingpong", Option.GATEWAY, Option.PING_PONG)),
                    SIZES,
                    List.of(
                            Choice.of("usual"),
                            Choice.of("tight", Option.NO_SURGE),
                            Choice.of("whole", Option.ALL_AVAILABLE),
                            Choice.of("loose", Option.LOOSE),
                            Choice.of("double", Option.DOUBLE)),
                    List.of(
                            Choice.of("weights"),
                            Choice.of("none", Option.NO_STEPS),
                            Choice.of("edges", Option.EDGE_WEIGHTS),
                            Choice.of("scaled", Option.SCALE_STEPS),
                            Choice.of("routes", Option.MANAGED_ROUTES),
                            Choice.of("measured", Option.ANALYSIS_STEP),
                            Choice.of("experiment", Option.EXPERIMENT),
                            Choice.of("trial", Option.EXPERIMENT, Option.EXPERIMENT_JUDGED)),
                    List.of(Choice.of("full"), Choice.of("dynamic", Option.DYNAMIC_STABLE)),
                    ABORTS);

    private static final List<List<Choice>> BLUE_GREENS =
            List.of(
                    List.of(Choice.of("bluegreen", Option.BLUE_GREEN)),
                    List.of(
                            Choice.of("preview"),
                            Choice.of("small", Option.PREVIEW_COUNT),
                            Choice.of("blind", Option.NO_PREVIEW)),
                    SIZES,
                    List.of(
                            Choice.of("auto"),
                            Choice.of("manual", Option.MANUAL),
                            Choice.of("seconds", Option.AUTO_SECONDS)),
                    List.of(Choice.of("free"), Choice.of("judged", Option.PRE_POST)),
                    List.of(
                            Choice.of("waits"),
                            Choice.of("limited", Option.ONE_WAITS),
                            Choice.of("atonce", Option.NO_DELAY)),
                    ABORTS);

    private OptionSpace() {}

    /// The points whose names begin with some choices, or all for an empty prefix.
    public static List<Scenario> beginningWith(String prefix) {
        return Stream.concat(points(CANARIES), points(BLUE_GREENS))
                .filter(p -> isBelow(p.code(), prefix))
                .map(OptionSpace::scenario)
                .toList();
    }

    private static boolean isBelow(String name, String prefix) {
        return prefix.isEmpty() || name.equals(prefix) || name.startsWith(prefix + ".");
    }

    static Optional<Scenario> named(String name) {
        return Stream.of(CANARIES, BLUE_GREENS)
                .flatMap(axes -> point(axes, name.split("\\.", -1)).stream())
                .filter(OptionSpace::isPossible)
                .map(OptionSpace::scenario)
                .findFirst();
    }

    private static Optional<Choice> point(List<List<Choice>> axes, String[] codes) {
        if (codes.length != axes.size()) {
            return Optional.empty();
        }
        Optional<Choice> point = Optional.of(Choice.of(""));
        for (int i = 0; i < codes.length; i++) {
            String code = codes[i];
            Optional<Choice> choice =
                    axes.get(i).stream().filter(c -> c.code().equals(code)).findFirst();
            point = point.flatMap(p -> choice.map(c -> joined(p, c)));
        }
        return point;
    }

    private static Stream<Choice> points(List<List<Choice>> axes) {
        List<Choice> points = List.of(Choice.of(""));
        for (List<Choice> axis : axes) {
            List<Choice> longer = new ArrayList<>();
            for (Choice point : points) {
                axis.forEach(choice -> longer.add(joined(point, choice)));
            }
            points = longer;
        }
        return points.stream().filter(OptionSpace::isPossible);
    }

    private static Choice joined(Choice point, Choice choice) {
        Set<Option> options = EnumSet.noneOf(Option.class);
        options.addAll(point.options());
        options.addAll(choice.options());
        String code = point.code().isEmpty() ? choice.code() : point.code() + "." + choice.code();
        return new Choice(code, options);
    }

    /// What the product refuses, or what would be the same as another point, is left out.
    private static boolean isPossible(Choice point) {
        Set<Option> options = point.options();
        boolean isRouted = options.contains(Option.NGINX) || options.contains(Option.GATEWAY);
        boolean needsRouter =
                options.contains(Option.DYNAMIC_STABLE)
                        || options.contains(Option.SCALE_STEPS)
                        || options.contains(Option.MANAGED_ROUTES)
                        || options.stream().anyMatch(OptionSpace::isOfAborts);
        boolean isUnsupported =
                options.contains(Option.MANAGED_ROUTES) && options.contains(Option.NGINX);
        return (isRouted || !needsRouter || options.contains(Option.BLUE_GREEN)) && !isUnsupported;
    }

    private static boolean isOfAborts(Option option) {
        return ABORTS.stream().anyMatch(c -> c.options().contains(option));
    }

    private static Scenario scenario(Choice point) {
        return Manifests.scenario(point.code(), point.options().toArray(Option[]::new));
    }
}
