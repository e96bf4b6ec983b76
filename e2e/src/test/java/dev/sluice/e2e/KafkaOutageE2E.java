package dev.sluice.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.sluice.events.RolloutEvent;
import dev.sluice.testkit.Part;
import dev.sluice.testkit.SluiceStack;
import dev.sluice.testkit.StackSession;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/// V7: with the broker down an abort still returns traffic, and no fact is lost.
@SluiceStack({Part.NODES, Part.KAFKA, Part.POSTGRES})
class KafkaOutageE2E {

    @Test
    void anAbortReturnsTrafficWithoutKafkaAndEveryEventFollowsOnce(StackSession session) {
        try (Installation sluice =
                Installation.start(session, "rollout-service", "router-service")) {
            sluice.createRoutedCanary("shop", 4, "[{setWeight: 25}, {pause: {}}, {setWeight: 75}]");
            sluice.setImage("shop", "example.test/app:v2");
            sluice.awaitPhase("shop", "Paused");
            assertThat(sluice.programmedWeight("shop")).isEqualTo(25);

            sluice.stack().kafka().kill9();
            sluice.plugin("abort", "shop");

            // The promise is five seconds from the abort; this is a limit of the product, not a
            // measurement of the machine.
            await().atMost(Duration.ofSeconds(5))
                    .untilAsserted(() -> assertThat(sluice.programmedWeight("shop")).isZero());
            sluice.awaitPhase("shop", "Degraded");

            sluice.stack().kafka().restart();
            await().atMost(Installation.LIMIT)
                    .untilAsserted(
                            () -> {
                                EventLog log = sluice.events();
                                assertThat(log.of("shop", RolloutEvent.RolloutAborted.class))
                                        .hasSize(1);
                                assertThat(log.of("shop", RolloutEvent.RolloutStarted.class))
                                        .hasSize(2);
                                assertThat(log.of("shop", RolloutEvent.RolloutPaused.class))
                                        .hasSize(1);
                            });
            sluice.events().assertNoEventTwice();
            sluice.events().assertOneEndPerAttempt("shop");
        }
    }
}
