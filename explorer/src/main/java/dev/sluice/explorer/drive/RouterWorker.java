package dev.sluice.explorer.drive;

import com.fasterxml.jackson.databind.JsonNode;
import dev.sluice.explorer.check.CapacityRead;
import dev.sluice.explorer.check.Facts;
import dev.sluice.explorer.check.RouterWrite;
import dev.sluice.explorer.model.Cluster;
import dev.sluice.explorer.model.StoredObject;
import dev.sluice.explorer.model.StoredRollout;
import dev.sluice.router.app.RouteNotices;
import dev.sluice.router.app.ShiftFacts;
import dev.sluice.router.app.TrafficShifter;
import dev.sluice.router.core.Change;
import dev.sluice.router.core.ObjectRef;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/// One replica of router-service: reads the Rollout, then the objects, then the capacity, decides,
/// and writes; between any two of these anything may happen. Every read is a fresh one.
public final class RouterWorker {

    private record Pending(
            Change change,
            StoredRollout rollout,
            CapacityRead capacity,
            long decidedAt,
            boolean blind) {}

    /// What a look without a write depended on; at the same moment another would find the same.
    private record Basis(
            StoredRollout rollout,
            Map<ObjectRef, StoredObject> objects,
            CapacityRead capacity,
            long millis) {}

    private Optional<StoredRollout> rollout = Optional.empty();
    private Optional<Map<ObjectRef, StoredObject>> objects = Optional.empty();
    private CapacityRead former;
    private Map<ObjectRef, StoredObject> remembered;
    private Optional<Pending> pending = Optional.empty();
    private Optional<Basis> quiet = Optional.empty();
    private long skew;

    public RouterWorker(Cluster cluster) {
        former = CapacityRead.of(cluster);
        remembered = cluster.objects();
    }

    public RouterWorker(RouterWorker other) {
        rollout = other.rollout;
        objects = other.objects;
        former = other.former;
        remembered = other.remembered;
        pending = other.pending;
        skew = other.skew;
    }

    public boolean isBusy() {
        return pending.isPresent();
    }

    public void skew(long millis) {
        skew = millis;
    }

    public void crash() {
        rollout = Optional.empty();
        objects = Optional.empty();
        pending = Optional.empty();
    }

    /// Begins a pass; one that was begun before is given up.
    public boolean readRollout(World world) {
        if (pending.isPresent()) {
            return false;
        }
        rollout = Optional.of(world.cluster().rollout());
        objects = Optional.empty();
        former = CapacityRead.of(world.cluster());
        return true;
    }

    public boolean readObjects(World world) {
        if (pending.isPresent() || rollout.isEmpty() || world.cluster().isUnreadable()) {
            return false;
        }
        objects = Optional.of(world.cluster().objects());
        return true;
    }

    /// Reads what it has not read yet, and decides. False when it found nothing to do and had not
    /// begun before.
    public boolean look(World world) {
        if (pending.isPresent()) {
            return false;
        }
        Cluster cluster = world.cluster();
        StoredRollout seen = rollout.orElseGet(cluster::rollout);
        boolean isStale = world.breakage() == Breakage.STALE_CAPACITY && rollout.isPresent();
        CapacityRead capacity = isStale ? former : CapacityRead.of(cluster);
        boolean hadBegun = rollout.isPresent();
        boolean blind = objects.isEmpty() && cluster.isUnreadable();
        Map<ObjectRef, StoredObject> found =
                blind ? remembered : objects.orElseGet(cluster::objects);
        remembered = found;
        Basis basis = new Basis(seen, found, capacity, cluster.millis() + skew);
        rollout = Optional.empty();
        objects = Optional.empty();
        if (!blind && quiet.isPresent() && isSame(quiet.get(), basis)) {
            return hadBegun;
        }
        world.judge().countPass();
        boolean isRead = !blind || world.breakage() == Breakage.REMEMBERS;
        Reads reads =
                new Reads(
                        world.breakage(),
                        seen,
                        isRead ? Optional.of(found) : Optional.empty(),
                        capacity);
        TrafficShifter shifter =
                new TrafficShifter(
                        new TrafficShifter.Parts(
                                reads,
                                new RouteNotices((_, _, _, _) -> {}),
                                new ShiftFacts("sim", "/sluice/sim/router-service"),
                                Quiet.OUTBOX,
                                Quiet.METERS,
                                new Settings(cluster.scenario().bounds(), world.breakage()),
                                () -> cluster.now().plusMillis(skew)));
        try {
            var _ = shifter.shift(Cluster.NAMESPACE, Cluster.NAME);
        } catch (Reads.Asked _) {
            pending =
                    Optional.of(
                            new Pending(reads.asked(), seen, capacity, cluster.millis(), blind));
            return true;
        } catch (Reads.Unreadable _) {
            return hadBegun; // it is tried again
        }
        if (!blind) {
            quiet = Optional.of(basis);
        }
        return hadBegun;
    }

    private static boolean isSame(Basis a, Basis b) {
        return Same.version(a.rollout(), b.rollout())
                && Same.version(a.objects(), b.objects())
                && Same.version(a.capacity().sets(), b.capacity().sets())
                && a.capacity().experimentSets().equals(b.capacity().experimentSets())
                && a.millis() == b.millis()
                && a.capacity().slices().equals(b.capacity().slices())
                && a.capacity().changed().equals(b.capacity().changed());
    }

    /// Writes what was decided. False when there is nothing.
    public boolean write(World world) {
        if (pending.isEmpty()) {
            return false;
        }
        Pending present = pending.get();
        pending = Optional.empty();
        Cluster cluster = world.cluster();
        Facts before = Facts.of(cluster);
        Optional<JsonNode> former =
                Optional.ofNullable(cluster.objects().get(present.change().ref()))
                        .map(StoredObject::json);
        boolean applied = world.api().write(present.change());
        if (applied) {
            world.judge()
                    .wrote(
                            new RouterWrite(
                                    present.change().ref(),
                                    former,
                                    present.rollout(),
                                    present.capacity(),
                                    present.decidedAt(),
                                    present.blind(),
                                    before,
                                    cluster));
        }
        return true;
    }

    /// Everything that its future depends on, for state hashing.
    public void describe(StringBuilder out, World world, StateText text) {
        Cluster cluster = world.cluster();
        out.append("|T").append(skew);
        rollout.ifPresent(
                r -> out.append(Same.version(r, cluster.rollout()) ? "=" : text.of(r.json())));
        objects.ifPresent(
                o -> out.append(Same.version(o, cluster.objects()) ? "=" : text.objects(o)));
        pending.ifPresent(p -> out.append(text.of(p.change(), cluster)));
    }

    /// Names of pods as their ReplicaSets give them.
    static Map<String, String> setNames(CapacityRead capacity) {
        Map<String, String> names = new TreeMap<>();
        capacity.sets().values().forEach(s -> names.put(s.hash(), s.name()));
        capacity.experimentSets().values().forEach(s -> names.putIfAbsent(s.hash(), s.name()));
        return names;
    }
}
