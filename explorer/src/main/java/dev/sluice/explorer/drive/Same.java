package dev.sluice.explorer.drive;

/// Whether two references are to one version of an object: versions are never copied.
final class Same {
    private Same() {}

    @SuppressWarnings("ReferenceEquality")
    static <T> boolean version(T a, T b) {
        return a == b;
    }
}
