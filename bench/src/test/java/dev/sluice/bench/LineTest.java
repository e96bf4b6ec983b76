package dev.sluice.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

class LineTest {
    @Test
    void findsTheSlopeOfAStraightLine() {
        Line line = line(3, 5, 7, 9);

        assertThat(line.slope()).isEqualTo(2, within(1e-9));
        assertThat(line.slopeError()).isEqualTo(0, within(1e-9));
    }

    @Test
    void tellsHowSureTheSlopeIs() {
        Line line = line(1, -1, 1, -1, 1);

        assertThat(line.slope()).isEqualTo(0, within(1e-9));
        assertThat(line.slopeError()).isGreaterThan(0.3);
    }

    @Test
    void isFlatWithoutEnoughPoints() {
        assertThat(line(4).slope()).isZero();
    }

    private static Line line(double... values) {
        Line line = new Line();
        for (int x = 0; x < values.length; x++) {
            line.add(x, values[x]);
        }
        return line;
    }
}
