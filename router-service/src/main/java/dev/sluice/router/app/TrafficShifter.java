package dev.sluice.router.app;

import com.fasterxml.jackson.databind.JsonNode;
import dev.sluice.router.RouterMessages;
import dev.sluice.router.config.RouterSettings;
import dev.sluice.router.core.Change;
import dev.sluice.router.core.Evidence;
import dev.sluice.router.core.Lingering;
import dev.sluice.router.core.Move;
import dev.sluice.router.core.ObjectRef;
import dev.sluice.router.core.RolloutReader;
import dev.sluice.router.core.RolloutView;
import dev.sluice.router.core.Routing;
import dev.sluice.router.core.ServiceState;
import dev.sluice.router.core.ShiftPlanner;
import dev.sluice.router.core.TrafficPlan;
import dev.sluice.router.core.provider.Provider;
import dev.sluice.runtime.Outbox;
import dev.sluice.runtime.WriteResult;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/// Carries out the plan of one Rollout: look, let the planner decide one write, write, look again.
///
/// Nothing is remembered between two calls. Killed between any two writes, the next call goes on
/// from what it finds; called twice, the second changes nothing.
public final class TrafficShifter {

    private static final Duration SOON = Duration.ofMillis(100);
    private static final int MOST_LOOKS = 40;
    private static final Duration HOLDS = Duration.ofSeconds(1);
    private static final Duration OVERTAKEN = Duration.ofMillis(50);

    private final Cluster cluster;
    private final Observer observer;
    private final RouteNotices notices;
    private final ShiftFacts facts;
    private final Outbox outbox;
    private final ShiftMeters meters;
    private final RouterSettings settings;
    private final InstantSource clock;

    /// What it works with.
    public record Parts(
            Cluster cluster,
            RouteNotices notices,
            ShiftFacts facts,
            Outbox outbox,
            ShiftMeters meters,
            RouterSettings settings,
            InstantSource clock) {}

    public TrafficShifter(Parts parts) {
        this.cluster = parts.cluster();
        this.notices = parts.notices();
        this.facts = parts.facts();
        this.outbox = parts.outbox();
        this.meters = parts.meters();
        this.settings = parts.settings();
        this.clock = parts.clock();
        this.observer = new Observer(cluster, setup(settings), clock);
    }

    private static Provider.Setup setup(RouterSettings settings) {
        RouterSettings.Drain drain = settings.drain();
        RouterSettings.Api api = settings.api();
        return new Provider.Setup(
                new Provider.DrainBounds(
                        drain.services(),
                        drain.nginx(),
                        drain.gateway(),
                        drain.istio(),
                        drain.alb(),
                        drain.others()),
                new Provider.ApiVersions(api.istio(), api.smi(), api.ambassador(), api.traefik()));
    }

    /// Works on a Rollout until nothing can be done at once.
    ///
    /// @return when to look again
    public Optional<Duration> shift(String namespace, String name) {
        for (int looks = 0; looks < MOST_LOOKS; looks++) {
            Optional<RolloutView> rollout =
                    cluster.rollout(namespace, name).map(RolloutReader::read);
            if (rollout.isEmpty() || rollout.get().deleting()) {
                return Optional.empty(); // its traffic stays as it is (R10)
            }
            if (rollout.get().planProblem().isPresent()) {
                String problem = rollout.get().planProblem().get();
                RouterMessages.LOG.unreadablePlan(namespace, name, problem);
                notices.routingError(rollout.get(), problem);
                return Optional.of(settings.recheckInvalid());
            }
            if (rollout.get().plan().isEmpty()) {
                return Optional.empty();
            }
            Optional<Optional<Duration>> end = shift(rollout.get(), rollout.get().plan().get());
            if (end.isPresent()) {
                return end.get();
            }
        }
        return Optional.of(settings.recheck());
    }

    /// Writes on one look, as long as it holds: until a selector changed, and for a second (T3).
    private Optional<Optional<Duration>> shift(RolloutView rollout, TrafficPlan plan) {
        Observation seen = observer.observe(rollout, plan);
        while (true) {
            Pass pass = new Pass(rollout, plan, seen);
            Optional<Optional<Duration>> end = pass.run();
            Optional<ObjectRef> written = pass.written;
            Instant stale = seen.pods().readAt().plus(HOLDS);
            if (end.isPresent() || written.isEmpty() || !clock.instant().isBefore(stale)) {
                return end;
            }
            seen = observer.after(seen, rollout, plan, written.get());
        }
    }

    /// At most one write on what was seen.
    private final class Pass {
        private final RolloutView rollout;
        private final TrafficPlan plan;
        private final Observation seen;

        /// What was written and may be read back alone.
        private Optional<ObjectRef> written = Optional.empty();

        Pass(RolloutView rollout, TrafficPlan plan, Observation seen) {
            this.rollout = rollout;
            this.plan = plan;
            this.seen = seen;
        }

        /// Empty to go on, else when to look again.
        Optional<Optional<Duration>> run() {
            Move move =
                    seen.unusable()
                            .<Move>map(p -> p)
                            .orElseGet(() -> ShiftPlanner.next(seen.situation()));
            return switch (move) {
                case Move.Write write -> execute(write);
                case Move.Complete() -> settle(Optional.empty());
                case Move.Partial partial -> settle(Optional.of(partial));
                case Move.Wait(Move.Reason reason, _) -> {
                    meters.blocked(reason);
                    yield Optional.of(Optional.of(untilPassed(reason)));
                }
                case Move.Stale _ -> Optional.of(Optional.of(settings.recheck()));
            };
        }

        private Optional<Optional<Duration>> execute(Move.Write write) {
            Change change = change(write);
            boolean repair = isCarriedOut() && !(write instanceof Move.Stamp);
            WriteResult result = cluster.write(change);
            return switch (result) {
                case WriteResult.Applied _ -> {
                    told(write, change, repair);
                    boolean isInPlace =
                            change instanceof Change.Merge || change instanceof Change.Operations;
                    if (isInPlace && !(write instanceof Move.Point)) {
                        written = Optional.of(change.ref());
                    }
                    yield Optional.empty();
                }
                case WriteResult.Conflict _, WriteResult.Missing _ -> {
                    RouterMessages.LOG.overtaken(
                            rollout.namespace(), rollout.name(), change.ref().toString());
                    yield Optional.of(Optional.of(OVERTAKEN));
                }
                case WriteResult.Rejected(String reason) ->
                        settle(
                                Optional.of(
                                        new Move.Partial(
                                                Move.Reason.INVALID,
                                                change.ref() + " was refused: " + reason)));
            };
        }

        private Change change(Move.Write write) {
            Instant now = clock.instant();
            return switch (write) {
                case Move.Program(ObjectRef route, Routing routing) -> {
                    Provider provider = seen.providers().get(route);
                    if (provider == null) {
                        throw new IllegalStateException(route + " has no provider");
                    }
                    yield provider.desired(seen.snapshot(), plan, route, routing, now);
                }
                case Move.Point(String service, String hash) ->
                        subset(service, Optional.of(hash), now)
                                .orElseGet(
                                        () ->
                                                observer.selectors(rollout)
                                                        .point(
                                                                seen.snapshot(),
                                                                plan,
                                                                service,
                                                                hash,
                                                                former(service),
                                                                now));
                case Move.Stamp(String service) ->
                        subset(service, Optional.empty(), now)
                                .orElseGet(
                                        () ->
                                                observer.selectors(rollout)
                                                        .stamp(seen.snapshot(), plan, service));
            };
        }

        private List<String> former(String service) {
            return seen.situation().services().stream()
                    .filter(s -> s.kind().equals(ServiceState.SERVICE) && s.name().equals(service))
                    .flatMap(s -> s.former().stream())
                    .toList();
        }

        private Optional<Change> subset(String name, Optional<String> hash, Instant now) {
            return Optional.ofNullable(seen.subsets().get(name))
                    .map(p -> p.point(seen.snapshot(), plan, name, hash, now));
        }

        private void told(Move.Write write, Change change, boolean repair) {
            if (repair) {
                RouterMessages.LOG.foreignChange(
                        rollout.namespace(), rollout.name(), change.ref().toString(), plan.id());
                meters.repaired();
                notices.restored(rollout, change.ref());
            }
            switch (write) {
                case Move.Program(ObjectRef route, Routing routing) -> {
                    meters.wrote("weight");
                    boolean changes =
                            seen.situation().routes().stream()
                                    .filter(r -> r.ref().equals(route))
                                    .anyMatch(r -> !r.exact() || !r.routing(plan).equals(routing));
                    if (changes) {
                        RouterMessages.LOG.wrote(
                                rollout.namespace(),
                                rollout.name(),
                                plan.id(),
                                route + " gives the canary " + routing.canary());
                        notices.weight(rollout, change, routing.canary());
                    }
                }
                case Move.Point(String service, String hash) -> {
                    meters.wrote("selector");
                    String former =
                            seen.situation().services().stream()
                                    .filter(s -> s.name().equals(service))
                                    .findFirst()
                                    .flatMap(ServiceState::selected)
                                    .orElse("");
                    RouterMessages.LOG.wrote(
                            rollout.namespace(),
                            rollout.name(),
                            plan.id(),
                            "Service " + service + " selects " + hash);
                    notices.switched(rollout, change, service, former, hash);
                }
                case Move.Stamp _ -> meters.wrote("stamp");
            }
        }

        /// Records what was found, and says when to look again.
        private Optional<Optional<Duration>> settle(Optional<Move.Partial> partial) {
            partial.ifPresent(this::tell);
            ObjectRef anchor = ObjectRef.service(rollout.namespace(), plan.anchor());
            Optional<JsonNode> service = seen.snapshot().find(anchor);
            if (service.isEmpty()) {
                notices.routingError(
                        rollout, "Service '" + plan.anchor() + "' not found: no evidence");
                return Optional.of(Optional.of(settings.recheckInvalid()));
            }
            boolean foreign =
                    partial.filter(p -> p.reason() == Move.Reason.FOREIGN_OWNER).isPresent();
            OptionalLong stamped = Lingering.stampedPlan(service.get(), rollout.uid());
            if (foreign || (stamped.isPresent() && stamped.getAsLong() > plan.id())) {
                return Optional.of(Optional.of(settings.recheckInvalid())); // not ours to write on
            }
            Evidence evidence =
                    Evidence.of(
                            rollout.uid(),
                            seen.situation(),
                            partial.isPresent(),
                            partial.map(p -> p.reason().wireName() + ": " + p.message()).orElse(""),
                            seen.drain(),
                            clock.instant());
            if (!Evidence.isOn(service.get(), evidence)) {
                Change change =
                        observer.selectors(rollout).evidence(seen.snapshot(), plan, evidence);
                if (!cluster.write(change).isApplied()) {
                    return Optional.of(Optional.of(OVERTAKEN));
                }
                if (partial.isEmpty()) {
                    meters.carriedOut(Duration.between(plan.writtenAt(), clock.instant()));
                    RouterMessages.LOG.carriedOut(
                            rollout.namespace(),
                            rollout.name(),
                            plan.id(),
                            evidence.level().wireName());
                }
                outbox.ensure(List.of(facts.shifted(rollout, plan, evidence)));
            } else {
                // a crash between evidence and event: the fact follows from the annotation
                Evidence.recorded(service.get())
                        .ifPresent(
                                json ->
                                        outbox.ensure(
                                                List.of(
                                                        facts.shifted(
                                                                rollout,
                                                                plan,
                                                                evidence.recordedAs(json)))));
            }
            return Optional.of(Optional.of(lookAgain(partial)));
        }

        private void tell(Move.Partial partial) {
            meters.blocked(partial.reason());
            RouterMessages.LOG.blocked(
                    rollout.namespace(),
                    rollout.name(),
                    plan.id(),
                    partial.reason().wireName(),
                    partial.message());
            if (isForPeople(partial.reason())) {
                notices.routingError(rollout, partial.message());
            }
        }

        /// When a drain ends is known; whether others have followed is asked.
        private Duration untilPassed(Move.Reason reason) {
            Instant now = clock.instant();
            if (reason == Move.Reason.NOT_ACKNOWLEDGED) {
                return Patience.since(plan.writtenAt(), now, SOON, settings.recheck());
            }
            List<Instant> ends =
                    seen.snapshot().objects().values().stream()
                            .flatMap(object -> Lingering.end(object, rollout.uid()).stream())
                            .toList();
            return Patience.untilFirst(ends, now)
                    .filter(left -> left.compareTo(settings.recheckInvalid()) < 0)
                    .orElse(settings.recheck());
        }

        private Duration lookAgain(Optional<Move.Partial> partial) {
            if (partial.isPresent()) {
                return isForPeople(partial.get().reason())
                        ? settings.recheckInvalid()
                        : Patience.since(
                                plan.writtenAt(),
                                clock.instant(),
                                settings.recheck(),
                                settings.recheckInvalid());
            }
            int weight = plan.canaryWeight().orElse(0);
            boolean divided =
                    (weight > 0 && weight < plan.maxWeight())
                            || !plan.additional().isEmpty()
                            || !plan.routes().isEmpty();
            return divided ? settings.readBack() : settings.readBackIdle();
        }

        /// Whether this very plan was already proven complete, so that a difference is somebody's.
        private boolean isCarriedOut() {
            return seen.snapshot()
                    .find(ObjectRef.service(rollout.namespace(), plan.anchor()))
                    .flatMap(Evidence::recorded)
                    .filter(e -> e.path("rollout").asText().equals(rollout.uid()))
                    .filter(e -> e.path("plan").asLong() == plan.id())
                    .filter(e -> !e.path("partial").asBoolean())
                    .isPresent();
        }
    }

    /// Capacity and drains pass by themselves; the rest needs somebody to correct something.
    private static boolean isForPeople(Move.Reason reason) {
        return switch (reason) {
            case CAPACITY, DRAINING, NOT_ACKNOWLEDGED, ABORT -> false;
            case MISSING, FOREIGN_OWNER, INVALID, UNSUPPORTED, REJECTED -> true;
        };
    }
}
