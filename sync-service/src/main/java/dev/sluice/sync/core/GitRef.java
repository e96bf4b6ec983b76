package dev.sluice.sync.core;

/// One advertised reference. `commit` is peeled: an annotated tag gives the commit that it names.
public record GitRef(String name, String commit) {}
