package dev.sluice.rollout.core.canary;

import dev.sluice.rollout.core.Strategy;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// The two Services between which the weights are shared out.
///
/// With ping-pong they change roles at each promotion, so that the Service which carries all
/// traffic by then becomes the stable one and nothing is re-pointed under load. Istio keeps to
/// `stableService` and `canaryService` where one of them is given.
///
/// @param others Services that follow the same roles without a weight of their own
record ServicePair(String stable, String canary, List<Other> others) {
    private static final String PING = "ping";
    private static final String PONG = "pong";

    /// A Service beside the pair; exactly one of the two roles.
    record Other(String name, boolean isStable) {}

    ServicePair {
        others = List.copyOf(others);
    }

    static ServicePair of(Strategy.Canary canary, String stablePingPong) {
        String stable = canary.stableService().orElse("");
        String other = canary.canaryService().orElse("");
        if (canary.pingPong().isEmpty()) {
            return new ServicePair(stable, other, List.of());
        }
        String ping = canary.pingPong().get().pingService();
        String pong = canary.pingPong().get().pongService();
        boolean isPingStable = stablePingPong.equals(PING);
        String first = isPingStable ? ping : pong;
        String second = isPingStable ? pong : ping;
        boolean isNamed = !stable.isEmpty() || !other.isEmpty();
        boolean isByName =
                isNamed && canary.routing().map(r -> r.json().hasNonNull("istio")).orElse(false);
        return isByName
                ? new ServicePair(stable, other, beside(first, second))
                : new ServicePair(first, second, beside(stable, other));
    }

    private static List<Other> beside(String stable, String canary) {
        List<Other> others = new ArrayList<>();
        if (!stable.isEmpty()) {
            others.add(new Other(stable, true));
        }
        if (!canary.isEmpty()) {
            others.add(new Other(canary, false));
        }
        return others;
    }

    /// The stable one after a promotion.
    static String flipped(String stablePingPong) {
        return stablePingPong.equals(PING) ? PONG : PING;
    }

    Optional<String> stableName() {
        return Optional.of(stable).filter(s -> !s.isEmpty());
    }

    Optional<String> canaryName() {
        return Optional.of(canary).filter(s -> !s.isEmpty());
    }
}
