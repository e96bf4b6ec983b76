package dev.sluice.explorer.check;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/// C8 and C9: whoever has heard of nothing new comes to rest.
class CalmTest {

    @Test
    void aPhaseThatComesBackByItselfFlaps() {
        Calm calm = new Calm();

        assertThat(calm.wrote("Progressing")).isEmpty();
        assertThat(calm.wrote("Healthy")).isEmpty();
        assertThat(calm.wrote("Progressing"))
                .hasValueSatisfying(v -> assertThat(v.number()).isEqualTo("C9"));
    }

    @Test
    void newsMayBringAPhaseBack() {
        Calm calm = new Calm();
        assertThat(calm.wrote("Progressing")).isEmpty();
        assertThat(calm.wrote("Healthy")).isEmpty();

        calm.disturb();

        assertThat(calm.wrote("Progressing")).isEmpty();
    }

    @Test
    void writesThatGoOnAndOnAreALoop() {
        Calm calm = new Calm();
        for (int i = 0; i < 8; i++) {
            assertThat(calm.wrote("Progressing")).isEmpty();
        }

        assertThat(calm.wrote("Progressing"))
                .hasValueSatisfying(v -> assertThat(v.number()).isEqualTo("C8"));
    }
}
