package dev.sluice.sync.adapter.git;

import dev.sluice.sync.core.AppSpec.Directory;
import dev.sluice.sync.core.Glob;
import dev.sluice.sync.core.KubeObject;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.eclipse.jgit.lib.ObjectId;

/// Plain manifests of a directory (specification of sync §2.6).
final class DirectoryRenderer {
    private static final String SKIP = "+argocd:skip-file-rendering";
    private final ManifestParser parser;
    private final long limit;

    DirectoryRenderer(ManifestParser parser, long limit) {
        this.parser = parser;
        this.limit = limit;
    }

    List<KubeObject> render(SourceTree tree, String path, Directory options)
            throws IOException, SourceTree.RefusedException, ManifestParser.MalformedException {
        List<KubeObject> found = new ArrayList<>();
        long total = 0;
        for (Map.Entry<String, ObjectId> file : tree.below(path).entrySet()) {
            String name = file.getKey();
            if (!wanted(name, options)) {
                continue;
            }
            total += tree.size(file.getValue());
            if (total > limit) {
                throw new SourceTree.RefusedException(
                        "manifests in '"
                                + path
                                + "' have more than "
                                + limit
                                + " bytes: exceeded max combined manifest file size");
            }
            String text = tree.text(file.getValue(), limit);
            if (!text.contains(SKIP)) {
                add(path.isEmpty() ? name : path + "/" + name, text, found);
            }
        }
        return found;
    }

    private void add(String file, String text, List<KubeObject> found)
            throws ManifestParser.MalformedException {
        boolean manifest =
                file.endsWith(".json")
                        ? text.contains("\"apiVersion\"") && text.contains("\"kind\"")
                        : text.contains("apiVersion:")
                                && text.contains("kind:")
                                && text.contains("metadata:");
        try {
            found.addAll(parser.parse(file, text));
        } catch (ManifestParser.MalformedException e) {
            // a file that does not look like a manifest is somebody's values file or pipeline
            if (manifest) {
                throw e;
            }
        }
    }

    private static boolean wanted(String name, Directory options) {
        boolean type = name.endsWith(".yaml") || name.endsWith(".yml") || name.endsWith(".json");
        boolean deep = name.contains("/") && !options.recurse();
        boolean excluded = !options.exclude().isEmpty() && Glob.matches(options.exclude(), name);
        boolean included = options.include().isEmpty() || Glob.matches(options.include(), name);
        return type && !deep && !excluded && included;
    }
}
