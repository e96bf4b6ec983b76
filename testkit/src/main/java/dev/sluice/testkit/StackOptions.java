package dev.sluice.testkit;

import java.nio.file.Path;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/// What a [LocalStack] consists of when it starts; parts that are left out start on first use.
///
/// @param name shows in progress lines and in the name of the stack's folder
/// @param parts started at once
/// @param nodes number of simulated nodes
/// @param crds folders or files with CustomResourceDefinitions to apply when the API server is up
/// @param kubeconfig an existing cluster to use in place of our own control plane
public record StackOptions(
        String name, Set<Part> parts, int nodes, List<Path> crds, Optional<Path> kubeconfig) {
    public StackOptions {
        if (!name.matches("[a-z0-9][a-z0-9-]{0,40}")) {
            throw new IllegalArgumentException(
                    "stack name '%s' must be lower-case letters, digits and dashes"
                            .formatted(name));
        }
        if (nodes < 1 || nodes > 1000) {
            throw new IllegalArgumentException("nodes must be 1 to 1000, not " + nodes);
        }
        parts = Part.withRequirements(parts);
        crds = List.copyOf(crds);
    }

    /// Every part, two nodes, no CRDs.
    public static StackOptions everything() {
        return new StackOptions("stack", EnumSet.allOf(Part.class), 2, List.of(), Optional.empty());
    }

    /// Only these parts at first.
    public static StackOptions of(Part... parts) {
        return everything().withParts(Set.of(parts));
    }

    public StackOptions withName(String name) {
        return new StackOptions(name, parts, nodes, crds, kubeconfig);
    }

    public StackOptions withParts(Set<Part> parts) {
        return new StackOptions(name, parts, nodes, crds, kubeconfig);
    }

    public StackOptions withNodes(int nodes) {
        return new StackOptions(name, parts, nodes, crds, kubeconfig);
    }

    public StackOptions withCrds(Path... crds) {
        return new StackOptions(name, parts, nodes, List.of(crds), kubeconfig);
    }

    public StackOptions withExistingCluster(Path kubeconfig) {
        return new StackOptions(name, parts, nodes, crds, Optional.of(kubeconfig));
    }
}
