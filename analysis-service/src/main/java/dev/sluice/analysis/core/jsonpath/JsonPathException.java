package dev.sluice.analysis.core.jsonpath;

/// A path that cannot be parsed, or that points to nothing.
public final class JsonPathException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    JsonPathException(String message) {
        super(message);
    }
}
