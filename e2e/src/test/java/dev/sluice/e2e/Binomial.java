package dev.sluice.e2e;

import java.util.stream.IntStream;

/// How many of `n` requests go to one side when each goes there with probability `p`.
record Binomial(int n, double p) {
    /// So unlikely that no test run will ever see it by chance.
    private static final double NEVER = 1e-9;

    /// Whether a proxy that divides as it is told may have sent so many there.
    boolean mayGive(int k) {
        double below = IntStream.rangeClosed(0, k).mapToDouble(this::probability).sum();
        double above = IntStream.rangeClosed(k, n).mapToDouble(this::probability).sum();
        return below > NEVER && above > NEVER;
    }

    private double probability(int k) {
        if (p == 0 || p == 1) {
            return k == (p == 0 ? 0 : n) ? 1 : 0;
        }
        double log = k * Math.log(p) + (n - k) * Math.log1p(-p);
        for (int i = 1; i <= k; i++) {
            log += Math.log((double) (n - k + i) / i);
        }
        return Math.exp(log);
    }
}
