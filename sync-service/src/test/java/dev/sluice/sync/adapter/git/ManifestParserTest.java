package dev.sluice.sync.adapter.git;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class ManifestParserTest {
    private final ManifestParser parser = new ManifestParser(1_572_864);

    /// Sixteen levels of three are fewer aliases than the loader refuses, and 43 million values.
    @Test
    void aliasesThatExpandWithoutBoundAreRefused() {
        StringBuilder text = new StringBuilder("apiVersion: v1\nkind: ConfigMap\na0: &a0 [x]\n");
        for (int i = 1; i <= 16; i++) {
            String before = "*a" + (i - 1);
            text.append("a%d: &a%d [%s, %s, %s]\n".formatted(i, i, before, before, before));
        }

        assertThatThrownBy(() -> parser.parse("app/bomb.yaml", text.toString()))
                .isInstanceOf(ManifestParser.MalformedException.class)
                .hasMessageContaining("app/bomb.yaml")
                .hasMessageContaining("expands to more than");
    }

    @Test
    void aValueThatContainsItselfIsRefused() {
        assertThatThrownBy(() -> parser.parse("app/self.yaml", "kind: &a [*a, *a]\n"))
                .isInstanceOf(ManifestParser.MalformedException.class)
                .hasMessageContaining("app/self.yaml");
    }

    @Test
    void aKeyHasToBeAScalar() {
        assertThatThrownBy(() -> parser.parse("app/key.yaml", "? [a, b]\n: x\n"))
                .isInstanceOf(ManifestParser.MalformedException.class)
                .hasMessageContaining("a key is not a scalar");
    }

    @Test
    void ordinaryAnchorsWork() throws Exception {
        var found =
                parser.parse(
                        "app/a.yaml",
                        """
                        apiVersion: v1
                        kind: ConfigMap
                        metadata: {name: a, labels: &l {x: "1"}, annotations: *l}
                        """);

        assertThat(found).singleElement().matches(o -> o.annotation("x").isPresent());
    }
}
