package dev.sluice.explorer.model;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/// The pods of one revision as they really are; the API server learns of it when the ReplicaSet
/// controller next writes a status.
public final class Pods {

    /// One pod.
    ///
    /// @param number unlike that of every other pod of the revision
    /// @param born when, in milliseconds
    /// @param leavesAt when it is gone, once it was told to end; never before
    public record Pod(int number, long born, boolean ready, long leavesAt) {
        Pod ready(boolean on) {
            return new Pod(number, born, on, leavesAt);
        }

        Pod leaving(long at) {
            return new Pod(number, born, false, at);
        }
    }

    private final List<Pod> present = new ArrayList<>();
    private final List<Pod> leaving = new ArrayList<>();
    private int ready;
    private int count;
    private boolean stuck;
    private boolean damaged;
    private long graceUntil = Long.MIN_VALUE;

    Pods() {}

    Pods(Pods other) {
        present.addAll(other.present);
        leaving.addAll(other.leaving);
        ready = other.ready;
        count = other.count;
        stuck = other.stuck;
        damaged = other.damaged;
        graceUntil = other.graceUntil;
    }

    public int created() {
        return present.size();
    }

    public int ready() {
        return ready;
    }

    /// Those that stay, oldest first.
    public List<Pod> present() {
        return Collections.unmodifiableList(present);
    }

    /// Those that were told to end and are not gone yet.
    public List<Pod> leaving(long now) {
        return leaving.stream().filter(p -> now < p.leavesAt()).toList();
    }

    /// New pods do not become ready.
    public boolean isStuck() {
        return stuck;
    }

    /// Something outside took pods away, and not all is as it was yet.
    public boolean isDamaged() {
        return damaged;
    }

    /// A pod that ends goes on serving for its grace period, while endpoints follow.
    public boolean serves(long now) {
        return ready > 0 || now < graceUntil;
    }

    /// The ReplicaSet controller takes the unready first, then the youngest.
    void scaleTo(int wanted, long now, long grace) {
        while (present.size() > wanted) {
            int unready = last(false);
            remove(unready >= 0 ? unready : present.size() - 1, now, grace);
        }
        while (present.size() < wanted) {
            present.add(new Pod(count++, now, false, Long.MAX_VALUE));
        }
    }

    private int last(boolean isReady) {
        for (int i = present.size() - 1; i >= 0; i--) {
            if (present.get(i).ready() == isReady) {
                return i;
            }
        }
        return -1;
    }

    private void remove(int index, long now, long grace) {
        Pod pod = present.remove(index);
        leaving.removeIf(p -> p.leavesAt() <= now);
        if (pod.ready()) {
            ready--;
            graceUntil = now + grace;
            leaving.add(pod.leaving(now + grace));
        }
    }

    boolean becomeReady() {
        for (int i = 0; i < present.size() && !stuck; i++) {
            if (!present.get(i).ready()) {
                present.set(i, present.get(i).ready(true));
                ready++;
                return true;
            }
        }
        return false;
    }

    boolean die() {
        int dying = last(true);
        if (dying < 0) {
            return false;
        }
        present.set(dying, present.get(dying).ready(false));
        ready--;
        damaged = true;
        return true;
    }

    /// A pod is told to end; false when there is none of this number.
    boolean evict(int number, long now, long grace) {
        for (int i = 0; i < present.size(); i++) {
            if (present.get(i).number() == number) {
                remove(i, now, grace);
                return true;
            }
        }
        return false;
    }

    void stick(boolean on) {
        stuck = on;
        damaged |= on;
    }

    void damage() {
        damaged = true;
    }

    void heal() {
        damaged = false;
    }
}
