package dev.sluice.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class TableTest {
    @Test
    void columnsAreAsWideAsTheirWidestCell() {
        var text = Table.format(List.of(List.of("PART", "PID"), List.of("kube-apiserver", "7")));

        assertThat(text.lines()).containsExactly("PART             PID", "kube-apiserver   7");
    }
}
