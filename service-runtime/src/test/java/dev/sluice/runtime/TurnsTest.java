package dev.sluice.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;

class TurnsTest {
    private final Turns turns = new Turns(1);
    private final List<String> order = Collections.synchronizedList(new ArrayList<>());

    @Test
    void takesTheUrgentFirstAndEqualsAsTheyCame() throws InterruptedException {
        // Given somebody at work, and others who came meanwhile
        turns.enter(0);
        List<Thread> waiting =
                List.of(
                        arrives("late", 2),
                        arrives("first", 1),
                        arrives("second", 1),
                        arrives("urgent", 0));

        // When
        turns.leave();
        for (Thread thread : waiting) {
            thread.join();
        }

        // Then
        assertThat(order).containsExactly("urgent", "first", "second", "late");
    }

    @Test
    void letsAsManyWorkAsThereArePlaces() {
        Turns two = new Turns(2);
        two.enter(5);
        two.enter(5);
        Thread third =
                Thread.ofVirtual()
                        .start(
                                () -> {
                                    two.enter(5);
                                    order.add("third");
                                });
        await().until(() -> third.getState() == Thread.State.WAITING);

        assertThat(order).isEmpty();
        two.leave();
        await().untilAsserted(() -> assertThat(order).containsExactly("third"));
    }

    private Thread arrives(String name, int rank) {
        Thread thread =
                Thread.ofVirtual()
                        .start(
                                () -> {
                                    turns.enter(rank);
                                    order.add(name);
                                    turns.leave();
                                });
        await().until(() -> thread.getState() == Thread.State.WAITING);
        return thread;
    }
}
