package dev.sluice.events;

/// What came out of decoding a message.
public sealed interface Decoded {

    /// A well-formed event of a known type.
    record Known(Event event) implements Decoded {}

    /// A well-formed CloudEvent whose type this version does not know: to be skipped.
    record Unknown(String type) implements Decoded {}

    /// Not a CloudEvent, or a body that does not fit its type: to be set aside.
    ///
    /// @param reason what is wrong and where
    record Malformed(String reason) implements Decoded {}
}
