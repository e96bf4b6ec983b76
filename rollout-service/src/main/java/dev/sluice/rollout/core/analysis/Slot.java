package dev.sluice.rollout.core.analysis;

import dev.sluice.rollout.core.RolloutStatus.RunStatus;
import dev.sluice.rollout.core.status.StatusDraft;
import java.util.Optional;

/// The places of a Rollout in which one current AnalysisRun may stand.
public enum Slot {
    STEP("Step", "Step-based analysis"),
    BACKGROUND("Background", "Background analysis"),
    PRE_PROMOTION("PrePromotion", "Blue/green pre-promotion analysis"),
    POST_PROMOTION("PostPromotion", "Blue/green post-promotion analysis");

    private final String label;
    private final String text;

    Slot(String label, String text) {
        this.label = label;
        this.text = text;
    }

    String label() {
        return label;
    }

    String text() {
        return text;
    }

    /// Runs of which kind are counted together.
    String kind(int stepIndex) {
        return this == STEP ? label + "-" + stepIndex : label;
    }

    public Optional<RunStatus> in(StatusDraft status) {
        return switch (this) {
            case STEP -> status.stepRun;
            case BACKGROUND -> status.backgroundRun;
            case PRE_PROMOTION -> status.preRun;
            case POST_PROMOTION -> status.postRun;
        };
    }

    void put(StatusDraft status, Optional<RunStatus> run) {
        switch (this) {
            case STEP -> status.stepRun = run;
            case BACKGROUND -> status.backgroundRun = run;
            case PRE_PROMOTION -> status.preRun = run;
            case POST_PROMOTION -> status.postRun = run;
        }
    }

    String suffix(int stepIndex) {
        return switch (this) {
            case STEP -> "-" + stepIndex;
            case BACKGROUND -> "";
            case PRE_PROMOTION -> "-pre";
            case POST_PROMOTION -> "-post";
        };
    }
}
