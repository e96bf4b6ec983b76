package dev.sluice.sync.core;

import java.util.ArrayDeque;
import java.util.Deque;

/// Paths inside a repository: relative, cleaned, never outside of the root (Y8).
public final class PathRules {
    /// Outcome of cleaning a path.
    public sealed interface Cleaned {
        /// `""` is the root.
        record Inside(String path) implements Cleaned {}

        record Refused(String message) implements Cleaned {}
    }

    private PathRules() {}

    public static Cleaned applicationPath(String path) {
        if (path.startsWith("/")) {
            return new Cleaned.Refused(path + ": app path is absolute");
        }
        return clean("", path);
    }

    /// Where a symbolic link leads. `at` is the directory that holds the link.
    public static Cleaned link(String at, String target) {
        if (target.startsWith("/")) {
            return new Cleaned.Refused(
                    "symbolic link in '"
                            + at
                            + "' has the absolute target '"
                            + target
                            + "': it leads outside of repository root");
        }
        return clean(at, target);
    }

    private static Cleaned clean(String base, String path) {
        if (path.indexOf('\0') >= 0 || path.indexOf('\\') >= 0) {
            return new Cleaned.Refused(
                    "path '" + path.replace('\0', '?') + "' holds a character that is not allowed");
        }
        Deque<String> parts = new ArrayDeque<>();
        for (String step : (base.isEmpty() ? path : base + "/" + path).split("/", -1)) {
            if (step.equals("..")) {
                if (parts.pollLast() == null) {
                    return new Cleaned.Refused("path '" + path + "' is outside of repository root");
                }
            } else if (!step.isEmpty() && !step.equals(".")) {
                parts.addLast(step);
            }
        }
        if (parts.contains(".git")) {
            return new Cleaned.Refused("path '" + path + "' leads into .git");
        }
        return new Cleaned.Inside(String.join("/", parts));
    }
}
