package dev.sluice.runtime;

/// The handler cannot take the event now, through no fault of the event: what it needs is down. The
/// stream waits and hands the same event over again, for as long as it takes.
public final class TryLaterException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    public TryLaterException(String message, Throwable cause) {
        super(message, cause);
    }
}
