package dev.sluice.router.core.provider;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sluice.router.core.Change;
import dev.sluice.router.core.Keys;
import dev.sluice.router.core.Lingering;
import dev.sluice.router.core.ObjectRef;
import dev.sluice.router.core.Role;
import dev.sluice.router.core.RolloutView;
import dev.sluice.router.core.RouterConfig.Istio;
import dev.sluice.router.core.Snapshot;
import dev.sluice.router.core.TrafficPlan;
import dev.sluice.router.core.provider.Provider.Subset;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// The two subsets of a DestinationRule as backends. Owned fields: their revision label, the owner
/// annotation, our marks; other subsets and everything else about these two stay.
record IstioSubsets(
        RolloutView rollout, Istio.DestinationRule rule, ObjectRef ref, Duration drain) {

    static Optional<JsonNode> find(JsonNode object, String name) {
        for (JsonNode subset : object.path("spec").path("subsets")) {
            if (subset.path("name").asText().equals(name)) {
                return Optional.of(subset);
            }
        }
        return Optional.empty();
    }

    List<Subset> read(Snapshot seen, TrafficPlan plan, Instant now) {
        JsonNode object = seen.find(ref).orElseThrow();
        List<Subset> subsets = new ArrayList<>();
        for (Role role : List.of(Role.STABLE, Role.CANARY)) {
            String name = role == Role.CANARY ? rule.canarySubset() : rule.stableSubset();
            plan.target(role)
                    .ifPresent(
                            t ->
                                    subsets.add(
                                            new Subset(
                                                    name,
                                                    role,
                                                    t.podTemplateHash(),
                                                    hash(object, name),
                                                    Lingering.read(object, key(name), drain, now)
                                                            .former(),
                                                    ServiceSelectors.managedBy(object).isPresent(),
                                                    Lingering.stampedPlan(object, rollout.uid()))));
        }
        return subsets;
    }

    private static Optional<String> hash(JsonNode object, String subset) {
        return find(object, subset)
                .map(s -> s.path("labels").path(Keys.HASH).asText(""))
                .filter(h -> !h.isEmpty());
    }

    Change point(
            Snapshot seen, TrafficPlan plan, String subset, Optional<String> hash, Instant now) {
        JsonNode object = seen.find(ref).orElseThrow();
        ObjectNode after = object.deepCopy();
        Marks.annotations(after).put(Keys.PLAN, Lingering.stamp(object, rollout.uid(), plan.id()));
        hash.ifPresent(
                h -> {
                    Lingering lingering =
                            Lingering.read(object, key(subset), drain, now)
                                    .replacing(hash(object, subset).orElse(""), h, drain, now);
                    Marks.annotations(after)
                            .put(Keys.MANAGED_BY, rollout.name())
                            .put(Keys.LINGERING, lingering.annotation(object, key(subset), h));
                    ((ObjectNode) find(after, subset).orElseThrow())
                            .withObjectProperty("labels")
                            .put(Keys.HASH, h);
                });
        return new Change.Operations(ref, Owned.difference(object, after));
    }

    /// What lingers is noted for each subset by itself.
    private String key(String subset) {
        return rollout.uid() + "#" + subset;
    }
}
