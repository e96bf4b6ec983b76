package dev.sluice.router.core;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class LingeringTest {
    private static final String UID = "u-1";
    private static final Duration DRAIN = Duration.ofSeconds(3);
    private static final Instant WRITTEN = Instant.parse("2026-03-01T10:00:00Z");

    /// A Service that selected the revision "old" until [#WRITTEN].
    private static ObjectNode service() {
        ObjectNode service = new ObjectMapper().createObjectNode();
        String marks =
                Lingering.none()
                        .replacing("old", "new", DRAIN, WRITTEN)
                        .annotation(service, UID, "new");
        service.withObject("/metadata/annotations").put(Keys.LINGERING, marks);
        return service;
    }

    private static List<String> former(Optional<Instant> followedAt, int seconds) {
        return Lingering.readSelector(
                        service(), UID, DRAIN, followedAt, WRITTEN.plusSeconds(seconds))
                .former();
    }

    @Test
    void aSelectorLingersForTheDrainBound() {
        assertThat(former(Optional.empty(), 2)).containsExactly("old");
        assertThat(former(Optional.empty(), 3)).isEmpty();
    }

    @Test
    void theBoundCountsFromWhenTheEndpointsFollowed() {
        Optional<Instant> late = Optional.of(WRITTEN.plusSeconds(5));
        assertThat(former(late, 8)).containsExactly("old"); // the server cuts its seconds off
        assertThat(former(late, 9)).isEmpty();
    }

    @Test
    void aChangeOfEndpointsLongAfterwardsHasAnotherReason() {
        assertThat(former(Optional.of(WRITTEN.plusSeconds(600)), 601)).isEmpty();
    }

    @Test
    void saysWhenItEndsAsFarAsItIsRecorded() {
        assertThat(Lingering.end(service(), UID)).contains(WRITTEN.plusSeconds(4));
        assertThat(Lingering.end(service(), "another")).isEmpty();
    }
}
