package dev.sluice.testkit;

/// The four services, in the order in which a release passes through them.
public enum SluiceService {
    SYNC("sync-service", 8081),
    ROLLOUT("rollout-service", 8082),
    ANALYSIS("analysis-service", 8083),
    ROUTER("router-service", 8084);

    private final String module;
    private final int defaultPort;

    SluiceService(String module, int defaultPort) {
        this.module = module;
        this.defaultPort = defaultPort;
    }

    /// The Maven module, and the name of the process.
    public String module() {
        return module;
    }

    public int defaultPort() {
        return defaultPort;
    }

    /// Whether the port is free; several stacks cannot all have the default.
    public boolean isDefaultPortFree() {
        return Ports.isBindable(defaultPort);
    }
}
