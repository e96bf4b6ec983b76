package dev.sluice.rollout.core.policy;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.sluice.rollout.core.Durations;
import dev.sluice.runtime.schedule.CronSchedule;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Which freeze holds the releases of a namespace now, by the annotations of Namespaces: those of
/// its own, and those of the namespace in which Sluice runs, which hold everywhere.
public final class Freezes {
    /// Stops all releases until it is removed; its value is the reason.
    public static final String STOP = "sluice.dev/stop-releases";

    /// A JSON list of `{"schedule", "duration", "timeZone", "reason"}`: five fields of cron, how
    /// long a window lasts, where its clock is (UTC by default), and why.
    public static final String WINDOWS = "sluice.dev/freeze-windows";

    /// Bounds what one evaluation costs.
    private static final Duration LONGEST = Duration.ofDays(366);

    private static final ObjectMapper MAPPER = new ObjectMapper();

    private Freezes() {}

    /// A Namespace as far as freezes go.
    public record Space(String name, Map<String, String> annotations) {
        public Space {
            annotations = Map.copyOf(annotations);
        }
    }

    /// The freeze that ends last; one that a person has to end comes before all others.
    public static Optional<Freeze> of(List<Space> spaces, Instant now) {
        Optional<Freeze> longest = Optional.empty();
        for (Space space : spaces) {
            Optional<Freeze> found = stopped(space).or(() -> inWindow(space, now));
            if (found.isPresent() && isLonger(found.get(), longest)) {
                longest = found;
            }
        }
        return longest;
    }

    private static boolean isLonger(Freeze found, Optional<Freeze> other) {
        return other.isEmpty()
                || (other.get().until().isPresent()
                        && (found.until().isEmpty()
                                || found.until().get().isAfter(other.get().until().get())));
    }

    private static Optional<Freeze> stopped(Space space) {
        return Optional.ofNullable(space.annotations().get(STOP))
                .map(
                        reason ->
                                new Freeze(
                                        reason.isBlank() ? "no reason given" : reason,
                                        where(space, STOP),
                                        Optional.empty()));
    }

    private static String where(Space space, String key) {
        return "annotation " + key + " of Namespace " + space.name();
    }

    private static Optional<Freeze> inWindow(Space space, Instant now) {
        String text = space.annotations().getOrDefault(WINDOWS, "");
        if (text.isBlank()) {
            return Optional.empty();
        }
        JsonNode windows;
        try {
            windows = MAPPER.readTree(text);
        } catch (JsonProcessingException e) {
            return Optional.of(unreadable(space, "it is not JSON: " + e.getOriginalMessage()));
        }
        if (!windows.isArray()) {
            return Optional.of(unreadable(space, "it is not a list of windows"));
        }
        Optional<Freeze> longest = Optional.empty();
        for (int i = 0; i < windows.size(); i++) {
            Optional<Freeze> found = window(space, windows.get(i), i, now);
            if (found.isPresent() && isLonger(found.get(), longest)) {
                longest = found;
            }
        }
        return longest;
    }

    private static Optional<Freeze> window(Space space, JsonNode window, int i, Instant now) {
        String at = "window " + i + ": ";
        Optional<CronSchedule> schedule = CronSchedule.parse(window.path("schedule").asText(""));
        if (schedule.isEmpty()) {
            return Optional.of(unreadable(space, at + "schedule has not five fields of cron"));
        }
        Duration duration = Duration.ofSeconds(Durations.seconds(window.path("duration")));
        if (!duration.isPositive() || duration.compareTo(LONGEST) > 0) {
            return Optional.of(
                    unreadable(space, at + "duration must be from 1s to 8784h, such as 62h"));
        }
        ZoneId zone;
        try {
            zone = ZoneId.of(window.path("timeZone").asText("UTC"));
        } catch (DateTimeException e) {
            return Optional.of(unreadable(space, at + "timeZone is unknown"));
        }
        return schedule.get()
                .lastFired(duration, now, zone)
                .map(
                        start ->
                                new Freeze(
                                        window.path("reason").asText("a freeze window"),
                                        where(space, WINDOWS),
                                        Optional.of(start.plus(duration))));
    }

    /// What can't be read holds releases: the person who wrote it meant to (T8).
    private static Freeze unreadable(Space space, String problem) {
        return new Freeze(
                "the freeze windows can't be read, " + problem,
                where(space, WINDOWS),
                Optional.empty());
    }
}
