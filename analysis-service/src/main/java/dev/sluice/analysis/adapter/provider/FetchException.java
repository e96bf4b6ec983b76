package dev.sluice.analysis.adapter.provider;

/// A request that was refused or brought no usable answer. The message is shown to users.
final class FetchException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    FetchException(String message) {
        super(message);
    }

    String reason() {
        String message = getMessage();
        return message == null ? "" : message;
    }
}
