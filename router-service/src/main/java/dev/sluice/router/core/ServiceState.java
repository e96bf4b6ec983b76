package dev.sluice.router.core;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

/// One backend of the plan as it was read: a Service with its endpoints, or a subset of a router
/// that selects pods by itself.
///
/// @param kind what it is, as users call it: `Service` or `Subset`
/// @param target the revision that it has to select
/// @param exists false when it is missing
/// @param selected the revision that it selects; empty when its selector names none
/// @param former revisions that proxies may still reach through it
/// @param managed whether it carries our owner annotation
/// @param owner another Rollout that owns it
/// @param stampedPlan the newest plan that it was programmed for
/// @param ready ready endpoints by revision
public record ServiceState(
        String kind,
        String name,
        Role role,
        String target,
        boolean exists,
        Optional<String> selected,
        List<String> former,
        boolean managed,
        Optional<String> owner,
        OptionalLong stampedPlan,
        Map<String, Integer> ready) {

    /// The kind of a core/v1 Service.
    public static final String SERVICE = "Service";

    /// The kind of a subset that a router's own object defines.
    public static final String SUBSET = "Subset";

    public ServiceState {
        former = List.copyOf(former);
        ready = new LinkedHashMap<>(ready);
    }

    /// How messages call it.
    public String label() {
        return kind + " '" + name + "'";
    }

    /// Whether the selector is as the plan wants it.
    public boolean pointed() {
        return selected.filter(target::equals).isPresent();
    }

    /// Whether no endpoint of another revision is left.
    public boolean endpointsFollow() {
        return ready.keySet().stream().allMatch(target::equals);
    }
}
