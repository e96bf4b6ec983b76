package dev.sluice.sync.core;

import java.util.Optional;

/// Where an operation, or one of its resources, stands.
public enum OperationPhase {
    Running,
    Terminating,
    Failed,
    Error,
    Succeeded;

    public boolean isCompleted() {
        return this == Failed || this == Error || this == Succeeded;
    }

    public boolean isFailure() {
        return this == Failed || this == Error;
    }

    public static Optional<OperationPhase> parse(String text) {
        for (OperationPhase phase : values()) {
            if (phase.name().equals(text)) {
                return Optional.of(phase);
            }
        }
        return Optional.empty();
    }
}
