package dev.sluice.runtime.outbox;

/// PostgreSQL does not answer, or not in time; whether the work took effect is unknown.
public final class StoreUnavailableException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    public StoreUnavailableException(String message, Throwable cause) {
        super(message, cause);
    }
}
