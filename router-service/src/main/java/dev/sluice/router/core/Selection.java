package dev.sluice.router.core;

/// Objects of one kind that carry labels.
///
/// @param labels a label selector in its text form
public record Selection(String apiVersion, String kind, String namespace, String labels) {}
