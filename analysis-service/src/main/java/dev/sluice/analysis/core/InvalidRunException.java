package dev.sluice.analysis.core;

/// The run's spec cannot be used; the message is what users see in the run's status.
public final class InvalidRunException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public InvalidRunException(String message) {
        super(message);
    }

    /// The message, never null.
    public String reason() {
        String message = getMessage();
        return message == null ? "" : message;
    }
}
