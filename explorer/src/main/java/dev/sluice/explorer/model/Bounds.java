package dev.sluice.explorer.model;

/// How long a proxy may go on with what was replaced, in milliseconds: the drain bounds that
/// router-service is told. Real proxies stay below them by twice the skew of clocks.
///
/// @param services after the endpoints of a Service changed
/// @param routes after a routing object changed
public record Bounds(long services, long routes) {}
