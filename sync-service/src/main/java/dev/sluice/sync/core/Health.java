package dev.sluice.sync.core;

/// Health of an object or an application.
public record Health(Status status, String message) {
    /// From best to worst.
    public enum Status {
        Healthy,
        Suspended,
        Progressing,
        Missing,
        Degraded,
        Unknown;

        boolean isWorseThan(Status other) {
            return compareTo(other) > 0;
        }
    }

    public static Health healthy(String message) {
        return new Health(Status.Healthy, message);
    }

    static Health progressing(String message) {
        return new Health(Status.Progressing, message);
    }

    static Health degraded(String message) {
        return new Health(Status.Degraded, message);
    }

    static Health suspended(String message) {
        return new Health(Status.Suspended, message);
    }

    static Health unknown(String message) {
        return new Health(Status.Unknown, message);
    }
}
