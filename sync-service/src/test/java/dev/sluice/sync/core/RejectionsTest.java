package dev.sluice.sync.core;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class RejectionsTest {
    private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");

    private static KubeObject rollout(int generation, String status) {
        return Json.object(
                "{'apiVersion':'argoproj.io/v1alpha1','kind':'Rollout','metadata':{'name':'c','namespace':'ns','uid':'u','generation':"
                        + generation
                        + "},'status':{"
                        + status
                        + "}}");
    }

    @Test
    void aLiveAbortRejectsTheRevisionWithoutAnyEventAndOnlyOnce() {
        KubeObject aborted =
                rollout(
                        4,
                        "'abort':true,'observedGeneration':'4','message':'bad','release':{'attempt':2}");
        List<Rejections.Rejection> once =
                Rejections.observe(List.of(), List.of(aborted), "r2", NOW);
        assertThat(once)
                .containsExactly(
                        new Rejections.Rejection("r2", "c", "ns", "u", 2, "bad", NOW.toString()));
        assertThat(Rejections.observe(once, List.of(aborted), "r3", NOW)).isEqualTo(once);
    }

    @Test
    void theReleasesOwnCommitWins() {
        String commit = "a".repeat(40);
        KubeObject aborted =
                rollout(
                        4,
                        "'abort':true,'observedGeneration':'4','release':{'attempt':2,'commit':'"
                                + commit
                                + "'}");
        assertThat(Rejections.observe(List.of(), List.of(aborted), "r2", NOW))
                .extracting(Rejections.Rejection::revision)
                .containsExactly(commit);
    }

    @Test
    void anAbortOfAnOlderSpecSaysNothingAboutTheNewOne() {
        KubeObject stale = rollout(5, "'abort':true,'observedGeneration':'4'");
        assertThat(Rejections.observe(List.of(), List.of(stale), "r2", NOW)).isEmpty();
    }

    @Test
    void aPersonMayOverride() {
        List<Rejections.Rejection> known =
                List.of(new Rejections.Rejection("r2", "c", "ns", "u", 2, "bad", NOW.toString()));
        assertThat(Rejections.of("r2", known, Optional.empty())).isPresent();
        assertThat(Rejections.of("r2", known, Optional.of("r2"))).isEmpty();
        assertThat(Rejections.of("r2", known, Optional.of("r1"))).isPresent();
        assertThat(Rejections.of("r3", known, Optional.empty())).isEmpty();
    }
}
