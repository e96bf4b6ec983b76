package dev.sluice.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class BinomialTest {
    @Test
    void allowsWhatChanceDoesAndNothingElse() {
        // Given
        Binomial quarter = new Binomial(400, 0.25);
        // Then
        assertThat(quarter.mayGive(100)).isTrue();
        assertThat(quarter.mayGive(70)).isTrue();
        assertThat(quarter.mayGive(140)).isTrue();
        assertThat(quarter.mayGive(40)).isFalse();
        assertThat(quarter.mayGive(170)).isFalse();
    }

    @Test
    void allMeansAll() {
        assertThat(new Binomial(400, 1).mayGive(400)).isTrue();
        assertThat(new Binomial(400, 1).mayGive(399)).isFalse();
        assertThat(new Binomial(400, 0).mayGive(0)).isTrue();
        assertThat(new Binomial(400, 0).mayGive(1)).isFalse();
    }
}
