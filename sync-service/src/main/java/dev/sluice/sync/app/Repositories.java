package dev.sluice.sync.app;

import dev.sluice.sync.core.AppSpec.Source;
import dev.sluice.sync.core.KubeObject;
import java.util.List;

/// Port to Git: what a target revision is, and what a revision holds.
public interface Repositories {
    /// Where a target revision stands now.
    sealed interface Resolved {
        record At(String commit) implements Resolved {}

        record Failed(String message) implements Resolved {}
    }

    /// The manifests of one revision. Only `Complete` may be compared or applied: a failure is
    /// never an empty result (Y2).
    sealed interface Rendered {
        record Complete(List<KubeObject> manifests, String sourceType) implements Rendered {
            public Complete {
                manifests = List.copyOf(manifests);
            }
        }

        record Failed(String message) implements Rendered {}
    }

    /// `fresh` does not believe a cached list of references.
    Resolved resolve(String repoUrl, String targetRevision, boolean fresh);

    Rendered render(Source source, String commit, boolean fresh);
}
