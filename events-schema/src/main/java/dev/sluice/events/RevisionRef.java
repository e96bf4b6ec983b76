package dev.sluice.events;

import java.util.List;

/// One revision of a workload.
///
/// @param podTemplateHash value of the label `rollouts-pod-template-hash`
/// @param images container images in order of the containers
public record RevisionRef(String podTemplateHash, List<String> images) {
    public RevisionRef {
        images = List.copyOf(images);
    }
}
