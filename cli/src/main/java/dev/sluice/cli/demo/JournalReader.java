package dev.sluice.cli.demo;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/// Prints a release's timeline from the journal's REST API, and checks that it is whole.
final class JournalReader {
    private static final Duration LIMIT = Duration.ofSeconds(20);

    private final String url;
    private final Narrator narrator;

    JournalReader(String url, Narrator narrator) {
        this.url = url;
        this.narrator = narrator;
    }

    /// Shows all attempts of a Rollout, oldest first.
    ///
    /// @throws DemoFailure when the journal lacks an attempt or its end
    void show(String uid) {
        Instant end = Instant.now().plus(LIMIT);
        while (true) {
            List<JsonNode> attempts = attempts(uid);
            List<String> phases = attempts.stream().map(a -> a.path("phase").asText()).toList();
            if (phases.contains("Aborted")
                    && Collections.frequency(phases, "Completed") >= 2
                    && attempts.stream().anyMatch(JournalReader::isTold)) {
                attempts.forEach(this::show);
                return;
            }
            if (Instant.now().isAfter(end)) {
                throw new DemoFailure(
                        "the journal does not tell of all releases; it has " + phases);
            }
            try {
                Thread.sleep(500);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new DemoFailure("interrupted");
            }
        }
    }

    /// A whole story: its commit, its measurements and the shares that were observed.
    private static boolean isTold(JsonNode attempt) {
        String timeline = attempt.path("timeline").toString();
        return !attempt.path("commit").asText().isEmpty()
                && timeline.contains("measurement-taken")
                && timeline.contains("traffic.shifted");
    }

    private void show(JsonNode attempt) {
        String commit = attempt.path("commit").asText();
        narrator.say(
                "attempt %d  %s  %s  commit %s  %s"
                        .formatted(
                                attempt.path("attempt").asLong(),
                                attempt.path("phase").asText(),
                                attempt.path("images").asText(),
                                commit.substring(0, Math.min(7, commit.length())),
                                attempt.path("reason").asText("")));
        for (JsonNode entry : attempt.path("timeline")) {
            narrator.say(
                    "    %s  %-32s %s"
                            .formatted(
                                    entry.path("at").asText(),
                                    entry.path("type").asText().replace("dev.sluice.", ""),
                                    entry.path("summary").asText()));
        }
    }

    private List<JsonNode> attempts(String uid) {
        HttpRequest request =
                HttpRequest.newBuilder(URI.create(url + "/api/v1/releases/" + uid)).build();
        try (HttpClient http = HttpClient.newHttpClient()) {
            HttpResponse<String> answer = http.send(request, HttpResponse.BodyHandlers.ofString());
            List<JsonNode> attempts = new ArrayList<>();
            if (answer.statusCode() == 200) {
                new ObjectMapper().readTree(answer.body()).path("attempts").forEach(attempts::add);
            }
            Collections.reverse(attempts);
            return attempts;
        } catch (IOException e) {
            throw new DemoFailure("the journal does not answer: " + e.getMessage());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new DemoFailure("interrupted");
        }
    }
}
