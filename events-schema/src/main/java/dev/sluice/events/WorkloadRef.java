package dev.sluice.events;

/// The object that a release is about.
///
/// @param cluster the installation's name for the cluster
/// @param namespace its namespace
/// @param kind `Rollout`
/// @param name its name
/// @param uid its uid; a reader compares it before acting, since names are used again
public record WorkloadRef(String cluster, String namespace, String kind, String name, String uid) {}
