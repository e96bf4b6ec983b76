package dev.sluice.sync.app;

import com.fasterxml.jackson.databind.JsonNode;
import dev.sluice.sync.core.JsonTrees;
import dev.sluice.sync.core.PushMatch;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.util.ArrayList;
import java.util.List;

/// A push, told to the Applications that it concerns. It changes nothing by itself: each looks at Git for itself.
@ApplicationScoped
public class PushReceiver {
    private final Applications applications;
    private final ApplicationReconciler reconciler;
    private final Looks looks;

    @Inject
    public PushReceiver(Applications applications, ApplicationReconciler reconciler, Looks looks) {
        this.applications = applications;
        this.reconciler = reconciler;
        this.looks = looks;
    }

    /// How many Applications look again.
    public int pushed(String repository, String ref, String defaultBranch) {
        int count = 0;
        for (JsonNode application : applications.known()) {
            List<JsonNode> sources = new ArrayList<>(JsonTrees.items(application, "spec", "sources"));
            sources.add(JsonTrees.at(application, "spec", "source"));
            if (sources.stream().anyMatch(source -> PushMatch.concerns(source, repository, ref, defaultBranch))) {
                AppKey key = new AppKey(JsonTrees.text(application, "metadata", "namespace"), JsonTrees.text(application, "metadata", "name"));
                reconciler.lookAnew(key);
                looks.look(key);
                count++;
            }
        }
        SyncLog.LOG.pushed(repository, ref, count);
        return count;
    }
}
