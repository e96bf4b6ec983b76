package dev.sluice.sync.app;

import com.fasterxml.jackson.databind.JsonNode;
import dev.sluice.sync.core.JsonTrees;
import dev.sluice.sync.core.PushMatch;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.util.ArrayList;
import java.util.List;

/// A push, told to the Applications that it concerns. It changes nothing by itself: each looks at
/// Git for itself.
@ApplicationScoped
public class PushReceiver {
    private final Applications applications;

    @Inject
    public PushReceiver(Applications applications) {
        this.applications = applications;
    }

    /// How many Applications look again.
    public int pushed(String repository, String ref, String defaultBranch) {
        int count = 0;
        for (JsonNode application : applications.known()) {
            List<JsonNode> sources =
                    new ArrayList<>(JsonTrees.items(application, "spec", "sources"));
            sources.add(JsonTrees.at(application, "spec", "source"));
            if (sources.stream()
                    .anyMatch(
                            source -> PushMatch.concerns(source, repository, ref, defaultBranch))) {
                AppKey key =
                        new AppKey(
                                JsonTrees.text(application, "metadata", "namespace"),
                                JsonTrees.text(application, "metadata", "name"));
                applications.requestRefresh(key);
                count++;
            }
        }
        SyncLog.LOG.pushed(repository, ref, count);
        return count;
    }
}
