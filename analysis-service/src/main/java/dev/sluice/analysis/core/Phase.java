package dev.sluice.analysis.core;

import java.util.Arrays;
import java.util.Optional;

/// Phase of a measurement, a metric or a run. The order is that of badness across metrics (G2).
public enum Phase {
    SUCCESSFUL("Successful"),
    RUNNING("Running"),
    PENDING("Pending"),
    INCONCLUSIVE("Inconclusive"),
    ERROR("Error"),
    FAILED("Failed");

    private final String text;

    Phase(String text) {
        this.text = text;
    }

    public String text() {
        return text;
    }

    public boolean isCompleted() {
        return this != RUNNING && this != PENDING;
    }

    public boolean isWorseThan(Phase other) {
        return compareTo(other) > 0;
    }

    /// Whether users are warned of it.
    public boolean isAlarming() {
        return this == FAILED || this == ERROR;
    }

    public static Optional<Phase> of(String text) {
        return Arrays.stream(values()).filter(phase -> phase.text.equals(text)).findFirst();
    }
}
