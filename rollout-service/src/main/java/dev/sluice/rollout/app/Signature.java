package dev.sluice.rollout.app;

/// How this installation signs its events.
///
/// @param cluster the installation's name for the cluster
/// @param source event source, `/sluice/<cluster>/rollout-service`
public record Signature(String cluster, String source) {}
