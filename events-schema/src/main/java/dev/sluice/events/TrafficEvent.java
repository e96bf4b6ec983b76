package dev.sluice.events;

import java.time.Instant;
import java.util.List;
import java.util.Optional;

/// Facts of routing, from router-service.
public sealed interface TrafficEvent extends EventData {

    /// The Rollout whose traffic it is.
    WorkloadRef workload();

    @Override
    default Topic topic() {
        return Topic.TRAFFIC;
    }

    /// A service and the revision that its selector names.
    record ServiceTarget(String service, String podTemplateHash) {}

    /// Routing was changed and read back. A reader takes this as a hint and reads the evidence
    /// on the cluster's objects.
    ///
    /// @param plan id of the traffic plan that this is evidence for
    /// @param level `DataPlane`, `Controller` or `Written`
    /// @param observed the shares found, absent where no router is configured
    /// @param settlesAt from when no proxy uses the former routing
    /// @param partial whether capacity was short and traffic went only part of the way
    record TrafficShifted(
            WorkloadRef workload,
            long attempt,
            long plan,
            String level,
            Optional<Shares> observed,
            List<ServiceTarget> services,
            Instant observedAt,
            Instant settlesAt,
            boolean partial,
            Optional<String> message)
            implements TrafficEvent {
        public TrafficShifted {
            services = List.copyOf(services);
        }
    }
}
