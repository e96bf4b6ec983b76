package dev.sluice.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import org.junit.jupiter.api.Test;

class StackOptionsTest {
    @Test
    void addsWhatAPartNeeds() {
        assertThat(StackOptions.of(Part.NODES, Part.GIT).parts())
                .containsExactlyInAnyOrder(Part.API, Part.NODES, Part.GIT);
    }

    @Test
    void refusesNamesThatAreNoFileNames() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> StackOptions.everything().withName("../up"))
                .withMessageContaining("../up");
    }

    @Test
    void refusesAStackWithoutNodes() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> StackOptions.everything().withNodes(0));
    }
}
