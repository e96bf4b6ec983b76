package dev.sluice.runtime;

import jakarta.enterprise.context.ApplicationScoped;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;

/// Keeps a reconcile from deciding on an object that is older than our own last write (read your
/// writes). Remembers one version per live object; call [#forget] when the object is gone.
@ApplicationScoped
public class SeenVersions {

    private final ConcurrentMap<String, String> lastWritten = new ConcurrentHashMap<>();

    /// Remembers a version that a write of ours returned. Older ones are ignored.
    public void wrote(String uid, String resourceVersion) {
        lastWritten.merge(
                uid, resourceVersion, (known, now) -> compare(now, known) < 0 ? known : now);
    }

    /// Whether a cached object is older than what we last wrote, so that nothing may be decided on
    /// it.
    public boolean isBehind(String uid, String cachedVersion) {
        String written = lastWritten.get(uid);
        return written != null && compare(cachedVersion, written) < 0;
    }

    /// Whether this very version is what we last wrote, so that whoever wrote it knows it already.
    public boolean isOurs(String uid, String version) {
        return version.equals(lastWritten.get(uid));
    }

    /// Drops what is known of an object that is gone.
    public void forget(String uid) {
        lastWritten.remove(uid);
    }

    /// Versions of one object are decimal numbers that rise: longer is newer, else by digits.
    private static int compare(String left, String right) {
        return left.length() != right.length()
                ? Integer.compare(left.length(), right.length())
                : left.compareTo(right);
    }
}
