package dev.sluice.explorer.check;

import com.fasterxml.jackson.databind.JsonNode;
import dev.sluice.explorer.model.Cluster;
import dev.sluice.explorer.model.Owned;
import dev.sluice.explorer.model.Proxy;
import dev.sluice.explorer.model.Proxy.Config;
import dev.sluice.explorer.model.Proxy.Entry;
import dev.sluice.explorer.model.StoredExperiment;
import dev.sluice.explorer.scenario.Option;
import dev.sluice.rollout.core.Names;
import dev.sluice.rollout.core.Observation.AnalysisRunView;
import dev.sluice.rollout.core.Observation.ReplicaSetView;
import dev.sluice.rollout.core.RolloutStatus;
import java.util.Map;

/// What must be true when everything has come to rest.
public final class EndRules {
    private EndRules() {}

    public static void judge(Cluster cluster, Judge judge) {
        RolloutStatus status = cluster.rollout().status();
        boolean promoted =
                status.phase().equals("Healthy")
                        && status.stableRS().equals(status.currentPodHash());
        boolean aborted = status.phase().equals("Degraded") && status.abort();
        if (!promoted && !aborted) {
            judge.report("L1", "the release does not end: " + describe(cluster));
            return;
        }
        if (cluster.isRestarting()) {
            judge.report("L1", "the restart is never over: " + describe(cluster));
        }
        traffic(cluster, judge, aborted);
        capacity(cluster, judge, aborted);
        experiments(cluster, judge);
        workload(cluster, judge);
        for (AnalysisRunView run : cluster.runs().values()) {
            if (!run.isCompleted()) {
                judge.report("L8", "the run " + run.name() + " is left");
            }
        }
    }

    /// Once its first revision has taken over, a Rollout leaves nothing of the Deployment, unless
    /// that is what was declared.
    private static void workload(Cluster cluster, Judge judge) {
        JsonNode notes = cluster.rollout().json().path("metadata").path("annotations");
        int left = cluster.workload().map(w -> w.path("spec").path("replicas").asInt()).orElse(0);
        boolean isDone =
                notes.path(Names.REVISION).asText().equals("1")
                        && !cluster.scenario().has(Option.WORKLOAD_NEVER)
                        && cluster.rollout().status().phase().equals("Healthy");
        if (isDone && left > 0) {
            judge.report("L8", "the Deployment keeps " + left + " pods: " + describe(cluster));
        }
    }

    /// Experiments are over, and nothing of them is left but their record.
    private static void experiments(Cluster cluster, Judge judge) {
        for (StoredExperiment experiment : cluster.experiments().values()) {
            if (!experiment.parsed().status().isCompleted()) {
                judge.report("L8", experiment.name() + " is left: " + describe(cluster));
            }
        }
        for (Owned<ReplicaSetView> set : cluster.experimentSets().values()) {
            if (set.object().replicas() > 0) {
                judge.report("L8", set.object().name() + " keeps its pods: " + describe(cluster));
            }
        }
        for (String service : cluster.services()) {
            boolean isLeft =
                    !cluster.scenario().services().contains(service)
                            && cluster.service(service).isPresent();
            if (isLeft) {
                judge.report("L8", "Service " + service + " is left: " + describe(cluster));
            }
        }
        for (Owned<AnalysisRunView> run : cluster.experimentRuns().values()) {
            if (!run.object().isCompleted()) {
                judge.report("L8", "the run " + run.object().name() + " is left");
            }
        }
    }

    private static void traffic(Cluster cluster, Judge judge, boolean aborted) {
        String stable = cluster.rollout().status().stableRS();
        Facts now = Facts.of(cluster);
        for (Proxy proxy : cluster.proxies()) {
            Config config = cluster.config(proxy.entry());
            boolean managed =
                    config.shares().keySet().stream().noneMatch(s -> cluster.selected(s).isEmpty());
            if (managed && now.newestShare(proxy.name(), stable) != config.whole()) {
                judge.report(
                        aborted ? "L3" : "L1",
                        "%s gives %s, stable is %s: %s"
                                .formatted(proxy.name(), config, stable, now.selectors()));
            }
            if (!config.matched().isEmpty() || !config.mirrored().isEmpty()) {
                judge.report("L8", proxy.name() + " keeps a header or mirror route: " + config);
            }
            if (!(proxy.entry() instanceof Entry.Whole) && proxy.lags()) {
                judge.report("L1", proxy.name() + " still lags");
            }
        }
        for (Map.Entry<String, String> service : now.selectors().entrySet()) {
            String hash = service.getValue();
            boolean empty = !hash.isEmpty() && cluster.wanted(hash) == 0;
            if (empty && cluster.rollout().replicas() > 0) {
                judge.report(
                        "A8",
                        "Service " + service.getKey() + " selects " + hash + ", which has no pods");
            }
        }
    }

    private static void capacity(Cluster cluster, Judge judge, boolean aborted) {
        RolloutStatus status = cluster.rollout().status();
        int n = cluster.rollout().replicas();
        if (cluster.wanted(status.stableRS()) != n) {
            judge.report(
                    "L3",
                    "stable is to have "
                            + cluster.wanted(status.stableRS())
                            + " of "
                            + n
                            + ": "
                            + describe(cluster));
        }
        boolean keeps = aborted && cluster.scenario().has(Option.ABORT_KEEPS);
        for (ReplicaSetView set : cluster.sets().values()) {
            boolean isStable = set.hash().equals(status.stableRS());
            boolean isKept = keeps && set.hash().equals(status.currentPodHash());
            if (!isStable && !isKept && set.replicas() > 0) {
                judge.report(
                        "L8",
                        set.name() + " keeps " + set.replicas() + " pods: " + describe(cluster));
            }
        }
    }

    /// A state in a few lines.
    public static String describe(Cluster cluster) {
        RolloutStatus status = cluster.rollout().status();
        StringBuilder text = new StringBuilder();
        text.append("phase ").append(status.phase()).append(' ').append(status.message());
        text.append(", why ").append(status.why().map(Object::toString).orElse("-"));
        text.append(", step ").append(status.currentStepIndex().map(Object::toString).orElse("-"));
        text.append(", N=").append(cluster.rollout().replicas());
        text.append(", stable ").append(status.stableRS());
        text.append(", target ").append(status.currentPodHash());
        status.trafficPlan()
                .ifPresent(
                        p ->
                                text.append("\n  plan ")
                                        .append(p.id())
                                        .append(' ')
                                        .append(p.reason())
                                        .append(' ')
                                        .append(p.services())
                                        .append(p.weights())
                                        .append(" live ")
                                        .append(p.live())
                                        .append(" seen ")
                                        .append(p.observed()));
        cluster.workload()
                .ifPresent(
                        w ->
                                text.append("\n  the Deployment ")
                                        .append(w.at("/spec/template/spec/containers/0/image"))
                                        .append(" wants ")
                                        .append(w.at("/spec/replicas"))
                                        .append(", has ")
                                        .append(cluster.pods(Cluster.WORKLOAD).ready()));
        for (ReplicaSetView set : cluster.allSets()) {
            text.append("\n  ")
                    .append(set.hash())
                    .append(' ')
                    .append(set.template().at("/spec/containers/0/image").asText())
                    .append(" wants ")
                    .append(set.replicas())
                    .append(", has ")
                    .append(cluster.pods(set.hash()).ready())
                    .append(' ')
                    .append(set.annotations());
        }
        cluster.runs()
                .values()
                .forEach(
                        r ->
                                text.append("\n  run ")
                                        .append(r.name())
                                        .append(' ')
                                        .append(r.phase())
                                        .append(' ')
                                        .append(r.labels()));
        cluster.services()
                .forEach(
                        s ->
                                text.append("\n  ")
                                        .append(s)
                                        .append(" -> ")
                                        .append(
                                                cluster.service(s).isPresent()
                                                        ? cluster.selected(s)
                                                        : "(gone)"));
        for (StoredExperiment experiment : cluster.experiments().values()) {
            JsonNode is = experiment.json().path("status");
            text.append("\n  ")
                    .append(experiment.name())
                    .append(experiment.parsed().spec().terminate() ? " is to end, " : " is ")
                    .append(is.path("phase").asText())
                    .append(' ')
                    .append(is.path("message").asText());
            is.path("templateStatuses")
                    .forEach(
                            t ->
                                    text.append(", ")
                                            .append(t.path("name").asText())
                                            .append(' ')
                                            .append(t.path("status").asText()));
        }
        if (!status.currentExperiment().isEmpty()) {
            text.append("\n  the step has ").append(status.currentExperiment());
        }
        cluster.proxies()
                .forEach(
                        p ->
                                text.append("\n  ")
                                        .append(p.name())
                                        .append(" applies ")
                                        .append(p.applied())
                                        .append(" of ")
                                        .append(p.live()));
        return text.toString();
    }
}
