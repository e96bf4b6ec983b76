package dev.sluice.rollout.core;

/// `maxSurge` / `maxUnavailable`: a number of pods, or any string, which counts as a
/// percentage.
public sealed interface IntOrPercent {

    int roundUp(int base);

    int roundDown(int base);

    default boolean isZero() {
        return switch (this) {
            case Pods(int n) -> n == 0;
            case Percent(int n) -> n == 0;
        };
    }

    record Pods(int count) implements IntOrPercent {
        @Override
        public int roundUp(int base) {
            return count;
        }

        @Override
        public int roundDown(int base) {
            return count;
        }
    }

    record Percent(int value) implements IntOrPercent {
        @Override
        public int roundUp(int base) {
            return (int) ((((long) base * value) + 99) / 100);
        }

        @Override
        public int roundDown(int base) {
            return (int) (((long) base * value) / 100);
        }
    }
}
