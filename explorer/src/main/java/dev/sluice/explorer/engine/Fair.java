package dev.sluice.explorer.engine;

import dev.sluice.explorer.check.EndRules;
import dev.sluice.explorer.drive.Desk;
import dev.sluice.explorer.drive.ExperimentWorker;
import dev.sluice.explorer.drive.RolloutWorker;
import dev.sluice.explorer.drive.RouterWorker;
import dev.sluice.explorer.drive.World;
import dev.sluice.explorer.model.Cluster;
import dev.sluice.rollout.core.Observation.AnalysisRunView;
import dev.sluice.rollout.core.Observation.ReplicaSetView;
import java.util.List;

/// Faults stop, people only let a release go on, everybody gets their turn: then every release
/// ends,
/// and stays as it is (L1, L3, L5).
public final class Fair {
    private static final int MOST_ROUNDS = 2_000;
    private static final int MOST_WRITES = 60;
    private static final long SHORT_QUIET = 60_000;
    private static final long LONG_QUIET = 900_000;
    private static final long TENTH = 100;
    private static final long STEP = 5_000;
    private static final long LONG_STEP = 60_000;

    private final World world;
    private long steps;

    private Fair(World world) {
        this.world = world;
    }

    /// Runs to the end and judges it; the number of steps.
    public static long settle(World world) {
        Fair fair = new Fair(world);
        try {
            fair.run();
        } catch (RuntimeException e) {
            world.judge().report("C7", "somebody throws " + e);
        }
        return fair.steps;
    }

    /// Everybody acts once, the proxies too if asked; a tenth of a second passes.
    static boolean round(World world, boolean proxies) {
        Fair fair = new Fair(world);
        var _ = fair.nature(proxies);
        var _ = fair.ours();
        fair.pass(TENTH);
        return true;
    }

    private void run() {
        repair();
        long quiet = 0;
        for (int round = 0; round < MOST_ROUNDS; round++) {
            if (world.judge().violation().isPresent()) {
                return;
            }
            boolean moved = nature(true);
            moved |= ours();
            if (moved) {
                quiet = 0;
                pass(TENTH);
                continue;
            }
            if (quiet >= SHORT_QUIET && (thaw() || People.letGo(world))) {
                quiet = 0;
                continue;
            }
            if (quiet >= LONG_QUIET) {
                if (!world.post().isEmpty()) {
                    world.judge().report("L7", "a command is never answered");
                }
                EndRules.judge(world.cluster(), world.judge());
                return;
            }
            long step = quiet < SHORT_QUIET ? STEP : LONG_STEP;
            pass(step);
            quiet += step;
        }
        world.judge()
                .report(
                        "L1",
                        "no end after "
                                + MOST_ROUNDS
                                + " rounds: "
                                + EndRules.describe(world.cluster()));
    }

    private void repair() {
        Cluster cluster = world.cluster();
        var _ = world.nature().hide(false);
        for (ReplicaSetView set : cluster.allSets()) {
            if (cluster.pods(set.hash()).isStuck()) {
                world.nature().stick(set.hash(), false);
            }
        }
        world.rollouts().forEach(w -> w.skew(0));
        world.routers().forEach(w -> w.skew(0));
        People.spec(world, "{\"paused\":null}");
    }

    /// Ends a freeze; not that of an aborted release, which ends all the same (P8).
    private boolean thaw() {
        return !world.cluster().rollout().status().abort() && world.api().freeze(false);
    }

    private void pass(long millis) {
        steps++;
        world.nature().pass(millis, () -> world.judge().request(world.cluster()));
    }

    private boolean count(boolean did) {
        steps += did ? 1 : 0;
        return did;
    }

    private boolean nature(boolean proxies) {
        Cluster cluster = world.cluster();
        boolean moved = false;
        moved |= count(world.nature().collect());
        if (cluster.workload().isPresent()) {
            moved |= count(world.nature().reconcileWorkload());
            while (world.nature().becomeReady(Cluster.WORKLOAD)) {
                moved = count(true);
            }
        }
        for (ReplicaSetView set : cluster.allSets()) {
            moved |= count(world.nature().reconcileSet(set));
            while (world.nature().becomeReady(set.hash())) {
                moved = count(true);
            }
        }
        for (String service : cluster.services()) {
            moved |= count(world.nature().followSlice(service));
        }
        for (int i = 0; proxies && i < cluster.proxies().size(); i++) {
            moved |= count(world.nature().applyConfig(i));
            moved |= count(world.nature().applyEndpoints(i));
        }
        if (proxies) {
            moved |= count(world.nature().acknowledge());
        }
        for (AnalysisRunView run : List.copyOf(cluster.runs().values())) {
            if (!run.isCompleted()) {
                world.api().endRun(run.name(), "Successful");
                moved = count(true);
            }
        }
        while (Trials.endRun(world, "Successful")) {
            moved = count(true);
        }
        world.heal();
        return moved;
    }

    private boolean ours() {
        boolean moved = false;
        for (int i = 0; i < world.rollouts().size(); i++) {
            RolloutWorker rollout = world.rollouts().get(i);
            Desk desk = world.desks().get(i);
            moved |= count(desk.judge(world));
            moved |= count(desk.settle(world, true));
            var _ = Alphabet.seeAll(world, i);
            moved |= count(rollout.look(world));
            while (count(rollout.write(world))) {
                moved = true;
            }
            ExperimentWorker experimenter = world.experiments().get(i);
            for (int looks = 0; looks < MOST_WRITES; looks++) {
                boolean did = count(experimenter.look(world));
                while (count(experimenter.write(world))) {
                    did = true;
                }
                moved |= did;
                if (!did) {
                    break;
                }
                var _ = Alphabet.seeAll(world, i);
            }
            RouterWorker router = world.routers().get(i);
            for (int writes = 0; writes < MOST_WRITES; writes++) {
                boolean did = count(router.look(world));
                did |= count(router.write(world));
                moved |= did;
                if (!did) {
                    break;
                }
            }
        }
        return moved;
    }
}
