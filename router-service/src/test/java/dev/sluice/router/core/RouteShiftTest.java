package dev.sluice.router.core;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import dev.sluice.router.core.Move.Partial;
import dev.sluice.router.core.Move.Program;
import dev.sluice.router.core.Move.Reason;
import dev.sluice.router.core.TrafficPlan.Destination;
import dev.sluice.router.core.TrafficPlan.ManagedRoute;
import dev.sluice.router.core.TrafficPlan.ServiceTarget;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;

/// Experiments' shares, header and mirror routes, and subsets beside Services.
class RouteShiftTest {

    private static final ObjectRef ROUTE = new ObjectRef("v1", "Route", "shop", "route");
    private static final ManagedRoute HEADER = route("header", false);
    private static final ManagedRoute MIRROR = route("mirror", true);

    private static ManagedRoute route(String name, boolean mirror) {
        return new ManagedRoute(
                name, mirror, JsonNodeFactory.instance.arrayNode().add("x"), Optional.empty());
    }

    /// A canary release of `v2` over `v1`, N = 10, at 20 %.
    private static final class Scene {
        boolean abort;
        int wanted = 20;
        int written = 20;
        int canaryPods = 10;
        int stablePods = 10;
        String canaryNow = "v2";
        String subsetNow = "";
        final List<Destination> wantedShares = new ArrayList<>();
        final List<Destination> shares = new ArrayList<>();
        final List<ManagedRoute> wantedRoutes = new ArrayList<>();
        List<String> managed = List.of();
        final Map<String, Capacity> experiments = new LinkedHashMap<>();

        Move next() {
            return ShiftPlanner.next(situation());
        }

        Situation situation() {
            TrafficPlan plan =
                    new TrafficPlan(
                            7,
                            1,
                            Instant.EPOCH,
                            abort,
                            100,
                            "stable",
                            List.of(
                                    new ServiceTarget("stable", Role.STABLE, "v1"),
                                    new ServiceTarget("canary", Role.CANARY, "v2")),
                            Optional.of(wanted),
                            wantedShares,
                            wantedRoutes,
                            Map.of(),
                            false);
            List<ServiceState> services = new ArrayList<>();
            services.add(backend(ServiceState.SERVICE, "stable", Role.STABLE, "v1", "v1"));
            services.add(backend(ServiceState.SERVICE, "canary", Role.CANARY, "v2", canaryNow));
            if (!subsetNow.isEmpty()) {
                services.add(backend(ServiceState.SUBSET, "new", Role.CANARY, "v2", subsetNow));
            }
            return new Situation(
                    plan,
                    10,
                    new Threshold.All(),
                    services,
                    List.of(
                            new RouteState(
                                    ROUTE,
                                    true,
                                    written,
                                    shares,
                                    managed,
                                    List.of(),
                                    true,
                                    OptionalLong.of(7),
                                    EvidenceLevel.WRITTEN,
                                    true,
                                    Optional.empty())),
                    Map.of("v1", pods(10, stablePods), "v2", pods(10, canaryPods)),
                    experiments,
                    Instant.EPOCH);
        }

        private ServiceState backend(
                String kind, String name, Role role, String target, String selected) {
            int ready = selected.equals("v1") ? stablePods : canaryPods;
            return new ServiceState(
                    kind,
                    name,
                    role,
                    target,
                    true,
                    Optional.of(selected),
                    List.of(),
                    true,
                    Optional.empty(),
                    OptionalLong.of(7),
                    ready == 0 ? Map.of() : Map.of(selected, ready));
        }
    }

    private static Capacity pods(int wanted, int available) {
        return new Capacity(wanted, available);
    }

    private static Destination share(String service, int weight) {
        return new Destination(service, "x-" + service, weight);
    }

    private static Program program(
            int canary, List<Destination> additional, List<ManagedRoute> routes) {
        return new Program(ROUTE, new Routing(canary, additional, routes));
    }

    @Test
    void givesAnExperimentItsShareWhenItsPodsAreReady() {
        // Given
        Scene scene = new Scene();
        scene.wantedShares.add(share("try", 10));
        scene.experiments.put("try", pods(1, 1));
        // When
        Move move = scene.next();
        // Then
        assertThat(move).isEqualTo(program(20, List.of(share("try", 10)), List.of()));
    }

    @Test
    void t1KeepsAnExperimentWithoutPodsOutAndSaysWhy() {
        // Given
        Scene scene = new Scene();
        scene.wantedShares.add(share("try", 30));
        scene.experiments.put("try", pods(3, 2));
        // When
        Move move = scene.next();
        // Then
        assertThat(move)
                .isEqualTo(
                        new Partial(
                                Reason.CAPACITY,
                                "Service 'try' of an experiment has too few available pods for 30"
                                        + " of 100: it needs 3"));
    }

    @Test
    void asksNoMorePodsOfAnExperimentThanItDeclares() {
        // Given
        Scene scene = new Scene();
        scene.wantedShares.add(share("try", 50));
        scene.experiments.put("try", pods(2, 2));
        // When
        Move move = scene.next();
        // Then
        assertThat(move).isEqualTo(program(20, List.of(share("try", 50)), List.of()));
    }

    @Test
    void movesTheCanaryOnWhileAnExperimentWaitsForItsPods() {
        // Given
        Scene scene = new Scene();
        scene.wanted = 40;
        scene.wantedShares.add(share("try", 10));
        // When
        Move move = scene.next();
        // Then
        assertThat(move).isEqualTo(program(40, List.of(), List.of()));
    }

    @Test
    void takesAFinishedExperimentsShareBackToStable() {
        // Given
        Scene scene = new Scene();
        scene.shares.add(share("old", 15));
        // When
        Move move = scene.next();
        // Then
        assertThat(move).isEqualTo(program(20, List.of(), List.of()));
    }

    @Test
    void t1LeavesAFinishedExperimentsShareWhereItIsWhenStableIsShort() {
        // Given
        Scene scene = new Scene();
        scene.shares.add(share("old", 15));
        scene.stablePods = 7;
        // When
        Move move = scene.next();
        // Then
        assertThat(move).isInstanceOf(Partial.class);
    }

    @Test
    void addsHeaderAndMirrorRoutesToACanaryThatCanAnswer() {
        // Given
        Scene scene = new Scene();
        scene.wantedRoutes.addAll(List.of(HEADER, MIRROR));
        // When
        Move move = scene.next();
        // Then
        assertThat(move).isEqualTo(program(20, List.of(), List.of(HEADER, MIRROR)));
    }

    @Test
    void t2AddsNoHeaderRouteToACanaryWithoutPods() {
        // Given
        Scene scene = new Scene();
        scene.wanted = 0;
        scene.written = 0;
        scene.canaryPods = 0;
        scene.wantedRoutes.add(HEADER);
        // When
        Move move = scene.next();
        // Then
        assertThat(move).isInstanceOf(Partial.class);
    }

    @Test
    void s3AddsNoHeaderRouteBeforeTheCanaryServiceLeadsToItsRevision() {
        // Given
        Scene scene = new Scene();
        scene.wanted = 0;
        scene.written = 0;
        scene.canaryNow = "v1";
        scene.wantedRoutes.add(HEADER);
        // When
        Move move = scene.next();
        // Then
        assertThat(move).isEqualTo(new Move.Point("canary", "v2"));
    }

    @Test
    void a7TakesRoutesAwayWithTheFirstWriteOfAnAbort() {
        // Given
        Scene scene = new Scene();
        scene.abort = true;
        scene.wanted = 0;
        scene.managed = List.of("header");
        // When
        Move move = scene.next();
        // Then
        assertThat(move).isEqualTo(program(0, List.of(), List.of()));
    }

    @Test
    void a7TakesRoutesAwayThoughStableIsTooShortForTheRest() {
        // Given
        Scene scene = new Scene();
        scene.abort = true;
        scene.wanted = 0;
        scene.stablePods = 8;
        scene.managed = List.of("header");
        // When
        Move move = scene.next();
        // Then
        assertThat(move).isEqualTo(program(20, List.of(), List.of()));
    }

    @Test
    void waitsForTheSubsetAsForTheService() {
        // Given
        Scene scene = new Scene();
        scene.wanted = 0;
        scene.written = 0;
        scene.subsetNow = "v1";
        // When
        Move move = scene.next();
        // Then
        assertThat(move).isEqualTo(new Move.Point("new", "v2"));
    }

    @Test
    void evidenceNamesEveryShareInTheOrderOfThePlan() {
        // Given
        Scene scene = new Scene();
        scene.wantedShares.addAll(List.of(share("b", 5), share("a", 10)));
        scene.shares.addAll(List.of(share("a", 10), share("b", 5)));
        // When
        Evidence evidence =
                Evidence.of(
                        "u-1", scene.situation(), false, "", Duration.ofSeconds(3), Instant.EPOCH);
        // Then
        assertThat(evidence.toJson())
                .contains(
                        "\"weights\":{\"canary\":20,\"stable\":65,\"additional\":["
                                + "{\"serviceName\":\"b\",\"podTemplateHash\":\"x-b\",\"weight\":5},"
                                + "{\"serviceName\":\"a\",\"podTemplateHash\":\"x-a\",\"weight\":10}]}");
    }
}
