package dev.sluice.events;

/// The body of an event. Facts are in the past tense and say what is already durable in the
/// cluster;
/// only [RolloutCommand] asks for something.
///
/// Evolution: new optional fields may be added within a version, a consumer ignores what it does
/// not
/// know; anything else is a new type with a higher `v`. A sample of each version is frozen in this
/// module's tests and decodes for ever.
public sealed interface EventData
        permits SyncEvent, RolloutEvent, AnalysisEvent, TrafficEvent, RolloutCommand, CiEvent {

    /// The topic that carries this event, before the installation's prefix.
    Topic topic();
}
