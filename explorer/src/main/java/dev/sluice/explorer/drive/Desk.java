package dev.sluice.explorer.drive;

import dev.sluice.explorer.check.CommandWrite;
import dev.sluice.explorer.check.Facts;
import dev.sluice.explorer.drive.Post.Sent;
import dev.sluice.explorer.model.Cluster;
import dev.sluice.explorer.model.StoredRollout;
import dev.sluice.rollout.app.CommandRules;
import dev.sluice.rollout.app.CommandRules.Ruling;
import dev.sluice.rollout.core.ParseResult;
import java.util.Optional;

/// Where one replica of rollout-service takes commands up: judged on a fresh read, carried out on
/// that version or not at all, and answered in the end.
public final class Desk {
    private record Judged(Sent sent, Ruling ruling, StoredRollout seen) {}

    private Optional<Judged> pending = Optional.empty();

    Desk() {}

    Desk(Desk other) {
        pending = other.pending;
    }

    /// Judges the next command. False when there is none, or one is in hand.
    public boolean judge(World world) {
        Optional<Sent> next = world.post().next();
        if (pending.isPresent() || next.isEmpty()) {
            return false;
        }
        Sent sent = next.get();
        boolean isBlind = world.breakage() == Breakage.UNJUDGED;
        StoredRollout seen = isBlind ? sent.sight() : world.cluster().rollout();
        if (!(seen.parsed() instanceof ParseResult.Valid(var rollout))) {
            return false;
        }
        Ruling ruling =
                CommandRules.judge(
                        sent.command(), Optional.empty(), rollout, world.cluster().now());
        pending = Optional.of(new Judged(sent, ruling, seen));
        return true;
    }

    /// Carries the ruling out and answers. Where the Rollout changed meanwhile the command is
    /// judged again. False when nothing is in hand.
    ///
    /// @param answers false when the replica dies between the write and the answer
    public boolean settle(World world, boolean answers) {
        if (pending.isEmpty()) {
            return false;
        }
        Judged judged = pending.get();
        pending = Optional.empty();
        Cluster cluster = world.cluster();
        if (judged.ruling() instanceof Ruling.Accepted(var status, var spec)) {
            Facts before = Facts.of(cluster);
            boolean isForced = world.breakage() == Breakage.UNJUDGED;
            String version =
                    Long.toString(isForced ? cluster.rollout().version() : judged.seen().version());
            if (world.api().patchRollout(version, status).isEmpty()) {
                return true;
            }
            spec.ifPresent(patch -> world.api().person(patch));
            world.judge().wrote(new CommandWrite(judged.sent().command(), before, cluster));
        }
        if (answers) {
            world.post().answer(judged.sent());
        }
        return true;
    }

    /// The replica dies.
    public void crash() {
        pending = Optional.empty();
    }
}
