package dev.sluice.explorer.scenario;

import static dev.sluice.explorer.scenario.Manifests.scenario;
import static dev.sluice.explorer.scenario.Option.ABORT_AT_ONCE;
import static dev.sluice.explorer.scenario.Option.ABORT_KEEPS;
import static dev.sluice.explorer.scenario.Option.ABORT_QUICK;
import static dev.sluice.explorer.scenario.Option.ACKNOWLEDGED;
import static dev.sluice.explorer.scenario.Option.ALL_AVAILABLE;
import static dev.sluice.explorer.scenario.Option.ANALYSIS_STEP;
import static dev.sluice.explorer.scenario.Option.AUTO_SECONDS;
import static dev.sluice.explorer.scenario.Option.BACKGROUND;
import static dev.sluice.explorer.scenario.Option.BLUE_GREEN;
import static dev.sluice.explorer.scenario.Option.BUDGET;
import static dev.sluice.explorer.scenario.Option.DEADLINE_ABORTS;
import static dev.sluice.explorer.scenario.Option.DYNAMIC_STABLE;
import static dev.sluice.explorer.scenario.Option.EDGE_WEIGHTS;
import static dev.sluice.explorer.scenario.Option.EDITS_STEPS;
import static dev.sluice.explorer.scenario.Option.EXPERIMENT;
import static dev.sluice.explorer.scenario.Option.EXPERIMENT_FIRST;
import static dev.sluice.explorer.scenario.Option.EXPERIMENT_JUDGED;
import static dev.sluice.explorer.scenario.Option.FINE_WEIGHTS;
import static dev.sluice.explorer.scenario.Option.FIVE;
import static dev.sluice.explorer.scenario.Option.FOUR;
import static dev.sluice.explorer.scenario.Option.FREEZES;
import static dev.sluice.explorer.scenario.Option.GATEWAY;
import static dev.sluice.explorer.scenario.Option.LOOSE;
import static dev.sluice.explorer.scenario.Option.MANAGED_ROUTES;
import static dev.sluice.explorer.scenario.Option.MANUAL;
import static dev.sluice.explorer.scenario.Option.MIN_PODS;
import static dev.sluice.explorer.scenario.Option.NGINX;
import static dev.sluice.explorer.scenario.Option.NO_DELAY;
import static dev.sluice.explorer.scenario.Option.NO_PREVIEW;
import static dev.sluice.explorer.scenario.Option.NO_SERVICES;
import static dev.sluice.explorer.scenario.Option.NO_STEPS;
import static dev.sluice.explorer.scenario.Option.NO_SURGE;
import static dev.sluice.explorer.scenario.Option.ONE_WAITS;
import static dev.sluice.explorer.scenario.Option.PING_PONG;
import static dev.sluice.explorer.scenario.Option.PREVIEW_COUNT;
import static dev.sluice.explorer.scenario.Option.PRE_POST;
import static dev.sluice.explorer.scenario.Option.RESTARTS;
import static dev.sluice.explorer.scenario.Option.ROLLBACK_WINDOW;
import static dev.sluice.explorer.scenario.Option.SCALE_STEPS;
import static dev.sluice.explorer.scenario.Option.SWITCHES_STRATEGY;
import static dev.sluice.explorer.scenario.Option.THREE;
import static dev.sluice.explorer.scenario.Option.THRESHOLD;
import static dev.sluice.explorer.scenario.Option.TOGGLES_ROUTER;
import static dev.sluice.explorer.scenario.Option.WORKLOAD_NEVER;
import static dev.sluice.explorer.scenario.Option.WORKLOAD_ONSUCCESS;
import static dev.sluice.explorer.scenario.Option.WORKLOAD_PROGRESSIVELY;

import java.util.List;
import java.util.Optional;

/// The scenarios by name.
public final class Scenarios {
    /// Stands for every point of the option space.
    public static final String SPACE = "space";

    private static final List<Scenario> ALL =
            List.of(
                    scenario("canary-nginx", NGINX),
                    scenario("canary-gateway", GATEWAY),
                    scenario("canary-gateway-acknowledged", GATEWAY, ACKNOWLEDGED),
                    scenario("canary-two-routers", NGINX, GATEWAY),
                    scenario("canary-two-routers-five", NGINX, GATEWAY, FIVE, ACKNOWLEDGED),
                    scenario("canary-abort-keeps", NGINX, ABORT_KEEPS),
                    scenario("canary-abort-quick", GATEWAY, ABORT_QUICK, NO_DELAY),
                    scenario("canary-deadline", NGINX, DEADLINE_ABORTS),
                    scenario("canary-analysis", NGINX, ANALYSIS_STEP, BACKGROUND),
                    scenario("canary-scale-steps", NGINX, SCALE_STEPS, FIVE),
                    scenario("canary-threshold", GATEWAY, THRESHOLD, FIVE),
                    scenario("canary-min-pods", NGINX, MIN_PODS, MANUAL),
                    scenario("canary-window", GATEWAY, ROLLBACK_WINDOW),
                    scenario("canary-fine-weights", NGINX, GATEWAY, FINE_WEIGHTS, ONE_WAITS),
                    scenario("canary-steps-edited", NGINX, EDITS_STEPS, MANUAL),
                    scenario("canary-router-toggled", GATEWAY, TOGGLES_ROUTER),
                    scenario("canary-dynamic", NGINX, DYNAMIC_STABLE, FIVE),
                    scenario("canary-dynamic-abort", GATEWAY, DYNAMIC_STABLE, ABORT_QUICK),
                    scenario("canary-plain", FIVE),
                    scenario("canary-plain-no-surge", NO_SURGE),
                    scenario("canary-plain-all-available", ALL_AVAILABLE, NO_SERVICES, FIVE),
                    scenario("canary-plain-analysis", ANALYSIS_STEP, ALL_AVAILABLE),
                    scenario("bluegreen", BLUE_GREEN),
                    scenario("bluegreen-manual", BLUE_GREEN, MANUAL, ABORT_QUICK),
                    scenario("bluegreen-preview-count", BLUE_GREEN, PREVIEW_COUNT, FIVE),
                    scenario("bluegreen-preview-manual", BLUE_GREEN, PREVIEW_COUNT, MANUAL),
                    scenario("bluegreen-seconds", BLUE_GREEN, AUTO_SECONDS, NO_PREVIEW, NO_DELAY),
                    scenario("bluegreen-analysis", BLUE_GREEN, PRE_POST, ABORT_KEEPS),
                    scenario("bluegreen-window", BLUE_GREEN, ROLLBACK_WINDOW, ONE_WAITS),
                    scenario("bluegreen-deadline", BLUE_GREEN, DEADLINE_ABORTS, AUTO_SECONDS),
                    scenario("strategy-switched", SWITCHES_STRATEGY),
                    scenario("canary-ping-pong", GATEWAY, PING_PONG),
                    scenario(
                            "canary-ping-pong-abort",
                            GATEWAY,
                            PING_PONG,
                            ABORT_QUICK,
                            ACKNOWLEDGED,
                            FOUR),
                    scenario("canary-routes", GATEWAY, MANAGED_ROUTES),
                    scenario(
                            "canary-routes-abort",
                            GATEWAY,
                            MANAGED_ROUTES,
                            ABORT_AT_ONCE,
                            ACKNOWLEDGED),
                    scenario(
                            "canary-routes-dynamic", GATEWAY, MANAGED_ROUTES, DYNAMIC_STABLE, FOUR),
                    scenario("canary-routes-ping-pong", GATEWAY, MANAGED_ROUTES, PING_PONG),
                    scenario("canary-frozen", GATEWAY, FREEZES, MANUAL),
                    scenario("bluegreen-frozen", BLUE_GREEN, FREEZES, PRE_POST),
                    scenario("canary-plain-frozen", FREEZES, THREE),
                    scenario("canary-edge-weights", GATEWAY, EDGE_WEIGHTS, DYNAMIC_STABLE, THREE),
                    scenario("canary-restarts", GATEWAY, RESTARTS),
                    scenario("canary-restarts-dynamic", NGINX, RESTARTS, DYNAMIC_STABLE, FOUR),
                    scenario("canary-plain-restarts", RESTARTS, ALL_AVAILABLE, THREE),
                    scenario("canary-plain-restarts-loose", RESTARTS, LOOSE, BUDGET, FIVE),
                    scenario("bluegreen-restarts", BLUE_GREEN, RESTARTS, BUDGET, MANUAL),
                    scenario("experiment-gateway", GATEWAY, EXPERIMENT, FOUR),
                    scenario("experiment-first", GATEWAY, EXPERIMENT, EXPERIMENT_FIRST, THREE),
                    scenario(
                            "experiment-first-judged",
                            GATEWAY,
                            EXPERIMENT,
                            EXPERIMENT_FIRST,
                            EXPERIMENT_JUDGED,
                            ABORT_QUICK),
                    scenario("experiment-judged", GATEWAY, EXPERIMENT, EXPERIMENT_JUDGED),
                    scenario(
                            "experiment-dynamic",
                            GATEWAY,
                            ACKNOWLEDGED,
                            EXPERIMENT,
                            EXPERIMENT_JUDGED,
                            DYNAMIC_STABLE,
                            ABORT_QUICK,
                            FIVE),
                    scenario("experiment-ping-pong", GATEWAY, EXPERIMENT, PING_PONG, FINE_WEIGHTS),
                    scenario("experiment-steps-edited", GATEWAY, EXPERIMENT, EDITS_STEPS, THREE),
                    scenario("experiment-nginx", NGINX, EXPERIMENT, DEADLINE_ABORTS),
                    scenario("experiment-plain", EXPERIMENT, EXPERIMENT_JUDGED, LOOSE, THREE),
                    scenario("workload-plain", WORKLOAD_PROGRESSIVELY, THREE),
                    scenario(
                            "workload-gateway",
                            GATEWAY,
                            WORKLOAD_PROGRESSIVELY,
                            FOUR,
                            DEADLINE_ABORTS),
                    scenario("workload-nginx", NGINX, WORKLOAD_ONSUCCESS),
                    scenario("workload-bluegreen", BLUE_GREEN, WORKLOAD_PROGRESSIVELY, THREE),
                    scenario("workload-never", GATEWAY, WORKLOAD_NEVER, MANUAL),
                    scenario("canary-no-steps", NGINX, GATEWAY, NO_STEPS, ABORT_AT_ONCE));

    private Scenarios() {}

    public static List<Scenario> all() {
        return ALL;
    }

    public static Optional<Scenario> named(String name) {
        return ALL.stream()
                .filter(s -> s.name().equals(name))
                .findFirst()
                .or(() -> OptionSpace.named(name));
    }

    /// The one of this name, or every point of the option space that begins with it; `space` is
    /// all of them. Empty when there is none.
    public static List<Scenario> matching(String name) {
        Optional<Scenario> one = named(name);
        return one.isPresent()
                ? List.of(one.get())
                : OptionSpace.beginningWith(name.equals(SPACE) ? "" : name);
    }
}
