package dev.sluice.cli.demo;

/// The demo did not go as it must; the message says what was expected and what was seen.
final class DemoFailure extends RuntimeException {
    private static final long serialVersionUID = 1L;

    DemoFailure(String message) {
        super(message);
    }
}
