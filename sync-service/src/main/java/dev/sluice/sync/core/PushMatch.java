package dev.sluice.sync.core;

import com.fasterxml.jackson.databind.JsonNode;

/// Whether a push concerns a source (specification of sync §6.4).
public final class PushMatch {
    private PushMatch() {}

    public static boolean concerns(
            JsonNode source, String repository, String ref, String defaultBranch) {
        if (!RepoUrl.same(JsonTrees.text(source, "repoURL"), repository)) {
            return false;
        }
        String target = JsonTrees.text(source, "targetRevision");
        String name = ref.replaceFirst("^refs/(heads|tags)/", "");
        if (target.isEmpty() || target.equals("HEAD")) {
            return defaultBranch.isEmpty() || defaultBranch.equals(name);
        }
        return target.equals(name)
                || target.equals(ref)
                || SemverConstraint.parse(target)
                        .filter(c -> SemverConstraint.version(name).filter(c::accepts).isPresent())
                        .isPresent();
    }
}
