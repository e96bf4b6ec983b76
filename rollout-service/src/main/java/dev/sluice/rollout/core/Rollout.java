package dev.sluice.rollout.core;

import com.fasterxml.jackson.databind.JsonNode;

/// A Rollout whose spec passed every check that needs no other object.
///
/// `json` is the object as read; analysis arguments may point at any field of it.
public record Rollout(RolloutMeta meta, RolloutSpec spec, RolloutStatus status, JsonNode json) {

    public int replicas() {
        return spec.replicas();
    }

    public boolean isFullyPromoted() {
        return status.stableRS().equals(status.currentPodHash());
    }
}
