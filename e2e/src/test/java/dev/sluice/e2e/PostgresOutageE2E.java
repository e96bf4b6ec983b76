package dev.sluice.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.sluice.events.RolloutEvent;
import dev.sluice.testkit.Part;
import dev.sluice.testkit.SluiceStack;
import dev.sluice.testkit.StackSession;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import org.junit.jupiter.api.Test;

/// The memory may be gone for a whole release: it completes, and the history follows.
@SluiceStack({Part.NODES, Part.KAFKA, Part.POSTGRES})
class PostgresOutageE2E {
    private static final ObjectMapper JSON = new ObjectMapper();

    @Test
    void aReleaseCompletesWithoutPostgresqlAndTheJournalFollows(StackSession session) {
        try (Installation sluice =
                Installation.start(session, "rollout-service", "router-service")) {
            sluice.createRoutedCanary(
                    "shop", 3, "[{setWeight: 30}, {pause: {duration: 1s}}, {setWeight: 60}]");
            sluice.stack().postgres().stop();
            try {
                sluice.setImage("shop", "example.test/app:v2");
                sluice.awaitStable("shop", "example.test/app:v2");
            } finally {
                sluice.stack().postgres().restart();
            }

            String uid = sluice.rollout("shop").at("/metadata/uid").asText();
            await().atMost(Installation.LIMIT)
                    .untilAsserted(
                            () -> {
                                assertThat(latestAttempt(sluice, uid))
                                        .contains("rollout.completed", "step-completed");
                                assertThat(
                                                sluice.events()
                                                        .of(
                                                                "shop",
                                                                RolloutEvent.RolloutCompleted
                                                                        .class))
                                        .hasSize(2);
                            });
            EventLog log = sluice.events();
            log.assertNoEventTwice();
            log.assertOneEndPerAttempt("shop");
        }
    }

    /// What the journal knows of the release that ran without it.
    private static String latestAttempt(Installation sluice, String uid)
            throws IOException, InterruptedException {
        JsonNode attempt = release(sluice, uid).at("/attempts/0");
        assertThat(attempt.path("attempt").asInt()).isEqualTo(2);
        return attempt.toString();
    }

    private static JsonNode release(Installation sluice, String uid)
            throws IOException, InterruptedException {
        HttpRequest request =
                HttpRequest.newBuilder(
                                URI.create(
                                        sluice.service("rollout-service").url()
                                                + "/api/v1/releases/"
                                                + uid))
                        .build();
        try (HttpClient http = HttpClient.newHttpClient()) {
            return JSON.readTree(http.send(request, HttpResponse.BodyHandlers.ofString()).body());
        }
    }
}
