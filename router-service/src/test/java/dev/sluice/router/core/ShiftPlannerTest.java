package dev.sluice.router.core;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.router.core.Move.Partial;
import dev.sluice.router.core.Move.Point;
import dev.sluice.router.core.Move.Program;
import dev.sluice.router.core.Move.Reason;
import dev.sluice.router.core.Move.Stamp;
import dev.sluice.router.core.Move.Wait;
import dev.sluice.router.core.TrafficPlan.ServiceTarget;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;

class ShiftPlannerTest {

    private static final Instant NOW = Instant.parse("2026-03-01T10:00:00Z");
    private static final ObjectRef ROUTE = new ObjectRef("v1", "Ingress", "shop", "route");

    /// A canary release of `v2` over `v1`, N = 10, both Services in place at 0 %.
    private static final class Scene {
        int replicas = 10;
        Threshold threshold = new Threshold.All();
        boolean abort;
        int wanted = 50;
        int written;
        List<Integer> former = List.of();
        boolean exists = true;
        long routeStamp = 6;
        long serviceStamp = 7;
        boolean acknowledged = true;
        String stableTarget = "v1";
        String canaryTarget = "v2";
        String stableNow = "v1";
        String canaryNow = "v2";
        List<String> formerStable = List.of();
        List<String> formerCanary = List.of();
        boolean managed = true;
        Optional<String> owner = Optional.empty();
        Map<String, Integer> live = Map.of();
        final Map<String, Capacity> capacity = new LinkedHashMap<>();
        final Map<String, Integer> stableReady = new LinkedHashMap<>();
        final Map<String, Integer> canaryReady = new LinkedHashMap<>();

        Scene pods(String hash, int wanted, int available) {
            capacity.put(hash, new Capacity(wanted, available));
            return this;
        }

        Move next() {
            TrafficPlan plan =
                    new TrafficPlan(
                            7,
                            1,
                            NOW,
                            abort,
                            100,
                            "stable",
                            List.of(
                                    new ServiceTarget("stable", Role.STABLE, stableTarget),
                                    new ServiceTarget("canary", Role.CANARY, canaryTarget)),
                            Optional.of(wanted),
                            List.of(),
                            List.of(),
                            live,
                            false);
            if (stableReady.isEmpty() && capacity.containsKey(stableNow)) {
                stableReady.put(stableNow, capacity.get(stableNow).available());
            }
            if (canaryReady.isEmpty() && capacity.containsKey(canaryNow)) {
                canaryReady.put(canaryNow, capacity.get(canaryNow).available());
            }
            stableReady.values().removeIf(n -> n == 0);
            canaryReady.values().removeIf(n -> n == 0);
            return ShiftPlanner.next(
                    new Situation(
                            plan,
                            replicas,
                            threshold,
                            List.of(
                                    service(
                                            "stable",
                                            Role.STABLE,
                                            stableTarget,
                                            stableNow,
                                            formerStable,
                                            stableReady),
                                    service(
                                            "canary",
                                            Role.CANARY,
                                            canaryTarget,
                                            canaryNow,
                                            formerCanary,
                                            canaryReady)),
                            List.of(
                                    new RouteState(
                                            ROUTE,
                                            exists,
                                            written,
                                            List.of(),
                                            List.of(),
                                            former,
                                            true,
                                            OptionalLong.of(routeStamp),
                                            EvidenceLevel.WRITTEN,
                                            acknowledged,
                                            Optional.empty())),
                            capacity,
                            Map.of(),
                            NOW));
        }

        private ServiceState service(
                String name,
                Role role,
                String target,
                String now,
                List<String> before,
                Map<String, Integer> ready) {
            return new ServiceState(
                    ServiceState.SERVICE,
                    name,
                    role,
                    target,
                    true,
                    Optional.of(now).filter(s -> !s.isEmpty()),
                    before,
                    managed,
                    owner,
                    OptionalLong.of(serviceStamp),
                    ready);
        }
    }

    private static Program program(int canary) {
        return new Program(ROUTE, new Routing(canary, List.of(), List.of()));
    }

    private static Scene scene() {
        return new Scene();
    }

    private static void assertReason(Move move, Reason reason) {
        switch (move) {
            case Partial(Reason found, _) -> assertThat(found).isEqualTo(reason);
            case Wait(Reason found, _) -> assertThat(found).isEqualTo(reason);
            case Move.Write _, Move.Complete _, Move.Stale _ ->
                    assertThat(move).as("expected to be held by %s", reason).isNull();
        }
    }

    @Test
    void givesTheWholeShareWhenBothSidesCanCarryIt() {
        Scene scene = scene().pods("v1", 10, 10).pods("v2", 5, 5);

        assertThat(scene.next()).isEqualTo(program(50));
    }

    @Test
    void t1GoesOnlyAsFarAsThePodsOfTheCanaryReach() {
        Scene scene = scene().pods("v1", 10, 10).pods("v2", 5, 3);

        assertThat(scene.next()).isEqualTo(program(30));
    }

    @Test
    void t1CountsAPodOnlyOnceItIsAnEndpoint() {
        Scene scene = scene().pods("v1", 10, 10).pods("v2", 5, 5);
        scene.canaryReady.put("v2", 2);

        assertThat(scene.next()).isEqualTo(program(20));
    }

    @Test
    void t1ReportsAShortageWhenNoStepIsPossible() {
        Scene scene = scene().pods("v1", 10, 10).pods("v2", 5, 3);
        scene.written = 30;
        scene.routeStamp = 7;

        assertReason(scene.next(), Reason.CAPACITY);
    }

    @Test
    void t1HonoursTheProgressThresholdOfTheRollout() {
        Scene scene = scene().pods("v1", 10, 10).pods("v2", 5, 4);
        scene.threshold = new Threshold.Percent(80);

        assertThat(scene.next()).isEqualTo(program(50));
    }

    @Test
    void t1TakesNoStampForCapacityThatTheReplicasHaveOutgrown() {
        Scene scene = scene().pods("v1", 10, 10);
        scene.capacity.put("v2", new Capacity(1, 1));

        assertThat(scene.next()).isEqualTo(program(10));
    }

    @Test
    void t2NeverSendsToARevisionWithoutPods() {
        Scene scene = scene().pods("v1", 10, 10).pods("v2", 5, 0);
        scene.threshold = new Threshold.Percent(0);
        scene.routeStamp = 7;

        assertReason(scene.next(), Reason.CAPACITY);
    }

    @Test
    void a2ReturnsOnlyAsMuchAsTheStableRevisionCanCarry() {
        Scene scene = scene().pods("v1", 10, 8).pods("v2", 5, 5);
        scene.abort = true;
        scene.written = 50;
        scene.wanted = 0;

        assertThat(scene.next()).isEqualTo(program(20));
    }

    @Test
    void t2ReturnsEverythingWhenTheCanaryHasNoPods() {
        Scene scene = scene().pods("v1", 10, 8).pods("v2", 5, 0);
        scene.abort = true;
        scene.written = 50;
        scene.wanted = 0;

        assertThat(scene.next()).isEqualTo(program(0));
    }

    @Test
    void a9LeavesTrafficWhereThePodsAre() {
        Scene scene = scene().pods("v1", 10, 0).pods("v2", 5, 5);
        scene.abort = true;
        scene.written = 50;
        scene.wanted = 0;
        scene.routeStamp = 7;

        assertReason(scene.next(), Reason.CAPACITY);
    }

    @Test
    void a3NeverRaisesTheCanarysShareDuringAnAbort() {
        Scene scene = scene().pods("v1", 10, 10).pods("v2", 10, 10);
        scene.abort = true;
        scene.written = 20;
        scene.routeStamp = 7;

        assertReason(scene.next(), Reason.ABORT);
    }

    @Test
    void s3TakesTheShareBeforeTheCanaryServiceIsRepointed() {
        Scene scene = scene().pods("v1", 10, 10).pods("v2", 5, 5).pods("v3", 1, 1);
        scene.canaryTarget = "v3";
        scene.written = 50;
        scene.wanted = 0;

        assertThat(scene.next()).isEqualTo(program(0));
    }

    @Test
    void s2WaitsUntilNoProxySendsToTheServiceThatIsRepointed() {
        Scene scene = scene().pods("v1", 10, 10).pods("v2", 5, 5).pods("v3", 1, 1);
        scene.canaryTarget = "v3";
        scene.wanted = 0;
        scene.former = List.of(50);
        scene.routeStamp = 7;

        assertReason(scene.next(), Reason.DRAINING);
    }

    @Test
    void s2RepointsOnceTheFormerShareIsForgotten() {
        Scene scene = scene().pods("v1", 10, 10).pods("v2", 5, 5).pods("v3", 1, 1);
        scene.canaryTarget = "v3";
        scene.wanted = 0;

        assertThat(scene.next()).isEqualTo(new Point("canary", "v3"));
    }

    @Test
    void s3PromotionRepointsTheStableServiceBeforeItGetsTraffic() {
        Scene scene = scene().pods("v1", 10, 10).pods("v2", 10, 10);
        scene.stableTarget = "v2";
        scene.written = 100;
        scene.wanted = 0;

        assertThat(scene.next()).isEqualTo(new Point("stable", "v2"));
    }

    @Test
    void s3HoldsTheShareWhileProxiesMayStillReachAShrunkenRevision() {
        Scene scene = scene().pods("v1", 0, 0).pods("v2", 10, 10);
        scene.stableTarget = "v2";
        scene.stableNow = "v2";
        scene.formerStable = List.of("v1");
        scene.written = 100;
        scene.wanted = 0;
        scene.routeStamp = 7;

        assertReason(scene.next(), Reason.DRAINING);
    }

    @Test
    void adoptionWaitsForAFullyAvailableRevision() {
        Scene scene = scene().pods("v1", 10, 9);
        scene.stableNow = "";
        scene.managed = false;
        scene.wanted = 0;
        scene.canaryTarget = "v1";
        scene.canaryNow = "v1";
        scene.routeStamp = 7;

        assertReason(scene.next(), Reason.CAPACITY);
    }

    @Test
    void stampsObjectsThatDoNotChange() {
        Scene scene = scene().pods("v1", 10, 10).pods("v2", 5, 5);
        scene.written = 50;
        scene.serviceStamp = 6;

        assertThat(scene.next()).isEqualTo(program(50));
        scene.routeStamp = 7;
        assertThat(scene.next()).isEqualTo(new Stamp("canary"));
    }

    @Test
    void stampsWhatStaysEvenWhenThePlanIsBlocked() {
        Scene scene = scene().pods("v1", 10, 10).pods("v2", 5, 0);

        assertThat(scene.next()).isEqualTo(program(0));
    }

    @Test
    void neverWritesOverANewerPlan() {
        Scene scene = scene().pods("v1", 10, 10).pods("v2", 5, 5);
        scene.routeStamp = 8;

        assertThat(scene.next()).isInstanceOf(Move.Stale.class);
    }

    @Test
    void s8RefusesAServiceOfAnotherRollout() {
        Scene scene = scene().pods("v1", 10, 10).pods("v2", 5, 5);
        scene.owner = Optional.of("other");

        assertReason(scene.next(), Reason.FOREIGN_OWNER);
    }

    @Test
    void r5DoesNotTakeAnUnacknowledgedRouteForEvidence() {
        Scene scene = scene().pods("v1", 10, 10).pods("v2", 5, 5);
        scene.written = 50;
        scene.routeStamp = 7;
        scene.acknowledged = false;

        assertReason(scene.next(), Reason.NOT_ACKNOWLEDGED);
    }

    @Test
    void h6WithZeroReplicasNothingIsHeldBack() {
        Scene scene = scene().pods("v1", 0, 0).pods("v2", 0, 0);
        scene.replicas = 0;

        assertThat(scene.next()).isEqualTo(program(50));
    }

    @Test
    void isCompleteWhenEverythingIsAsPlanned() {
        Scene scene = scene().pods("v1", 10, 10).pods("v2", 5, 5);
        scene.written = 50;
        scene.routeStamp = 7;

        assertThat(scene.next()).isEqualTo(new Move.Complete());
    }

    @Test
    void b1FlipsTheActiveServiceOnlyToAFullRevision() {
        List<Move> moves = new ArrayList<>();
        for (int available : List.of(2, 9, 10)) {
            ServiceState active =
                    new ServiceState(
                            ServiceState.SERVICE,
                            "active",
                            Role.ACTIVE,
                            "v2",
                            true,
                            Optional.of("v1"),
                            List.of(),
                            true,
                            Optional.empty(),
                            OptionalLong.of(7),
                            Map.of("v1", 10));
            TrafficPlan plan =
                    new TrafficPlan(
                            7,
                            1,
                            NOW,
                            false,
                            100,
                            "active",
                            List.of(new ServiceTarget("active", Role.ACTIVE, "v2")),
                            Optional.empty(),
                            List.of(),
                            List.of(),
                            Map.of(),
                            false);
            moves.add(
                    ShiftPlanner.next(
                            new Situation(
                                    plan,
                                    10,
                                    new Threshold.All(),
                                    List.of(active),
                                    List.of(),
                                    Map.of(
                                            "v1", new Capacity(10, 10),
                                            "v2", new Capacity(10, available)),
                                    Map.of(),
                                    NOW)));
        }

        assertThat(moves.get(0)).isInstanceOf(Partial.class);
        assertThat(moves.get(1)).isInstanceOf(Partial.class);
        assertThat(moves.get(2)).isEqualTo(new Point("active", "v2"));
    }

    /// The stable Service was just moved from v1 to v2, proxies may not know yet, and both have all
    /// their pods.
    private static Scene justMoved() {
        Scene scene = new Scene().pods("v1", 10, 10).pods("v2", 10, 10);
        scene.stableTarget = "v2";
        scene.stableNow = "v2";
        scene.formerStable = List.of("v1");
        scene.written = 100;
        scene.wanted = 0;
        scene.routeStamp = 7;
        return scene;
    }

    @Test
    void aRevisionThatAServiceLeavesGetsAShareOnlyIfItsPodsAreKeptForIt_S3() {
        // Given
        Scene kept = justMoved();
        kept.live = Map.of("v1", 100, "v2", 100);
        Scene free = justMoved();
        free.live = Map.of("v2", 100);
        // When
        Move whereKept = kept.next();
        Move whereFree = free.next();
        // Then
        assertThat(whereKept).isInstanceOf(Move.Program.class);
        assertThat(whereFree)
                .isEqualTo(
                        new Move.Wait(
                                Move.Reason.DRAINING,
                                "proxies may still reach v1 through Service 'stable'"));
    }

    @Test
    void aDeadStableRevisionLosesItsShareStepByStepToPodsThatCarryIt_L2() {
        // Given
        Scene scene = new Scene().pods("v1", 10, 0).pods("v2", 2, 2);
        scene.wanted = 20;
        // When
        Move move = scene.next();
        // Then
        assertThat(move).isEqualTo(new Move.Program(ROUTE, new Routing(20, List.of(), List.of())));
    }

    @Test
    void nothingIsGivenToADeadRevision_T2() {
        // Given
        Scene scene = new Scene().pods("v1", 10, 0).pods("v2", 10, 10);
        scene.written = 50;
        scene.wanted = 20;
        scene.routeStamp = 7;
        // When
        Move move = scene.next();
        // Then
        assertThat(move).isInstanceOf(Move.Partial.class);
    }
}
