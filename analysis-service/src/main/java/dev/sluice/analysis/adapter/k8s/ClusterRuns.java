package dev.sluice.analysis.adapter.k8s;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sluice.analysis.AnalysisMessages;
import dev.sluice.analysis.app.Runs;
import dev.sluice.analysis.core.AnalysisRun;
import dev.sluice.analysis.core.Decision;
import dev.sluice.analysis.core.RunStatus;
import dev.sluice.runtime.ConditionalWrites;
import dev.sluice.runtime.KubernetesEvents;
import dev.sluice.runtime.ResourceRef;
import dev.sluice.runtime.SeenVersions;
import dev.sluice.runtime.WriteResult;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.List;
import java.util.Optional;

/// Conditional writes of AnalysisRuns. The CRD has no status subresource: the status is patched on
/// the object itself.
@ApplicationScoped
class ClusterRuns implements Runs {
    static final String FIELD_MANAGER = "sluice-analysis";
    static final String GROUP = "argoproj.io";
    static final String VERSION = "v1alpha1";
    static final String PLURAL = "analysisruns";

    private final ConditionalWrites writes;
    private final KubernetesEvents events;
    private final SeenVersions versions;

    ClusterRuns(ConditionalWrites writes, KubernetesEvents events, SeenVersions versions) {
        this.writes = writes;
        this.events = events;
        this.versions = versions;
    }

    @Override
    public Saved save(AnalysisRun run, RunStatus status) {
        ObjectNode changes = RunMapper.statusPatch(RunMapper.toJson(run.status()), status);
        if (changes.isEmpty()) {
            return Saved.DONE;
        }
        ObjectNode patch = JsonNodeFactory.instance.objectNode();
        patch.set("status", changes);
        AnalysisRun.Identity id = run.identity();
        WriteResult result = writes.mergePatch(ref(id), id.resourceVersion(), patch, FIELD_MANAGER);
        return switch (result) {
            case WriteResult.Applied applied -> {
                versions.wrote(id.uid(), applied.resourceVersion());
                yield Saved.DONE;
            }
            case WriteResult.Conflict _, WriteResult.Missing _ -> Saved.OUTDATED;
            case WriteResult.Rejected rejected -> {
                AnalysisMessages.LOG.rejected(id.namespace(), id.name(), rejected.reason());
                throw new IllegalStateException(
                        "the status of " + id.namespace() + "/" + id.name() + " was refused");
            }
        };
    }

    @Override
    public void delete(AnalysisRun run) {
        AnalysisRun.Identity id = run.identity();
        if (writes.delete(ref(id), id.uid(), Optional.of(id.resourceVersion())).isApplied()) {
            AnalysisMessages.LOG.expired(id.namespace(), id.name());
        }
    }

    @Override
    public void announce(AnalysisRun run, List<Decision.Notice> notices) {
        AnalysisRun.Identity id = run.identity();
        KubernetesEvents.About about =
                new KubernetesEvents.About(
                        GROUP + "/" + VERSION, "AnalysisRun", id.namespace(), id.name(), id.uid());
        for (Decision.Notice notice : notices) {
            events.record(
                    about,
                    notice.warning() ? KubernetesEvents.Type.WARNING : KubernetesEvents.Type.NORMAL,
                    notice.reason(),
                    notice.message());
            AnalysisMessages.LOG.announced(
                    id.namespace(), id.name(), notice.reason(), notice.message());
        }
    }

    private static ResourceRef ref(AnalysisRun.Identity id) {
        return ResourceRef.of(GROUP, VERSION, PLURAL, id.namespace(), id.name());
    }
}
