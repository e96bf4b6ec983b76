package dev.sluice.router.core;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Predicate;

/// The marks that router-service leaves on an object: the plan id (a delayed writer with an older
/// plan fails on the resourceVersion that this write produced), and the former values that proxies
/// may still apply. The latter is the durable form of LIVE for one object: a write adds to it,
/// only time beyond the drain bound removes.
///
/// @param former the values before the last changes, as text
/// @param until when a proxy has surely forgotten them
public record Lingering(List<String> former, Instant until) {

    private static final ObjectMapper MAPPER = new ObjectMapper();
    private static final Duration LATEST_ENDPOINTS = Duration.ofMinutes(1);

    public Lingering {
        former = List.copyOf(former);
    }

    /// Nothing lingers.
    public static Lingering none() {
        return new Lingering(List.of(), Instant.EPOCH);
    }

    /// What may still be applied of an object at `now`.
    ///
    /// The server's own time of our last write counts as well: a writer that was held up between
    /// computing `until` and writing must not shorten it.
    public static Lingering read(JsonNode object, String uid, Duration drain, Instant now) {
        return recorded(object, uid, drain, now).at(now);
    }

    /// The same for the selector of a Service, of which proxies hear only through its endpoints:
    /// the
    /// bound counts from when they followed, however late that was.
    ///
    /// @param followedAt when the endpoints changed last; a change long after the selector's has
    ///     another reason
    public static Lingering readSelector(
            JsonNode service,
            String uid,
            Duration drain,
            Optional<Instant> followedAt,
            Instant now) {
        Lingering recorded = recorded(service, uid, drain, now);
        return followedAt
                .filter(at -> at.isBefore(recorded.until().plus(LATEST_ENDPOINTS)))
                .map(at -> recorded.notBefore(at.plus(drain).plusSeconds(1)))
                .orElse(recorded)
                .at(now);
    }

    private Lingering notBefore(Instant least) {
        return least.isAfter(until) ? new Lingering(former, least) : this;
    }

    private Lingering at(Instant now) {
        return until.isAfter(now) ? this : none();
    }

    private static Lingering recorded(JsonNode object, String uid, Duration drain, Instant now) {
        JsonNode entry = entries(object).path(uid);
        List<String> former = new ArrayList<>();
        entry.path("former").forEach(v -> former.add(v.asText()));
        if (former.isEmpty()) {
            return none();
        }
        Instant until =
                parse(entry.path("until").asText())
                        .orElse(now.plus(drain)); // unreadable means: not passed (D4)
        for (Instant written : writtenAt(object, Keys.FIELD_MANAGER::equals)) {
            // the server's times are whole seconds, cut off
            Instant byServer = written.plus(drain).plusSeconds(1);
            if (byServer.isAfter(until)) {
                until = byServer;
            }
        }
        return new Lingering(former, until);
    }

    /// When what was recorded on the object at its last change has passed, at the latest by the
    /// API server's clock; a hint when to read it again.
    public static Optional<Instant> end(JsonNode object, String uid) {
        return parse(entries(object).path(uid).path("until").asText())
                .map(until -> until.plusSeconds(1));
    }

    /// When field managers wrote an object last, by the API server's own clock.
    public static List<Instant> writtenAt(JsonNode object, Predicate<String> manager) {
        List<Instant> times = new ArrayList<>();
        for (JsonNode entry : object.path("metadata").path("managedFields")) {
            if (manager.test(entry.path("manager").asText())) {
                parse(entry.path("time").asText()).ifPresent(times::add);
            }
        }
        return times;
    }

    /// What lingers after `value` was replaced at `now`.
    public Lingering replacing(String value, String by, Duration drain, Instant now) {
        List<String> next = new ArrayList<>(former);
        next.add(value);
        return new Lingering(
                next.stream().filter(v -> !v.equals(by)).distinct().sorted().toList(),
                now.plus(drain));
    }

    /// The newest plan of this Rollout that the object was programmed for.
    public static OptionalLong stampedPlan(JsonNode object, String uid) {
        for (String part : annotation(object, Keys.PLAN).split(",", -1)) {
            int slash = part.lastIndexOf('/');
            if (slash > 0 && part.substring(0, slash).strip().equals(uid)) {
                try {
                    return OptionalLong.of(Long.parseLong(part.substring(slash + 1).strip()));
                } catch (NumberFormatException e) {
                    return OptionalLong.empty(); // edited by hand: the next stamp repairs it
                }
            }
        }
        return OptionalLong.empty();
    }

    /// The value of the plan annotation with this Rollout's entry set; entries of others stay.
    public static String stamp(JsonNode object, String uid, long plan) {
        List<String> parts = new ArrayList<>();
        for (String part : annotation(object, Keys.PLAN).split(",", -1)) {
            if (!part.isBlank() && !part.strip().startsWith(uid + "/")) {
                parts.add(part.strip());
            }
        }
        parts.add(uid + "/" + plan);
        return String.join(",", parts);
    }

    /// The value of the lingering annotation with this Rollout's entry set; entries of others stay.
    ///
    /// @param current the value that the object gets, kept so that other owners of a shared object
    ///     see whether this Rollout uses it
    public String annotation(JsonNode object, String uid, String current) {
        ObjectNode all = entries(object).deepCopy();
        ObjectNode entry = all.putObject(uid);
        entry.put("current", current);
        if (!former.isEmpty()) {
            ArrayNode list = entry.putArray("former");
            former.forEach(list::add);
            entry.put("until", until.toString());
        }
        return all.toString();
    }

    /// What other Rollouts last wrote on a shared object.
    public static List<String> currentOfOthers(JsonNode object, String uid) {
        List<String> values = new ArrayList<>();
        entries(object)
                .properties()
                .forEach(
                        e -> {
                            if (!e.getKey().equals(uid)) {
                                values.add(e.getValue().path("current").asText());
                            }
                        });
        return values;
    }

    private static ObjectNode entries(JsonNode object) {
        try {
            if (MAPPER.readTree(annotation(object, Keys.LINGERING)) instanceof ObjectNode found) {
                return found;
            }
        } catch (JsonProcessingException e) {
            // edited by hand: the next write of ours replaces it
            return MAPPER.createObjectNode();
        }
        return MAPPER.createObjectNode();
    }

    static String annotation(JsonNode object, String key) {
        return object.path("metadata").path("annotations").path(key).asText("");
    }

    private static Optional<Instant> parse(String text) {
        try {
            return Optional.of(Instant.parse(text));
        } catch (DateTimeException e) {
            return Optional.empty();
        }
    }
}
