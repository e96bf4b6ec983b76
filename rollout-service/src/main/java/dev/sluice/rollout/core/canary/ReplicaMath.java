package dev.sluice.rollout.core.canary;

/// Pod counts of a canary without a traffic router: the share is approximated by how many pods
/// run.
public final class ReplicaMath {
    private ReplicaMath() {}

    public record Counts(int canary, int stable) {}

    /// Spec counts and available pods of the two revisions; `old` are the spec counts of all
    /// others together.
    public record Present(
            int canary, int canaryAvailable, int stable, int stableAvailable, int old) {}

    /// The counts that approximate `weight` of `maxWeight` best.
    public static Counts desired(int replicas, int surge, int weight, int maxWeight) {
        if (replicas == 0) {
            return new Counts(0, 0);
        }
        long product = (long) replicas * weight;
        int up = (int) ((product + maxWeight - 1) / maxWeight);
        int down = (int) (product / maxWeight);
        boolean zeroIsFine = weight == maxWeight || weight == 0 || (replicas == 1 && surge == 0);
        boolean downCounts = down != 0 || zeroIsFine;
        Best best = new Best(weight, maxWeight);
        if (up < replicas || zeroIsFine) {
            best.offer(up, replicas);
        }
        if (downCounts && !isHalf(product, maxWeight)) {
            best.offer(down, replicas);
        }
        if (surge > 0) {
            best.offer(up, replicas + 1);
            if (downCounts && !isHalf((replicas + 1L) * weight, maxWeight)) {
                best.offer(down, replicas + 1);
            }
        }
        return best.total < 0
                ? new Counts(0, replicas)
                : new Counts(best.canary, best.total - best.canary);
    }

    private static boolean isHalf(long product, int maxWeight) {
        return 2 * (product % maxWeight) == maxWeight;
    }

    /// Keeps the first option with the smallest distance, compared as exact fractions.
    private static final class Best {
        private final int weight;
        private final int maxWeight;
        private int canary;
        private int total = -1;

        Best(int weight, int maxWeight) {
            this.weight = weight;
            this.maxWeight = maxWeight;
        }

        void offer(int optionCanary, int optionTotal) {
            if (total < 0
                    || distance(optionCanary, optionTotal) * total
                            < distance(canary, total) * optionTotal) {
                canary = optionCanary;
                total = optionTotal;
            }
        }

        private long distance(int c, int t) {
            return Math.abs((long) c * maxWeight - (long) weight * t);
        }
    }

    /// The next spec counts on the way to `want`, never above N + surge nor below N −
    /// unavailable.
    public static Counts next(
            Counts want,
            Present is,
            int replicas,
            int surge,
            int unavailable,
            boolean hasStable,
            boolean hasCanary) {
        int room = replicas + surge - (is.old() + is.canary() + is.stable());
        int stable = raise(is.stable(), want.stable(), room);
        room -= stable - is.stable();
        int canary = raise(is.canary(), want.canary(), room);
        if (is.old() > 0) {
            return new Counts(canary, stable);
        }
        int minAvailable = replicas - unavailable;
        boolean increasing = !hasCanary || want.canary() >= is.canary();
        int sum =
                countable(is.canary(), is.canaryAvailable(), !increasing)
                        + countable(is.stable(), is.stableAvailable(), increasing);
        if (sum <= minAvailable || (increasing && !hasStable)) {
            return new Counts(canary, stable);
        }
        int spare = sum - minAvailable;
        int limit = replicas + surge;
        if (increasing) {
            Balanced b =
                    drain(
                            stable,
                            is.stable(),
                            is.stableAvailable(),
                            want.stable(),
                            spare,
                            canary,
                            is.canaryAvailable(),
                            hasCanary,
                            minAvailable,
                            limit);
            return new Counts(b.kept(), b.drained());
        }
        Balanced b =
                drain(
                        canary,
                        is.canary(),
                        is.canaryAvailable(),
                        want.canary(),
                        spare,
                        stable,
                        is.stableAvailable(),
                        hasStable,
                        minAvailable,
                        limit);
        return new Counts(b.drained(), b.kept());
    }

    private static int raise(int is, int want, int room) {
        return is < want && room > 0 ? is + Math.min(room, want - is) : is;
    }

    private static int countable(int spec, int available, boolean ignoreAvailability) {
        return spec < available || ignoreAvailability ? spec : available;
    }

    private record Balanced(int drained, int kept) {}

    private static Balanced drain(
            int planned,
            int spec,
            int available,
            int want,
            int spare,
            int keep,
            int keepAvailable,
            boolean hasKeep,
            int minAvailable,
            int limit) {
        int drained = spec > want ? Math.max(want, spec - spare) : planned;
        int kept = keep;
        if (hasKeep) {
            kept -= Math.max(0, drained + kept - limit);
            int availableAfter = Math.min(available, drained) + Math.min(keepAvailable, kept);
            int lost = Math.max(0, keepAvailable - kept);
            kept += Math.min(lost, Math.max(0, minAvailable - availableAfter));
            drained -= Math.max(0, drained + kept - limit);
        }
        return new Balanced(drained, kept);
    }
}
