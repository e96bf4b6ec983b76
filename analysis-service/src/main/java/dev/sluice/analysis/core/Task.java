package dev.sluice.analysis.core;

/// Something to do for one metric now.
public sealed interface Task {
    String metric();

    /// @param number ordinal of the measurement among all of the metric, from 1; part of a Job's
    ///     name, so that a repetition after a crash finds what the first attempt made
    record Measure(String metric, int number) implements Task {}

    record Resume(String metric, Measurement underWay) implements Task {}

    record Terminate(String metric, Measurement underWay) implements Task {}
}
