package dev.sluice.bench;

import dev.sluice.testkit.ServiceProcess;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.Arrays;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/// A service's metrics page.
record Metrics(String page) {
    private static final Pattern LABEL = Pattern.compile("(\\w+)=\"([^\"]*)\"");
    private static final HttpClient HTTP = HttpClient.newHttpClient();

    /// The page as it is now.
    static Metrics of(ServiceProcess service) {
        HttpRequest request =
                HttpRequest.newBuilder(URI.create(service.url() + "/q/metrics")).build();
        try {
            return new Metrics(HTTP.send(request, HttpResponse.BodyHandlers.ofString()).body());
        } catch (IOException e) {
            throw new UncheckedIOException("no metrics from " + service.name(), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted", e);
        }
    }

    /// Sums of a metric by the values of these labels, joined with blanks.
    Map<String, Double> by(String metric, String... labels) {
        Map<String, Double> sums = new TreeMap<>();
        page.lines()
                .filter(line -> line.startsWith(metric + "{") || line.startsWith(metric + " "))
                .forEach(
                        line -> {
                            Map<String, String> found = labels(line);
                            String key =
                                    Arrays.stream(labels)
                                            .map(label -> found.getOrDefault(label, "?"))
                                            .collect(Collectors.joining(" "));
                            String value = line.substring(line.lastIndexOf(' ') + 1);
                            sums.merge(key, Double.parseDouble(value), Double::sum);
                        });
        return sums;
    }

    /// The sum of all series of a metric.
    double sum(String metric) {
        return by(metric).values().stream().mapToDouble(Double::doubleValue).sum();
    }

    /// How many series a metric has.
    long series(String metric) {
        return page.lines().filter(line -> line.startsWith(metric + "{")).count();
    }

    private static Map<String, String> labels(String line) {
        Map<String, String> labels = new TreeMap<>();
        Matcher label = LABEL.matcher(line);
        while (label.find()) {
            labels.put(label.group(1), label.group(2));
        }
        return labels;
    }

    /// What was added between two readings.
    static Map<String, Long> added(Map<String, Double> before, Map<String, Double> after) {
        Map<String, Long> added = new TreeMap<>();
        after.forEach(
                (name, count) -> {
                    long more = Math.round(count - before.getOrDefault(name, 0.0));
                    if (more != 0) {
                        added.put(name, more);
                    }
                });
        return added;
    }
}
