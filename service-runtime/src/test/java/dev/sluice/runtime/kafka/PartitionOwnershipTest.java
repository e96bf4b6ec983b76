package dev.sluice.runtime.kafka;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class PartitionOwnershipTest {

    private static final int PARTITIONS = 12;

    private Instant now = Instant.parse("2026-01-01T00:00:00Z");
    private final AtomicInteger changes = new AtomicInteger();
    private final PartitionOwnership ownership = ownership();

    @Test
    void ownsEverythingWithoutAnOwningSubscription() {
        // Then
        assertThat(mine(ownership)).hasSize(200);
    }

    @Test
    void ownsEverythingSoonAfterAStartDuringWhichTheBrokerIsDown() {
        // Given
        ownership.expectAssignment();
        Set<String> first = mine(ownership);

        // When
        pass(Duration.ofSeconds(5));
        ownership.tick(false);

        // Then
        assertThat(first).isEmpty();
        assertThat(mine(ownership)).hasSize(200);
        assertThat(changes).hasValue(1);
    }

    @Test
    void keepsItsShareForHalfAMinuteAfterTheLastWordFromTheBroker() {
        // Given
        ownership.expectAssignment();
        ownership.assigned(Set.of(1, 2, 3));
        Set<String> share = mine(ownership);

        // When
        pass(Duration.ofSeconds(29));
        ownership.tick(false);
        Set<String> before = mine(ownership);
        pass(Duration.ofSeconds(2));
        ownership.tick(false);

        // Then
        assertThat(share).isNotEmpty().hasSizeLessThan(200);
        assertThat(before).isEqualTo(share);
        assertThat(mine(ownership)).hasSize(200);
    }

    @Test
    void goesBackToItsShareWhenTheBrokerIsHeardAgain() {
        // Given
        ownership.expectAssignment();
        ownership.assigned(Set.of(1, 2, 3));
        Set<String> share = mine(ownership);
        pass(Duration.ofSeconds(31));
        ownership.tick(false);

        // When
        ownership.tick(true);

        // Then
        assertThat(mine(ownership)).isEqualTo(share);
    }

    @Test
    void twoReplicasSharesAreDisjointAndCoverEverything() {
        // Given
        PartitionOwnership other = ownership();

        // When
        ownership.assigned(Set.of(0, 1, 2, 3, 4, 5));
        other.assigned(Set.of(6, 7, 8, 9, 10, 11));

        // Then
        Set<String> here = mine(ownership);
        Set<String> there = mine(other);
        assertThat(here).doesNotContainAnyElementsOf(there);
        assertThat(here.size() + there.size()).isEqualTo(200);
    }

    private PartitionOwnership ownership() {
        PartitionOwnership created = new PartitionOwnership(PARTITIONS, () -> now);
        created.onChange(changes::incrementAndGet);
        return created;
    }

    private void pass(Duration time) {
        now = now.plus(time);
    }

    private static Set<String> mine(PartitionOwnership ownership) {
        return IntStream.range(0, 200)
                .mapToObj(i -> "uid-" + i)
                .filter(ownership::mine)
                .collect(Collectors.toSet());
    }
}
