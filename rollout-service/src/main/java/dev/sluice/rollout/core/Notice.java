package dev.sluice.rollout.core;

/// A Kubernetes Event on the Rollout.
public record Notice(Type type, String reason, String message) {
    public enum Type {
        Normal,
        Warning
    }

    public static Notice normal(String reason, String message) {
        return new Notice(Type.Normal, reason, message);
    }

    public static Notice warning(String reason, String message) {
        return new Notice(Type.Warning, reason, message);
    }
}
