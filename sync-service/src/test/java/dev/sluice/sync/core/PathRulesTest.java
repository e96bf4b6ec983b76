package dev.sluice.sync.core;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class PathRulesTest {
    @ParameterizedTest
    @CsvSource({"., ''", "apps/checkout, apps/checkout", "./a/../b, b", "a//b/, a/b"})
    void cleansPathsInsideTheRepository(String path, String cleaned) {
        assertThat(PathRules.applicationPath(path))
                .isEqualTo(new PathRules.Cleaned.Inside(cleaned));
    }

    @ParameterizedTest
    @ValueSource(strings = {"/etc", "..", "a/../../b", "../repo-evil", ".git/config", "a\\..\\b"})
    void refusesWhatLeadsOut(String path) {
        assertThat(PathRules.applicationPath(path)).isInstanceOf(PathRules.Cleaned.Refused.class);
    }

    @ParameterizedTest
    @CsvSource({"a/b, ../c, a/c", "'', x, x"})
    void followsLinksInside(String at, String target, String end) {
        assertThat(PathRules.link(at, target)).isEqualTo(new PathRules.Cleaned.Inside(end));
    }

    @ParameterizedTest
    @CsvSource({"a, ../../etc/passwd", "a, /etc/passwd", "'', .."})
    void refusesLinksOut(String at, String target) {
        assertThat(PathRules.link(at, target)).isInstanceOf(PathRules.Cleaned.Refused.class);
    }
}
