package dev.sluice.sync.core;

import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/// Resolves `targetRevision` over a reference list (specification of sync §2.1).
public final class RevisionResolver {
    /// What a target revision stands for.
    public sealed interface Resolution {
        record Commit(String sha) implements Resolution {}

        /// Looks like the start of a commit id: only the object database can say.
        record Abbreviated(String prefix) implements Resolution {}

        record Unresolved(String message) implements Resolution {}
    }

    private RevisionResolver() {}

    public static boolean isCommit(String revision) {
        return revision.matches("[0-9a-fA-F]{40}");
    }

    /// True when the reference list is not needed.
    public static boolean isFixed(String target) {
        return isCommit(target);
    }

    public static Resolution resolve(String target, List<GitRef> refs) {
        if (isCommit(target)) {
            return new Resolution.Commit(target.toLowerCase(java.util.Locale.ROOT));
        }
        String wanted = target.isEmpty() ? "HEAD" : target;
        Optional<SemverConstraint> constraint = SemverConstraint.parse(wanted);
        if (constraint.isPresent()) {
            Optional<GitRef> best = highest(constraint.get(), refs);
            if (best.isPresent()) {
                return new Resolution.Commit(best.get().commit());
            }
        }
        for (GitRef ref : refs) {
            if (ref.name().equals(wanted)
                    || ref.name().equals("refs/heads/" + wanted)
                    || ref.name().equals("refs/tags/" + wanted)) {
                return new Resolution.Commit(ref.commit());
            }
        }
        return wanted.matches("[0-9a-fA-F]{7,39}")
                ? new Resolution.Abbreviated(wanted.toLowerCase(java.util.Locale.ROOT))
                : new Resolution.Unresolved("unable to resolve '" + wanted + "' to a commit SHA");
    }

    private static Optional<GitRef> highest(SemverConstraint constraint, List<GitRef> refs) {
        record Tagged(SemverConstraint.Version version, GitRef ref) {}
        return refs.stream()
                .filter(ref -> ref.name().startsWith("refs/tags/"))
                .flatMap(
                        ref ->
                                SemverConstraint.version(
                                                ref.name().substring("refs/tags/".length()))
                                        .stream()
                                        .map(version -> new Tagged(version, ref)))
                .filter(tagged -> constraint.accepts(tagged.version()))
                .max(Comparator.comparing(Tagged::version))
                .map(Tagged::ref);
    }
}
