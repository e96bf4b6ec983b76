package dev.sluice.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.HashSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PortsTest {
    @Test
    void neverHandsOutAPortTwiceWhileItIsHeld(@TempDir Path folder) {
        // Given
        var seen = new HashSet<Integer>();

        // When
        try (var one = new Ports(folder);
                var other = new Ports(folder)) {
            for (int i = 0; i < 100; i++) {
                assertThat(seen.add(one.reserve())).isTrue();
                assertThat(seen.add(other.reserve())).isTrue();
            }
        }

        // Then
        assertThat(seen).hasSize(200).allMatch(port -> port >= 20_000 && port < 32_000);
    }
}
