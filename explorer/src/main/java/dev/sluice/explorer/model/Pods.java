package dev.sluice.explorer.model;

/// The pods of one revision as they really are; the API server learns of it when the ReplicaSet
/// controller next writes a status.
public final class Pods {
    private int created;
    private int ready;
    private boolean stuck;
    private boolean damaged;
    private long graceUntil = Long.MIN_VALUE;

    Pods() {}

    Pods(Pods other) {
        created = other.created;
        ready = other.ready;
        stuck = other.stuck;
        damaged = other.damaged;
        graceUntil = other.graceUntil;
    }

    public int created() {
        return created;
    }

    public int ready() {
        return ready;
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

    void scaleTo(int wanted, long now, long grace) {
        int gone = Math.max(0, created - wanted);
        int unready = created - ready;
        int lost = Math.max(0, gone - unready);
        if (lost > 0) {
            ready -= lost;
            graceUntil = now + grace;
        }
        created = wanted;
    }

    boolean becomeReady() {
        if (stuck || ready >= created) {
            return false;
        }
        ready++;
        return true;
    }

    boolean die() {
        if (ready == 0) {
            return false;
        }
        ready--;
        damaged = true;
        return true;
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

    long graceUntil() {
        return graceUntil;
    }
}
