package dev.sluice.explorer.engine;

/// A set of 64-bit fingerprints that stops growing at a limit.
final class States {
    private static final int FIRST = 1 << 16;
    private static final int MOST = 1 << 24;
    private static final long SPREAD = 0x9E3779B97F4A7C15L;

    private long[] slots = new long[FIRST];
    private int size;

    /// False when it is known, or there is no room to tell.
    boolean add(long fingerprint) {
        long key = fingerprint == 0 ? 1 : fingerprint;
        if (size * 2 > slots.length) {
            if (slots.length >= MOST) {
                return false;
            }
            grow();
        }
        return insert(slots, key);
    }

    int size() {
        return size;
    }

    private void grow() {
        long[] next = new long[slots.length * 2];
        size = 0;
        for (long key : slots) {
            if (key != 0) {
                insert(next, key);
            }
        }
        slots = next;
    }

    private boolean insert(long[] into, long key) {
        int mask = into.length - 1;
        int at = (int) ((key * SPREAD) >>> 40) & mask;
        while (into[at] != 0) {
            if (into[at] == key) {
                return false;
            }
            at = (at + 1) & mask;
        }
        into[at] = key;
        size++;
        return true;
    }
}
