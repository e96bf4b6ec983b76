package dev.sluice.sync.core;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// A manifest or live object as opaque JSON, with the few fields read that sync-service itself
/// needs.
public record KubeObject(ObjectNode json) {
    public static final String WAVE = "argocd.argoproj.io/sync-wave";
    public static final String HOOK = "argocd.argoproj.io/hook";
    public static final String HOOK_DELETE = "argocd.argoproj.io/hook-delete-policy";
    public static final String OPTIONS = "argocd.argoproj.io/sync-options";
    public static final String COMPARE_OPTIONS = "argocd.argoproj.io/compare-options";
    public static final String LAST_APPLIED = "kubectl.kubernetes.io/last-applied-configuration";

    public KubeObject copy() {
        return new KubeObject(json.deepCopy());
    }

    public String apiVersion() {
        return JsonTrees.text(json, "apiVersion");
    }

    public String group() {
        String version = apiVersion();
        int slash = version.indexOf('/');
        return slash < 0 ? "" : version.substring(0, slash);
    }

    public String version() {
        String version = apiVersion();
        return version.substring(version.indexOf('/') + 1);
    }

    public String kind() {
        return JsonTrees.text(json, "kind");
    }

    public String name() {
        return JsonTrees.text(json, "metadata", "name");
    }

    public String generateName() {
        return JsonTrees.text(json, "metadata", "generateName");
    }

    public String namespace() {
        return JsonTrees.text(json, "metadata", "namespace");
    }

    public String uid() {
        return JsonTrees.text(json, "metadata", "uid");
    }

    public String resourceVersion() {
        return JsonTrees.text(json, "metadata", "resourceVersion");
    }

    public long generation() {
        return JsonTrees.numberOr(0, json, "metadata", "generation");
    }

    public boolean deleting() {
        return !JsonTrees.text(json, "metadata", "deletionTimestamp").isEmpty();
    }

    public boolean owned() {
        return !JsonTrees.items(json, "metadata", "ownerReferences").isEmpty();
    }

    public ObjectKey key() {
        return new ObjectKey(group(), kind(), namespace(), name());
    }

    public Optional<String> annotation(String name) {
        return JsonTrees.optional(json, "metadata", "annotations", name);
    }

    /// The entries of a comma-separated annotation.
    public List<String> list(String annotation) {
        List<String> found = new ArrayList<>();
        for (String entry : annotation(annotation).orElse("").split(",", -1)) {
            if (!entry.isBlank()) {
                found.add(entry.strip());
            }
        }
        return found;
    }

    public boolean hasOption(String option) {
        return list(OPTIONS).contains(option);
    }

    /// Sync wave; what is not an integer counts as 0.
    public int wave() {
        String text =
                annotation(WAVE).or(() -> annotation("helm.sh/hook-weight")).orElse("0").strip();
        return text.matches("[+-]?\\d{1,9}") ? Integer.parseInt(text) : 0;
    }

    public void setAnnotation(String name, String value) {
        JsonTrees.child(JsonTrees.child(json, "metadata"), "annotations").put(name, value);
    }

    public void setName(String name) {
        JsonTrees.child(json, "metadata").put("name", name).remove("generateName");
    }

    public void setNamespace(String namespace) {
        if (namespace.isEmpty()) {
            JsonTrees.child(json, "metadata").remove("namespace");
        } else {
            JsonTrees.child(json, "metadata").put("namespace", namespace);
        }
    }
}
