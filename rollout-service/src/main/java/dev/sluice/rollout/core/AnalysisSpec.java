package dev.sluice.rollout.core;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;

/// An analysis as a Rollout asks for it; arguments, dry-run and retention rules are carried as
/// written.
public record AnalysisSpec(
        List<TemplateRef> templates,
        List<JsonNode> args,
        List<JsonNode> dryRun,
        List<JsonNode> measurementRetention,
        JsonNode runMetadata) {

    public AnalysisSpec {
        templates = List.copyOf(templates);
        args = List.copyOf(args);
        dryRun = List.copyOf(dryRun);
        measurementRetention = List.copyOf(measurementRetention);
    }

    /// Names an AnalysisTemplate of the namespace or a ClusterAnalysisTemplate.
    public record TemplateRef(String name, boolean clusterScope)
            implements Comparable<TemplateRef> {
        public String kind() {
            return clusterScope ? "ClusterAnalysisTemplate" : "AnalysisTemplate";
        }

        @Override
        public int compareTo(TemplateRef other) {
            int byScope = Boolean.compare(clusterScope, other.clusterScope);
            return byScope != 0 ? byScope : name.compareTo(other.name);
        }
    }
}
