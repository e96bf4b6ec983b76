package dev.sluice.router.core.provider;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sluice.router.core.Keys;
import dev.sluice.router.core.Lingering;
import dev.sluice.router.core.RolloutView;
import dev.sluice.router.core.RouteState;
import dev.sluice.router.core.Routing;
import dev.sluice.router.core.TrafficPlan;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;

/// What we note on a routing object: the plan it was programmed for, and the shares that proxies
/// may still apply.
///
/// With ping-pong a share is noted with the Service that had it, for the roles change.
record Marks(RolloutView rollout, TrafficPlan plan, Pair pair, Duration drain, Instant now) {

    /// Shares of the canary Service that may still be applied.
    List<Integer> former(JsonNode object) {
        List<Integer> shares = new ArrayList<>();
        for (String text : Lingering.read(object, rollout.uid(), drain, now).former()) {
            shares.add(share(text));
        }
        return shares;
    }

    OptionalLong stamped(JsonNode object) {
        return Lingering.stampedPlan(object, rollout.uid());
    }

    /// The stamp of two objects together.
    static OptionalLong older(OptionalLong a, OptionalLong b) {
        return a.isEmpty() || b.isEmpty()
                ? OptionalLong.empty()
                : OptionalLong.of(Math.min(a.getAsLong(), b.getAsLong()));
    }

    /// Whether the object was programmed for this plan or a later one.
    boolean isStamped(JsonNode object) {
        OptionalLong stamp = stamped(object);
        return stamp.isPresent() && stamp.getAsLong() >= plan.id();
    }

    /// Notes the plan and what `routing` replaces.
    void put(ObjectNode after, JsonNode before, RouteState was, Routing routing) {
        Lingering lingering = Lingering.read(before, rollout.uid(), drain, now);
        if (was.canary() != routing.canary() || !was.exact()) {
            for (int former : was.former()) {
                lingering = lingering.replacing(text(former), text(routing.canary()), drain, now);
            }
            lingering = lingering.replacing(text(was.canary()), text(routing.canary()), drain, now);
        }
        stamp(after, before);
        annotations(after)
                .put(
                        Keys.LINGERING,
                        lingering.annotation(
                                before, rollout.uid(), Integer.toString(routing.canary())));
    }

    /// Notes the plan only.
    void stamp(ObjectNode after, JsonNode before) {
        annotations(after).put(Keys.PLAN, Lingering.stamp(before, rollout.uid(), plan.id()));
    }

    static ObjectNode annotations(ObjectNode object) {
        return object.withObjectProperty("metadata").withObjectProperty("annotations");
    }

    private String text(int canary) {
        return rollout.pingPong() ? canary + "@" + pair.canary() : Integer.toString(canary);
    }

    private int share(String text) {
        int at = text.indexOf('@');
        try {
            int share = Integer.parseInt(at < 0 ? text : text.substring(0, at));
            boolean changedRoles = at >= 0 && text.substring(at + 1).equals(pair.stable());
            return Math.clamp(changedRoles ? plan.maxWeight() - share : share, 0, plan.maxWeight());
        } catch (NumberFormatException e) {
            return plan.maxWeight(); // unreadable: assume the worst
        }
    }
}
