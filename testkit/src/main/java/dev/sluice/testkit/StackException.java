package dev.sluice.testkit;

import org.jspecify.annotations.Nullable;

/// A part of the stack could not be built, started or reached. The message says what to do.
public final class StackException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public StackException(String message) {
        super(message);
    }

    public StackException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
