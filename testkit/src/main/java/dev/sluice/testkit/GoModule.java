package dev.sluice.testkit;

import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/// The `go.mod` of a throw-away module in which one foreign program is built.
///
/// `go install module@version` refuses modules with `replace` directives, so these are taken over
/// into a module of our own. Kubernetes replaces its staging modules by folders of its own tree;
/// these become the releases that belong to the same version.
final class GoModule {
    private static final Pattern GO = Pattern.compile("(?m)^go (\\S+)");
    private static final Pattern STAGING =
            Pattern.compile("(?m)^\\s+(k8s\\.io/\\S+) v0\\.0\\.0(?=\\s|$)");
    private static final Pattern REPLACE_BLOCK =
            Pattern.compile("(?ms)^replace\\s*\\(\\s*$(.*?)^\\)");
    private static final Pattern REPLACE_LINE = Pattern.compile("(?m)^replace\\s+([^(\\s].*=>.*)$");

    private GoModule() {}

    /// @param upstream the `go.mod` of the program's own module
    static String forBuilding(Tool tool, String upstream) {
        var go = GO.matcher(upstream);
        return """
        module build

        go %s

        require %s %s

        replace (
        %s
        )
        """
                .formatted(
                        go.find() ? go.group(1) : "1.24.0",
                        tool.module(),
                        tool.version(),
                        replacements(tool, upstream).stream()
                                .map(line -> "\t" + line)
                                .collect(Collectors.joining("\n")));
    }

    private static Set<String> replacements(Tool tool, String upstream) {
        var lines = new LinkedHashSet<String>();
        var block = REPLACE_BLOCK.matcher(upstream);
        while (block.find()) {
            block.group(1).lines().forEach(line -> addRemote(lines, line));
        }
        var single = REPLACE_LINE.matcher(upstream);
        while (single.find()) {
            addRemote(lines, single.group(1));
        }
        if (tool.isKubernetes()) {
            var staging = STAGING.matcher(upstream);
            var release = "v0." + tool.version().substring("v1.".length());
            while (staging.find()) {
                lines.add("%s => %s %s".formatted(staging.group(1), staging.group(1), release));
            }
        }
        return lines;
    }

    private static void addRemote(Set<String> lines, String line) {
        var text = line.replaceFirst("//.*", "").strip();
        var isLocalFolder = List.of("=> ./", "=> ../").stream().anyMatch(text::contains);
        if (text.contains("=>") && !isLocalFolder) {
            lines.add(text);
        }
    }
}
