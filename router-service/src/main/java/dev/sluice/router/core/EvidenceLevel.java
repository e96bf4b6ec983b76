package dev.sluice.router.core;

/// How strong a proof is that proxies apply what was written (R5), weakest first.
public enum EvidenceLevel {
    /// The object was written and read back; nobody said that it was taken over.
    WRITTEN("Written"),
    /// The controller of the router acknowledged this generation.
    CONTROLLER("Controller"),
    /// The proxies themselves were seen to apply it.
    DATA_PLANE("DataPlane");

    private final String wireName;

    EvidenceLevel(String wireName) {
        this.wireName = wireName;
    }

    /// The name in `status.trafficPlan.observed.level`.
    public String wireName() {
        return wireName;
    }

    /// The weaker of the two.
    public EvidenceLevel and(EvidenceLevel other) {
        return compareTo(other) <= 0 ? this : other;
    }
}
