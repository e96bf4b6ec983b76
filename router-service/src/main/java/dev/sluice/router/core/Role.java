package dev.sluice.router.core;

import java.util.Arrays;
import java.util.Optional;

/// What a Service is for in a release.
public enum Role {
    STABLE,
    CANARY,
    ACTIVE,
    PREVIEW;

    /// The role with this name in a plan.
    public static Optional<Role> named(String text) {
        return Arrays.stream(values()).filter(r -> r.name().equalsIgnoreCase(text)).findFirst();
    }
}
