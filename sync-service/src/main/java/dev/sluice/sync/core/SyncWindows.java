package dev.sluice.sync.core;

import com.fasterxml.jackson.databind.JsonNode;
import dev.sluice.runtime.schedule.CronSchedule;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// When a project lets its applications sync (specification of sync §4.11).
public final class SyncWindows {
    /// Bounds what one evaluation costs.
    private static final Duration LONGEST = Duration.ofDays(366);

    /// The application as windows select it.
    public record Subject(String name, AppSpec.Destination destination) {}

    /// What the windows say at a moment.
    public sealed interface Verdict {
        record Permitted() implements Verdict {}

        record Blocked() implements Verdict {}

        /// A window that can't be read blocks what it selects; the message says which.
        record Unreadable(String problem) implements Verdict {}
    }

    private record Window(
            boolean allows,
            CronSchedule schedule,
            Duration duration,
            ZoneId zone,
            boolean manual,
            boolean overrun) {
        boolean active(Instant now) {
            return schedule.lastFired(duration, now, zone).isPresent();
        }
    }

    private final List<Window> windows;
    private final Optional<String> problem;

    private SyncWindows(List<Window> windows, Optional<String> problem) {
        this.windows = windows;
        this.problem = problem;
    }

    /// The windows of a project that concern this application.
    static SyncWindows of(String project, List<JsonNode> windows, Subject subject) {
        List<Window> found = new ArrayList<>();
        for (int i = 0; i < windows.size(); i++) {
            JsonNode json = windows.get(i);
            if (!selects(json, subject)) {
                continue;
            }
            Optional<Window> window = parse(json);
            if (window.isEmpty()) {
                return new SyncWindows(
                        List.of(),
                        Optional.of(
                                "spec.syncWindows["
                                        + i
                                        + "] of project "
                                        + project
                                        + " can't be read: "
                                        + problem(json)
                                        + "; nothing is synced until it is corrected"));
            }
            found.add(window.get());
        }
        return new SyncWindows(List.copyOf(found), Optional.empty());
    }

    private static boolean selects(JsonNode window, Subject subject) {
        List<Boolean> hits = new ArrayList<>();
        List<String> names = JsonTrees.texts(window, "applications");
        List<String> namespaces = JsonTrees.texts(window, "namespaces");
        List<String> clusters = JsonTrees.texts(window, "clusters");
        if (!names.isEmpty()) {
            hits.add(names.stream().anyMatch(glob -> Glob.matches(glob, subject.name())));
        }
        if (!namespaces.isEmpty()) {
            hits.add(
                    namespaces.stream()
                            .anyMatch(
                                    glob -> Glob.matches(glob, subject.destination().namespace())));
        }
        if (!clusters.isEmpty()) {
            hits.add(
                    clusters.stream()
                            .anyMatch(
                                    glob ->
                                            Glob.matches(glob, "in-cluster")
                                                    || Glob.matches(
                                                            glob,
                                                            subject.destination()
                                                                    .effectiveServer())));
        }
        return JsonTrees.flag(window, "andOperator")
                ? !hits.isEmpty() && !hits.contains(false)
                : hits.contains(true);
    }

    private static Optional<Window> parse(JsonNode json) {
        if (!problem(json).isEmpty()) {
            return Optional.empty();
        }
        return Optional.of(
                new Window(
                        JsonTrees.text(json, "kind").equals("allow"),
                        CronSchedule.parse(JsonTrees.text(json, "schedule")).orElseThrow(),
                        GoDuration.parse(JsonTrees.text(json, "duration")).orElseThrow(),
                        zone(json).orElseThrow(),
                        JsonTrees.flag(json, "manualSync"),
                        JsonTrees.flag(json, "syncOverrun")));
    }

    private static String problem(JsonNode json) {
        String kind = JsonTrees.text(json, "kind");
        String schedule = JsonTrees.text(json, "schedule");
        String duration = JsonTrees.text(json, "duration");
        if (!kind.equals("allow") && !kind.equals("deny")) {
            return "kind '" + kind + "' is neither allow nor deny";
        }
        if (CronSchedule.parse(schedule).isEmpty()) {
            return "schedule '" + schedule + "' is not a cron expression with five fields";
        }
        if (GoDuration.parse(duration).filter(d -> d.compareTo(LONGEST) <= 0).isEmpty()) {
            return "duration '" + duration + "' is not a duration of at most 8784h";
        }
        return zone(json).isEmpty()
                ? "timeZone '" + JsonTrees.text(json, "timeZone") + "' is not known"
                : "";
    }

    private static Optional<ZoneId> zone(JsonNode json) {
        try {
            return Optional.of(ZoneId.of(JsonTrees.optional(json, "timeZone").orElse("UTC")));
        } catch (DateTimeException e) {
            return Optional.empty();
        }
    }

    /// Whether a sync may start, or a step of it be made, at this moment.
    public Verdict judge(boolean manual, Instant now) {
        if (problem.isPresent()) {
            return new Verdict.Unreadable(problem.get());
        }
        return isPermitted(manual, now) ? new Verdict.Permitted() : new Verdict.Blocked();
    }

    /// As `judge`, for an operation that has begun: it may finish when it began while it was
    /// permitted and every window opts in.
    public Verdict judgeRunning(boolean manual, Instant startedAt, Instant now) {
        boolean overruns =
                problem.isEmpty()
                        && !windows.isEmpty()
                        && windows.stream().allMatch(Window::overrun)
                        && isPermitted(manual, startedAt);
        return overruns ? new Verdict.Permitted() : judge(manual, now);
    }

    private boolean isPermitted(boolean manual, Instant now) {
        List<Window> denies = windows.stream().filter(w -> !w.allows() && w.active(now)).toList();
        if (!denies.isEmpty()) {
            return manual && denies.stream().allMatch(Window::manual);
        }
        List<Window> allows = windows.stream().filter(Window::allows).toList();
        return allows.isEmpty()
                || allows.stream().anyMatch(w -> w.active(now))
                || (manual && allows.stream().allMatch(Window::manual));
    }
}
