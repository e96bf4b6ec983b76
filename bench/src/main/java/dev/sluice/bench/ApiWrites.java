package dev.sluice.bench;

import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// The services' own count of API writes, read from their metrics page.
final class ApiWrites {
    private static final Pattern LINE =
            Pattern.compile("^sluice_api_writes_total\\{(.*)}\\s+([0-9.eE+]+)$", Pattern.MULTILINE);
    private static final Pattern LABEL = Pattern.compile("(\\w+)=\"([^\"]*)\"");

    private ApiWrites() {}

    /// Count by `resource verb result`.
    static Map<String, Long> parse(String metrics) {
        Map<String, Long> counts = new TreeMap<>();
        Matcher line = LINE.matcher(metrics);
        while (line.find()) {
            Map<String, String> labels = new TreeMap<>();
            Matcher label = LABEL.matcher(line.group(1));
            while (label.find()) {
                labels.put(label.group(1), label.group(2));
            }
            String name =
                    "%s %s %s"
                            .formatted(
                                    labels.getOrDefault("resource", "?"),
                                    labels.getOrDefault("verb", "?"),
                                    labels.getOrDefault("result", "?"));
            counts.merge(name, Math.round(Double.parseDouble(line.group(2))), Long::sum);
        }
        return counts;
    }

    /// What was added between two readings.
    static Map<String, Long> difference(Map<String, Long> before, Map<String, Long> after) {
        Map<String, Long> added = new TreeMap<>();
        after.forEach(
                (name, count) -> {
                    long more = count - before.getOrDefault(name, 0L);
                    if (more != 0) {
                        added.put(name, more);
                    }
                });
        return added;
    }
}
