package dev.sluice.events;

/// The topics, each with one owning producer. All have the same number of partitions and use the
/// uid
/// of the rollout, application or run as key, so that equal keys meet on equal partitions.
public enum Topic {
    /// Facts from sync-service; key: uid of the Application.
    SYNC("sluice.sync.v1"),
    /// Facts from rollout-service; key: uid of the Rollout.
    ROLLOUT("sluice.rollout.v1"),
    /// Facts from analysis-service; key: uid of the AnalysisRun.
    ANALYSIS("sluice.analysis.v1"),
    /// Facts from router-service; key: uid of the Rollout.
    TRAFFIC("sluice.traffic.v1"),
    /// Commands from outside to rollout-service; key: uid of the Rollout.
    COMMANDS("sluice.commands.v1"),
    /// CDEvents from outside CI; key: chosen by the sender.
    CI("sluice.ci.v1");

    private final String wireName;

    Topic(String wireName) {
        this.wireName = wireName;
    }

    /// The name on the broker, without the installation's prefix.
    public String wireName() {
        return wireName;
    }

    /// The name on the broker of an installation whose topics start with `prefix` (may be empty).
    public String wireName(String prefix) {
        return prefix + wireName;
    }
}
