package dev.sluice.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.cli.demo.DemoCommand;
import org.junit.jupiter.api.Test;

/// What the README promises first: the demo ends well, on a stack of its own.
class DemoE2E {

    @Test
    void theDemoEndsWithExitCodeZero() {
        assertThat(new DemoCommand().call()).isZero();
    }
}
