package dev.sluice.rollout.app;

import java.util.List;
import java.util.Map;

/// The analysis templates that the caches know.
public interface AnalysisTemplates {
    List<Template> all();

    /// @param namespace empty for one of the whole cluster
    /// @param providers by the name of each metric, the kind of its provider
    record Template(String namespace, String name, Map<String, String> providers) {}
}
