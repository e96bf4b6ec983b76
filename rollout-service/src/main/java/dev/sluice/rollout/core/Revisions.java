package dev.sluice.rollout.core;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sluice.rollout.core.Observation.ReplicaSetView;
import dev.sluice.rollout.core.hash.PodHash;
import dev.sluice.rollout.core.hash.Templates;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/// The revisions of a Rollout as its ReplicaSets tell.
///
/// @param owned owned ReplicaSets, oldest first
/// @param newSet the one whose template means the same as the spec's
/// @param computedHash hash of the spec's template; an existing `newSet` may carry another
public record Revisions(
        List<ReplicaSetView> owned, Optional<ReplicaSetView> newSet, String computedHash) {

    public Revisions {
        owned = List.copyOf(owned);
    }

    static Revisions of(Observation seen) {
        List<ReplicaSetView> owned =
                seen.replicaSets().stream()
                        .filter(ReplicaSetView::owned)
                        .sorted(
                                Comparator.comparing(ReplicaSetView::creation)
                                        .thenComparing(ReplicaSetView::name))
                        .toList();
        RolloutSpec spec = seen.rollout().spec();
        String computed = PodHash.of(spec.template(), seen.rollout().status().collisionCount());
        Optional<ReplicaSetView> found =
                owned.stream()
                        .filter(rs -> rs.hash().equals(computed) && isOf(rs, spec.template(), true))
                        .findFirst()
                        .or(
                                () ->
                                        owned.stream()
                                                .filter(rs -> isOf(rs, spec.template(), false))
                                                .findFirst());
        return new Revisions(owned, found, computed);
    }

    /// Whether the ReplicaSet was made from the template, whatever we put into its own (S5).
    ///
    /// @param isSameHash also the hash says so; then what was injected may have hidden values of
    /// the template
    private static boolean isOf(ReplicaSetView set, JsonNode template, boolean isSameHash) {
        boolean hasMetadata = set.annotation(Names.EPHEMERAL_METADATA).isPresent();
        boolean mayHaveTerm = set.template().path("spec").has("affinity");
        if (!hasMetadata && !mayHaveTerm) {
            return Templates.same(set.template(), template);
        }
        JsonNode live = set.template().deepCopy();
        JsonNode desired = template;
        if (live instanceof ObjectNode tree) {
            AntiAffinityTerm.remove(tree);
            EphemeralMetadata.strip(set, tree);
        }
        if (hasMetadata && isSameHash && template.deepCopy() instanceof ObjectNode tree) {
            EphemeralMetadata.strip(set, tree);
            desired = tree;
        }
        return Templates.same(live, desired);
    }

    public String newHash() {
        return newSet.map(ReplicaSetView::hash).orElse(computedHash);
    }

    public Optional<ReplicaSetView> withHash(String hash) {
        return hash.isEmpty()
                ? Optional.empty()
                : owned.stream().filter(rs -> rs.hash().equals(hash)).findFirst();
    }

    /// New hash equals the stable one, or the new ReplicaSet is older than the stable one.
    public boolean isRollback(String stableHash) {
        if (newHash().equals(stableHash)) {
            return true;
        }
        Optional<ReplicaSetView> stable = withHash(stableHash);
        return newSet.isPresent()
                && stable.isPresent()
                && newSet.get().creation().isBefore(stable.get().creation());
    }

    /// Whether going back to the present template is a rollback inside `rollbackWindow`.
    public boolean isWithinWindow(String stableHash, int window) {
        return newSet.isPresent() && isWithinWindow(newSet.get(), stableHash, window);
    }

    /// Whether going back to the ReplicaSet would be one.
    boolean isWithinWindow(ReplicaSetView set, String stableHash, int window) {
        Optional<ReplicaSetView> stable = withHash(stableHash);
        if (window <= 0 || stable.isEmpty()) {
            return false;
        }
        var from = set.creation();
        var to = stable.get().creation();
        long between =
                owned.stream()
                        .filter(rs -> rs.creation().isAfter(from) && rs.creation().isBefore(to))
                        .count();
        return from.isBefore(to) && between < window;
    }
}
