package dev.sluice.rollout.core;

import com.fasterxml.jackson.databind.JsonNode;
import dev.sluice.rollout.core.Observation.ServiceView;
import dev.sluice.rollout.core.RolloutStatus.CanaryWeights;
import dev.sluice.rollout.core.RolloutStatus.WeightEntry;
import dev.sluice.rollout.core.Strategy.ReplicaThreshold;
import dev.sluice.rollout.core.TrafficPlan.ManagedRoute;
import dev.sluice.rollout.core.TrafficPlan.Observed;
import dev.sluice.rollout.core.TrafficPlan.Reason;
import dev.sluice.rollout.core.TrafficPlan.Role;
import dev.sluice.rollout.core.TrafficPlan.RoleService;
import dev.sluice.rollout.core.TrafficPlan.Share;
import dev.sluice.rollout.core.TrafficPlan.Weights;
import dev.sluice.rollout.core.status.StatusJson;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/// Our side of the hand-shake with router-service: takes evidence in, writes plans.
public final class Planning {
    private Planning() {}

    /// The routing that the strategy wants now.
    public sealed interface Wanted {
        /// No Service is configured: there is nothing to route.
        record Nothing() implements Wanted {}

        /// A guard says "not yet"; the present routing stays, and nothing that depends on it
        /// may run (C13).
        record NotYet(String reason) implements Wanted {}

        record Routing(
                String anchor,
                int maxWeight,
                List<RoleService> services,
                Optional<Weights> weights,
                Optional<JsonNode> carriage,
                List<ManagedRoute> routes,
                List<Share> shares)
                implements Wanted {
            public Routing {
                routes = List.copyOf(routes);
                services = List.copyOf(services);
                shares =
                        shares.stream()
                                .sorted(Comparator.comparing(Share::podTemplateHash))
                                .toList();
            }

            Optional<String> selected(Role role) {
                return services.stream()
                        .filter(s -> s.role() == role)
                        .map(RoleService::podTemplateHash)
                        .findFirst();
            }
        }
    }

    /// Reads the evidence on the anchor Service. Only complete evidence for the current plan,
    /// after its drain time, lowers what counts as live.
    static void takeEvidence(Pass pass) {
        if (pass.next.trafficPlan.isEmpty()) {
            return;
        }
        TrafficPlan stored = pass.next.trafficPlan.get();
        Optional<Observed> seen =
                Optional.ofNullable(pass.seen.services().get(stored.anchor()))
                        .map(
                                service ->
                                        service.annotations()
                                                .getOrDefault(Names.TRAFFIC_EVIDENCE, ""))
                        .flatMap(text -> StatusJson.evidence(text, pass.rollout.meta().uid()))
                        .filter(o -> isNews(stored, o));
        TrafficPlan plan = seen.map(o -> stored.withObserved(honest(stored, o))).orElse(stored);
        if (plan.isSettled(pass.now)) {
            plan = plan.withLive(TrafficPlan.max(plan.shares(), List.of()));
        } else if (plan.isObserved()) {
            pass.wakeAt(plan.observed().orElseThrow().settlesAt());
        }
        pass.next.trafficPlan = Optional.of(plan);
    }

    private static boolean isNews(TrafficPlan plan, Observed seen) {
        return seen.plan() <= plan.id()
                && seen.plan() >= plan.observed().map(Observed::plan).orElse(0L);
    }

    /// Evidence that claims to be complete must show what the plan asks for (R5).
    private static Observed honest(TrafficPlan plan, Observed o) {
        boolean matches =
                o.plan() != plan.id()
                        || plan.weights().isEmpty()
                        || plan.weights().equals(o.weights());
        return matches || o.partial()
                ? o
                : new Observed(
                        o.plan(),
                        o.at(),
                        o.settlesAt(),
                        o.level(),
                        o.weights(),
                        o.services(),
                        true,
                        "the observed weights are not those of the plan");
    }

    /// `status.canary.weights` shows what was proven, and whether that is what the plan asks
    /// for.
    static void recordWeights(Pass pass) {
        TrafficPlan plan = pass.next.trafficPlan.orElse(null);
        if (plan == null || plan.weights().isEmpty()) {
            pass.next.weights = Optional.empty();
            return;
        }
        Optional<Weights> seen = plan.observed().flatMap(Observed::weights);
        if (seen.isEmpty()) {
            return;
        }
        CanaryWeights weights =
                new CanaryWeights(
                        entry(pass, plan, Role.CANARY, seen.get().canary()),
                        entry(pass, plan, Role.STABLE, seen.get().stable()),
                        seen.get().additional().stream()
                                .map(
                                        d ->
                                                new WeightEntry(
                                                        d.weight(),
                                                        d.serviceName(),
                                                        d.podTemplateHash()))
                                .toList(),
                        Optional.of(plan.isObserved()));
        Optional<CanaryWeights> old = pass.next.weights;
        int was = old.map(w -> w.canary().weight()).orElse(-1);
        int is = weights.canary().weight();
        if (was != is) {
            String text =
                    was < 0
                            ? "Traffic weight updated to " + is
                            : "Traffic weight updated from " + was + " to " + is;
            pass.notices.add(Notice.normal("TrafficWeightUpdated", text));
        }
        pass.next.weights = Optional.of(weights);
    }

    /// With ping-pong the entries keep the names of the fields, whichever Service of the pair it
    /// is.
    private static String nameOf(Pass pass, TrafficPlan plan, Role role) {
        if (pass.spec.strategy() instanceof Strategy.Canary canary
                && canary.pingPong().isPresent()) {
            return (role == Role.CANARY ? canary.canaryService() : canary.stableService())
                    .orElse("");
        }
        return plan.services().stream()
                .filter(s -> s.role() == role)
                .map(RoleService::name)
                .findFirst()
                .orElse("");
    }

    private static WeightEntry entry(Pass pass, TrafficPlan plan, Role role, int weight) {
        String name = nameOf(pass, plan, role);
        // A canary without a share is named after the revision that it is for, wherever its Service
        // leads meanwhile.
        String hash =
                role == Role.CANARY && weight == 0
                        ? pass.newHash()
                        : plan.selected(role).orElse("");
        return new WeightEntry(weight, name, hash);
    }

    /// True when the routing that is wanted is the stored plan and was seen in effect.
    public static boolean isInEffect(Pass pass, Wanted wanted) {
        return switch (wanted) {
            case Wanted.Nothing() -> true;
            case Wanted.NotYet(_) -> false;
            case Wanted.Routing routing ->
                    pass.next
                            .trafficPlan
                            .map(p -> isSame(p, routing) && p.isObserved())
                            .orElse(false);
        };
    }

    private static boolean isSame(TrafficPlan plan, Wanted.Routing wanted) {
        return plan.anchor().equals(wanted.anchor())
                && plan.maxWeight() == wanted.maxWeight()
                && plan.services().equals(wanted.services())
                && plan.weights().equals(wanted.weights())
                && plan.carriage().equals(wanted.carriage())
                && plan.routes().equals(wanted.routes());
    }

    /// Writes a new plan where the wanted routing differs from the stored one: capacity stamps
    /// first, then the plan, with `live` raised by maximum.
    static void write(Pass pass, Wanted wanted, Reason reason) {
        Optional<TrafficPlan> old = pass.next.trafficPlan;
        long oldId = old.map(TrafficPlan::id).orElse(0L);
        if (wanted instanceof Wanted.NotYet(String why)) {
            pass.waitingFor = Optional.of(why);
        }
        if (wanted instanceof Wanted.Nothing) {
            pass.next.trafficPlan = old.map(TrafficPlan::emptied);
        }
        if (!(wanted instanceof Wanted.Routing routing)) {
            return;
        }
        boolean same = old.map(p -> isSame(p, routing)).orElse(false);
        if (same && !pass.takesOver && !Capacity.hasOrphanStamp(pass, oldId)) {
            return;
        }
        long id = Math.max(oldId + 1, Capacity.highestStamp(pass));
        Capacity.stamp(pass, id, routing);
        pass.holdScaleDowns();
        pass.next.trafficPlan =
                Optional.of(
                        new TrafficPlan(
                                id,
                                pass.next.release.map(RolloutStatus.Release::attempt).orElse(1L),
                                pass.now,
                                same ? Reason.Reconfigure : reason,
                                pass.isAborted(),
                                routing.maxWeight(),
                                routing.anchor(),
                                routing.services(),
                                routing.weights(),
                                routing.carriage(),
                                routing.routes(),
                                routing.shares(),
                                TrafficPlan.max(
                                        old.map(TrafficPlan::live)
                                                .orElseGet(() -> beforeAnyPlan(routing)),
                                        routing.shares()),
                                old.flatMap(TrafficPlan::observed),
                                threshold(pass)));
    }

    /// The threshold in force at the present step.
    public static Optional<ReplicaThreshold> threshold(Pass pass) {
        if (!(pass.spec.strategy() instanceof Strategy.Canary canary)) {
            return Optional.empty();
        }
        int step = pass.next.currentStepIndex.orElse(canary.steps().size());
        return pass.spec.policy().thresholdAt(step).or(canary::threshold);
    }

    /// The plan that gives all traffic back to the stable revision although the spec cannot be
    /// read: an abort must not wait for its repair (A4). Services stay as they are planned.
    ///
    /// The stable revision needs no stamp for it: while weights are shared out nothing but a
    /// change of the spec takes it below its full size.
    static Optional<TrafficPlan> giveBack(RolloutStatus stored, Instant now) {
        String stable = stored.stableRS();
        boolean isOff =
                !stored.abort() || stable.isEmpty() || stable.equals(stored.currentPodHash());
        return stored.trafficPlan()
                .filter(_ -> !isOff)
                .filter(p -> p.weights().map(Weights::canary).orElse(0) > 0)
                .filter(p -> p.selected(Role.STABLE).filter(stable::equals).isPresent())
                .map(p -> giveBack(p, stable, now));
    }

    private static TrafficPlan giveBack(TrafficPlan old, String stable, Instant now) {
        List<Share> shares = List.of(new Share(stable, old.maxWeight()));
        return new TrafficPlan(
                old.id() + 1,
                old.attempt(),
                now,
                Reason.Abort,
                true,
                old.maxWeight(),
                old.anchor(),
                old.services(),
                Optional.of(new Weights(0, old.maxWeight())),
                old.carriage(),
                List.of(),
                shares,
                TrafficPlan.max(old.live(), shares),
                old.observed(),
                Optional.empty());
    }

    /// The revision that a Service selects now: by the plan, else by itself.
    public static String selected(Pass pass, String service) {
        return pass.next
                .trafficPlan
                .flatMap(
                        p ->
                                p.services().stream()
                                        .filter(s -> s.name().equals(service))
                                        .map(RoleService::podTemplateHash)
                                        .findFirst())
                .orElseGet(
                        () ->
                                Optional.ofNullable(pass.seen.services().get(service))
                                        .map(ServiceView::hash)
                                        .orElse(""));
    }

    /// What routers may be doing that no plan told them: all may go to the stable Service (D1).
    private static List<Share> beforeAnyPlan(Wanted.Routing routing) {
        return routing.weights().isEmpty()
                ? List.of()
                : routing.selected(Role.STABLE).stream()
                        .map(hash -> new Share(hash, routing.maxWeight()))
                        .toList();
    }

    /// Whether a Service may be pointed at a revision: fully available when it is adopted, one
    /// pod otherwise; a pod more than wanted is about to go. Without replicas any will do (H6).
    public static boolean isSwitchable(Pass pass, String service, String hash) {
        if (pass.replicas() == 0) {
            return pass.sets.withHash(hash).isPresent(); // nobody is served either way (H6)
        }
        boolean managed =
                Optional.ofNullable(pass.seen.services().get(service))
                        .map(ServiceView::isManaged)
                        .orElse(false);
        return pass.sets
                .withHash(hash)
                .map(
                        rs ->
                                (pass.replicas() == 0 || managed)
                                        ? Math.min(rs.available(), rs.replicas())
                                                >= Math.min(1, pass.replicas())
                                        : rs.replicas() > 0 && rs.available() >= rs.replicas())
                .orElse(false);
    }
}
