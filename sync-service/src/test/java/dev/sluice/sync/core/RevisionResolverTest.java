package dev.sluice.sync.core;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.sync.core.RevisionResolver.Resolution;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

class RevisionResolverTest {
    private static final String SHA = "0123456789012345678901234567890123456789";
    private static final List<GitRef> REFS =
            List.of(
                    new GitRef("HEAD", "head"),
                    new GitRef("refs/heads/main", "main"),
                    new GitRef("refs/heads/1.9.0", "branch"),
                    new GitRef("refs/heads/dev", "dev"),
                    new GitRef("refs/tags/dev", "tag-dev"),
                    new GitRef("refs/tags/v1.2.0", "v120"),
                    new GitRef("refs/tags/v1.2.10", "v1210"),
                    new GitRef("refs/tags/v1.3.0-rc.1", "v130rc1"),
                    new GitRef("refs/tags/2.0.0", "v200"));

    record Case(String name, String target, Resolution expected) {
        @Override
        public String toString() {
            return name;
        }
    }

    static Stream<Case> cases() {
        return Stream.of(
                new Case("nothing is HEAD", "", new Resolution.Commit("head")),
                new Case("a commit is itself", SHA, new Resolution.Commit(SHA)),
                new Case("a branch", "main", new Resolution.Commit("main")),
                new Case("a full reference", "refs/heads/main", new Resolution.Commit("main")),
                new Case("the first in the listing wins", "dev", new Resolution.Commit("dev")),
                new Case("an exact version is a name", "v1.2.0", new Resolution.Commit("v120")),
                new Case("also of a branch", "1.9.0", new Resolution.Commit("branch")),
                new Case(
                        "a constraint takes the highest tag",
                        "1.2.*",
                        new Resolution.Commit("v1210")),
                new Case("never a branch or a pre-release", "^1.2", new Resolution.Commit("v1210")),
                new Case(
                        "a pre-release only when asked for",
                        ">=1.3.0-0 <2",
                        new Resolution.Commit("v130rc1")),
                new Case("any", "*", new Resolution.Commit("v200")),
                new Case(
                        "seven digits may be a commit",
                        "0123abc",
                        new Resolution.Abbreviated("0123abc")),
                new Case(
                        "unknown",
                        "nope",
                        new Resolution.Unresolved("unable to resolve 'nope' to a commit SHA")));
    }

    @ParameterizedTest
    @MethodSource("cases")
    void resolves(Case given) {
        assertThat(RevisionResolver.resolve(given.target(), REFS)).isEqualTo(given.expected());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            value = {
                "^1.2.3 ; 1.9.0 ; true", "^1.2.3 ; 2.0.0 ; false", "^0.2.3 ; 0.2.9 ; true",
                        "^0.2.3 ; 0.3.0 ; false", "~1.2 ; 1.2.9 ; true", "~1.2 ; 1.3.0 ; false",
                "1.x || 3.x ; 3.1.0 ; true", "1.x || 3.x ; 2.1.0 ; false",
                        "1.2 - 1.4 ; 1.4.7 ; true", "1.2 - 1.4 ; 1.5.0 ; false",
                        ">1.2 ; 1.2.9 ; false", ">1.2 ; 1.3.0 ; true",
                ">=1.0, <2 ; 1.5.0 ; true", "!=1.5.0 ; 1.5.0 ; false"
            })
    void constraints(String constraint, String version, boolean accepted) {
        assertThat(
                        SemverConstraint.parse(constraint)
                                .orElseThrow()
                                .accepts(SemverConstraint.version(version).orElseThrow()))
                .isEqualTo(accepted);
    }
}
