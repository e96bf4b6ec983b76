package dev.sluice.router.core.provider;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sluice.router.core.Change;
import dev.sluice.router.core.EvidenceLevel;
import dev.sluice.router.core.ObjectRef;
import dev.sluice.router.core.RouteState;
import dev.sluice.router.core.Routing;
import dev.sluice.router.core.TrafficPlan.Destination;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// A routing object that its user made, and the fields in it that are ours. Writing what was read
/// gives the same object back; that is how a foreign change is found.
interface Document {

    /// What it does now.
    Content read(JsonNode object);

    /// A copy of it that does what `routing` says.
    ObjectNode write(JsonNode object, Routing routing);

    /// @param shares the canary's share by rule
    /// @param additional shares of other Services
    /// @param managed names of the header and mirror routes on it that are ours
    record Content(List<Integer> shares, List<Destination> additional, List<String> managed) {}

    /// How far its controller has come.
    record Acknowledgement(EvidenceLevel level, boolean current, Optional<String> problem) {
        static Acknowledgement none() {
            return new Acknowledgement(EvidenceLevel.WRITTEN, true, Optional.empty());
        }
    }

    /// Nothing reports back, unless a kind of router says otherwise.
    default Acknowledgement acknowledgement(JsonNode object) {
        return Acknowledgement.none();
    }

    /// What an object says, in the plan's terms.
    default RouteState state(ObjectRef ref, JsonNode object, Marks marks) {
        Content content = read(object);
        Acknowledgement acknowledgement = acknowledgement(object);
        int wanted = marks.plan().canaryWeight().orElse(0);
        // rules that differ: the farthest from the plan speaks for the object, the others linger
        int share =
                content.shares().stream()
                        .reduce((a, b) -> Math.abs(b - wanted) > Math.abs(a - wanted) ? b : a)
                        .orElse(0);
        List<Integer> former = new ArrayList<>(content.shares());
        former.addAll(marks.former(object));
        RouteState read =
                new RouteState(
                        ref,
                        true,
                        share,
                        content.additional(),
                        content.managed(),
                        former.stream().filter(f -> f != share).distinct().sorted().toList(),
                        false,
                        marks.stamped(object),
                        acknowledgement.level(),
                        acknowledgement.current(),
                        acknowledgement.problem());
        boolean exact =
                content.shares().stream().distinct().count() <= 1
                        && write(object, read.routing(marks.plan())).equals(object);
        return new RouteState(
                read.ref(),
                true,
                share,
                read.additional(),
                read.managed(),
                read.former(),
                exact,
                read.stampedPlan(),
                read.level(),
                read.acknowledged(),
                read.problem());
    }

    /// The write that makes an object do what `routing` says.
    default Change change(ObjectRef ref, JsonNode object, Routing routing, Marks marks) {
        return change(state(ref, object, marks), object, routing, marks);
    }

    /// The same where the object is only a part of the route.
    default Change change(RouteState was, JsonNode object, Routing routing, Marks marks) {
        ObjectNode after = write(object, routing);
        marks.put(after, object, was, routing);
        return new Change.Operations(was.ref(), Owned.difference(object, after));
    }

    /// A share in parts of `whole`; rounded up, so that a foreign total never hides a share.
    static int share(long weight, long sum, int whole) {
        if (sum <= 0) {
            return 0;
        }
        return Math.clamp((weight * whole + sum - 1) / sum, 0, whole);
    }
}
