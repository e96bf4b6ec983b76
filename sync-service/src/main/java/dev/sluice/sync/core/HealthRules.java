package dev.sluice.sync.core;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/// Health of one live object (specification of sync §5.2, §5.3). An object without a rule has no
/// health: it counts as fine.
public final class HealthRules {
    private static final Set<String> HPA_FAILURES =
            Set.of(
                    "FailedGetScale",
                    "FailedUpdateScale",
                    "FailedGetResourceMetric",
                    "FailedGetObjectMetric",
                    "FailedGetPodsMetric",
                    "FailedGetExternalMetric",
                    "FailedComputeMetricsReplicas",
                    "InvalidSelector");

    private HealthRules() {}

    public static Optional<Health> of(KubeObject live) {
        if (live.deleting()) {
            return Optional.of(Health.progressing("Pending deletion"));
        }
        JsonNode o = live.json();
        return switch (live.group() + "/" + live.kind()) {
            case "apps/Deployment", "extensions/Deployment" -> Optional.of(deployment(live));
            case "apps/StatefulSet" -> Optional.of(statefulSet(live));
            case "apps/DaemonSet", "extensions/DaemonSet" -> Optional.of(daemonSet(live));
            case "apps/ReplicaSet", "extensions/ReplicaSet" -> Optional.of(replicaSet(live));
            case "/Pod" -> Optional.of(pod(live));
            case "batch/Job" -> Optional.of(job(o));
            case "/Service" -> Optional.of(service(o));
            case "networking.k8s.io/Ingress", "extensions/Ingress" -> Optional.of(ingress(o));
            case "/PersistentVolumeClaim" -> Optional.of(claim(o));
            case "autoscaling/HorizontalPodAutoscaler" -> Optional.of(autoscaler(o));
            case "apiregistration.k8s.io/APIService" -> Optional.of(apiService(o));
            case "apiextensions.k8s.io/CustomResourceDefinition" -> Optional.of(crd(o));
            case "argoproj.io/Rollout" -> Optional.of(rollout(live));
            case "argoproj.io/Workflow" -> Optional.of(workflow(o));
            case "argoproj.io/AnalysisRun" -> Optional.of(analysisRun(o));
            case "batch/CronJob" -> Optional.of(cronJob(o));
            case "policy/PodDisruptionBudget" -> Optional.of(budget(o));
            case "cert-manager.io/Certificate",
                    "cert-manager.io/Issuer",
                    "cert-manager.io/ClusterIssuer" ->
                    Optional.of(ready(o));
            default -> Optional.empty();
        };
    }

    private static long num(JsonNode o, String... path) {
        return JsonTrees.numberOr(0, o, path);
    }

    private static Optional<JsonNode> condition(JsonNode o, String type) {
        return JsonTrees.items(o, "status", "conditions").stream()
                .filter(condition -> JsonTrees.text(condition, "type").equals(type))
                .findFirst();
    }

    private static boolean isTrue(JsonNode condition) {
        return JsonTrees.text(condition, "status").equals("True");
    }

    private static String message(JsonNode node) {
        return JsonTrees.text(node, "message");
    }

    private static boolean unobserved(KubeObject live) {
        return live.generation() > num(live.json(), "status", "observedGeneration");
    }

    private static Health deployment(KubeObject live) {
        JsonNode o = live.json();
        if (JsonTrees.flag(o, "spec", "paused")) {
            return Health.suspended("Deployment is paused");
        }
        if (unobserved(live)) {
            return Health.progressing(
                    "Waiting for rollout to finish: observed deployment generation less than"
                            + " desired generation");
        }
        if (condition(o, "Progressing")
                .filter(c -> JsonTrees.text(c, "reason").equals("ProgressDeadlineExceeded"))
                .isPresent()) {
            return Health.degraded(
                    "Deployment \"" + live.name() + "\" exceeded its progress deadline");
        }
        long wanted = JsonTrees.numberOr(1, o, "spec", "replicas");
        long updated = num(o, "status", "updatedReplicas");
        long all = num(o, "status", "replicas");
        long available = num(o, "status", "availableReplicas");
        if (updated < wanted) {
            return Health.progressing(
                    "Waiting for rollout to finish: "
                            + updated
                            + " out of "
                            + wanted
                            + " new replicas have been updated...");
        }
        if (all > updated) {
            return Health.progressing(
                    "Waiting for rollout to finish: "
                            + (all - updated)
                            + " old replicas are pending termination...");
        }
        if (available < updated) {
            return Health.progressing(
                    "Waiting for rollout to finish: "
                            + available
                            + " of "
                            + updated
                            + " updated replicas are available...");
        }
        return Health.healthy("");
    }

    private static Health statefulSet(KubeObject live) {
        JsonNode o = live.json();
        if (num(o, "status", "observedGeneration") == 0 || unobserved(live)) {
            return Health.progressing("Waiting for statefulset spec update to be observed...");
        }
        long wanted = JsonTrees.numberOr(1, o, "spec", "replicas");
        long ready = num(o, "status", "readyReplicas");
        if (ready < wanted) {
            return Health.progressing("Waiting for " + (wanted - ready) + " pods to be ready...");
        }
        String strategy = JsonTrees.text(o, "spec", "updateStrategy", "type");
        JsonNode rolling = JsonTrees.at(o, "spec", "updateStrategy", "rollingUpdate");
        if (strategy.equals("RollingUpdate") && rolling.isObject()) {
            long expected = wanted - num(rolling, "partition");
            long updated = num(o, "status", "updatedReplicas");
            return rolling.has("partition") && updated < expected
                    ? Health.progressing(
                            "Waiting for partitioned roll out to finish: "
                                    + updated
                                    + " out of "
                                    + expected
                                    + " new pods have been updated...")
                    : Health.healthy(
                            "partitioned roll out complete: "
                                    + updated
                                    + " new pods have been updated...");
        }
        if (strategy.equals("OnDelete")) {
            return Health.healthy("statefulset has " + ready + " ready pods");
        }
        if (!JsonTrees.text(o, "status", "updateRevision")
                .equals(JsonTrees.text(o, "status", "currentRevision"))) {
            return Health.progressing(
                    "waiting for statefulset rolling update to complete "
                            + num(o, "status", "updatedReplicas")
                            + " pods at revision "
                            + JsonTrees.text(o, "status", "updateRevision")
                            + "...");
        }
        return Health.healthy(
                "statefulset rolling update complete "
                        + num(o, "status", "currentReplicas")
                        + " pods at revision "
                        + JsonTrees.text(o, "status", "currentRevision")
                        + "...");
    }

    private static Health daemonSet(KubeObject live) {
        JsonNode o = live.json();
        if (unobserved(live)) {
            return Health.progressing(
                    "Waiting for rollout to finish: observed daemon set generation less than"
                            + " desired generation");
        }
        if (JsonTrees.text(o, "spec", "updateStrategy", "type").equals("OnDelete")) {
            return Health.healthy("");
        }
        long desired = num(o, "status", "desiredNumberScheduled");
        long updated = num(o, "status", "updatedNumberScheduled");
        long available = num(o, "status", "numberAvailable");
        if (updated < desired) {
            return Health.progressing(
                    "Waiting for daemon set \""
                            + live.name()
                            + "\" rollout to finish: "
                            + updated
                            + " out of "
                            + desired
                            + " new pods have been updated...");
        }
        return available < desired
                ? Health.progressing(
                        "Waiting for daemon set \""
                                + live.name()
                                + "\" rollout to finish: "
                                + available
                                + " of "
                                + desired
                                + " updated pods are available...")
                : Health.healthy("");
    }

    private static Health replicaSet(KubeObject live) {
        JsonNode o = live.json();
        if (unobserved(live)) {
            return Health.progressing(
                    "Waiting for rollout to finish: observed replica set generation less than"
                            + " desired generation");
        }
        Optional<JsonNode> failure = condition(o, "ReplicaFailure").filter(HealthRules::isTrue);
        if (failure.isPresent()) {
            return Health.degraded(message(failure.get()));
        }
        long wanted = JsonTrees.numberOr(1, o, "spec", "replicas");
        long available = num(o, "status", "availableReplicas");
        return available < wanted
                ? Health.progressing(
                        "Waiting for rollout to finish: "
                                + available
                                + " out of "
                                + wanted
                                + " new replicas are available...")
                : Health.healthy("");
    }

    private static Health pod(KubeObject live) {
        JsonNode o = live.json();
        String policy = JsonTrees.text(o, "spec", "restartPolicy");
        boolean hook = live.annotation(KubeObject.HOOK).isPresent();
        boolean longRunning =
                policy.isEmpty()
                        || policy.equals("Always")
                        || (!hook
                                && live.annotation("argocd.argoproj.io/ignore-restart-policy")
                                        .filter("true"::equals)
                                        .isPresent());
        List<JsonNode> containers = JsonTrees.items(o, "status", "containerStatuses");
        if (longRunning) {
            List<String> waiting = new ArrayList<>();
            for (JsonNode container : containers) {
                String reason = JsonTrees.text(container, "state", "waiting", "reason");
                if (reason.startsWith("Err")
                        || reason.endsWith("Error")
                        || reason.endsWith("BackOff")) {
                    waiting.add(JsonTrees.text(container, "state", "waiting", "message"));
                }
            }
            if (!waiting.isEmpty()) {
                return Health.degraded(String.join(", ", waiting));
            }
        }
        return switch (JsonTrees.text(o, "status", "phase")) {
            case "Pending" -> Health.progressing(JsonTrees.text(o, "status", "message"));
            case "Succeeded" -> Health.healthy(JsonTrees.text(o, "status", "message"));
            case "Failed" -> Health.degraded(failedPod(o, containers));
            case "Running" -> runningPod(o, containers, longRunning);
            default -> Health.unknown(JsonTrees.text(o, "status", "message"));
        };
    }

    private static Health runningPod(JsonNode o, List<JsonNode> containers, boolean longRunning) {
        if (!longRunning) {
            return Health.progressing(JsonTrees.text(o, "status", "message"));
        }
        if (condition(o, "Ready").filter(HealthRules::isTrue).isPresent()) {
            return Health.healthy(JsonTrees.text(o, "status", "message"));
        }
        boolean crashed =
                containers.stream()
                        .anyMatch(c -> JsonTrees.at(c, "lastState", "terminated").isObject());
        return crashed
                ? Health.degraded(failedPod(o, containers))
                : Health.progressing(JsonTrees.text(o, "status", "message"));
    }

    private static String failedPod(JsonNode o, List<JsonNode> containers) {
        String message = JsonTrees.text(o, "status", "message");
        if (!message.isEmpty()) {
            return message;
        }
        for (JsonNode container : containers) {
            JsonNode ended = JsonTrees.at(container, "state", "terminated");
            if (!message(ended).isEmpty()) {
                return message(ended);
            }
            if (JsonTrees.text(ended, "reason").equals("OOMKilled")) {
                return "OOMKilled";
            }
            if (num(ended, "exitCode") != 0) {
                return "container \""
                        + JsonTrees.text(container, "name")
                        + "\" failed with exit code "
                        + num(ended, "exitCode");
            }
        }
        return "";
    }

    private static Health job(JsonNode o) {
        Optional<JsonNode> failed = condition(o, "Failed").filter(HealthRules::isTrue);
        if (failed.isPresent()) {
            return Health.degraded(message(failed.get()));
        }
        Optional<JsonNode> complete = condition(o, "Complete").filter(HealthRules::isTrue);
        if (complete.isPresent()) {
            return Health.healthy(message(complete.get()));
        }
        return condition(o, "Suspended")
                .filter(HealthRules::isTrue)
                .map(c -> Health.suspended(message(c)))
                .orElseGet(() -> Health.progressing(""));
    }

    private static Health service(JsonNode o) {
        return JsonTrees.text(o, "spec", "type").equals("LoadBalancer")
                        && JsonTrees.items(o, "status", "loadBalancer", "ingress").isEmpty()
                ? Health.progressing("Waiting for load balancer address")
                : Health.healthy("");
    }

    private static Health ingress(JsonNode o) {
        return JsonTrees.items(o, "status", "loadBalancer", "ingress").isEmpty()
                ? Health.progressing("")
                : Health.healthy("");
    }

    private static Health claim(JsonNode o) {
        return switch (JsonTrees.text(o, "status", "phase")) {
            case "Bound" -> Health.healthy("");
            case "Pending" -> Health.progressing("");
            case "Lost" -> Health.degraded("");
            default -> Health.unknown("");
        };
    }

    private static Health autoscaler(JsonNode o) {
        List<JsonNode> conditions = JsonTrees.items(o, "status", "conditions");
        if (conditions.isEmpty()) {
            return Health.progressing("Waiting to Autoscale");
        }
        for (JsonNode condition : conditions) {
            if (HPA_FAILURES.contains(JsonTrees.text(condition, "reason"))) {
                return Health.degraded(message(condition));
            }
        }
        for (JsonNode condition : conditions) {
            String type = JsonTrees.text(condition, "type");
            if ((type.equals("AbleToScale") || type.equals("ScalingLimited"))
                    && isTrue(condition)) {
                return Health.healthy(message(condition));
            }
        }
        return Health.progressing("Waiting to Autoscale");
    }

    private static Health apiService(JsonNode o) {
        return condition(o, "Available")
                .map(
                        c ->
                                new Health(
                                        isTrue(c)
                                                ? Health.Status.Healthy
                                                : Health.Status.Progressing,
                                        JsonTrees.text(c, "reason") + ": " + message(c)))
                .orElseGet(() -> Health.progressing("Waiting to be processed"));
    }

    private static Health crd(JsonNode o) {
        if (condition(o, "Terminating").filter(HealthRules::isTrue).isPresent()) {
            return Health.progressing("CRD is being terminated");
        }
        if (JsonTrees.items(o, "status", "conditions").isEmpty()) {
            return Health.progressing("Status conditions not found");
        }
        Optional<JsonNode> names = condition(o, "NamesAccepted").filter(c -> !isTrue(c));
        if (names.isPresent()) {
            return Health.degraded("CRD names have not been accepted: " + message(names.get()));
        }
        Optional<JsonNode> schema = condition(o, "NonStructuralSchema").filter(HealthRules::isTrue);
        if (schema.isPresent()) {
            return Health.degraded("Schema violations found: " + message(schema.get()));
        }
        Optional<JsonNode> established = condition(o, "Established");
        if (established.filter(HealthRules::isTrue).isPresent()) {
            return Health.healthy("CRD is healthy");
        }
        return established
                        .filter(c -> !JsonTrees.text(c, "reason").equals("Installing"))
                        .isPresent()
                ? Health.degraded("CRD is not established")
                : Health.progressing("CRD is being installed");
    }

    private static Health rollout(KubeObject live) {
        JsonNode o = live.json();
        if (!JsonTrees.text(o, "status", "observedGeneration")
                .equals(String.valueOf(live.generation()))) {
            return Health.progressing("Waiting for rollout spec update to be observed");
        }
        String phase = JsonTrees.text(o, "status", "phase");
        String message = JsonTrees.text(o, "status", "message");
        return switch (phase) {
            case "Paused" -> Health.suspended(message);
            case "Healthy" -> Health.healthy(message);
            case "Progressing" -> Health.progressing(message);
            case "Degraded" -> Health.degraded(message);
            case "" -> oldRollout(o);
            default -> Health.unknown(message);
        };
    }

    private static Health oldRollout(JsonNode o) {
        Optional<JsonNode> invalid = condition(o, "InvalidSpec").filter(HealthRules::isTrue);
        if (invalid.isPresent()) {
            return Health.degraded(message(invalid.get()));
        }
        if (JsonTrees.flag(o, "status", "abort")) {
            return Health.degraded("Rollout is aborted");
        }
        if (condition(o, "Progressing")
                .filter(c -> JsonTrees.text(c, "reason").equals("ProgressDeadlineExceeded"))
                .isPresent()) {
            return Health.degraded("Rollout exceeded its progress deadline");
        }
        return JsonTrees.items(o, "status", "pauseConditions").isEmpty()
                ? Health.progressing("Waiting for rollout to finish")
                : Health.suspended("Rollout is paused");
    }

    private static Health workflow(JsonNode o) {
        return switch (JsonTrees.text(o, "status", "phase")) {
            case "", "Pending", "Running" ->
                    Health.progressing(JsonTrees.text(o, "status", "message"));
            case "Succeeded" -> Health.healthy(JsonTrees.text(o, "status", "message"));
            case "Failed", "Error" -> Health.degraded(JsonTrees.text(o, "status", "message"));
            default -> Health.unknown("");
        };
    }

    private static Health analysisRun(JsonNode o) {
        String message = JsonTrees.text(o, "status", "message");
        return switch (JsonTrees.text(o, "status", "phase")) {
            case "Successful" -> Health.healthy(message);
            case "Failed", "Error" -> Health.degraded(message);
            case "Inconclusive" -> Health.unknown(message);
            default -> Health.progressing(message);
        };
    }

    private static Health cronJob(JsonNode o) {
        String scheduled = JsonTrees.text(o, "status", "lastScheduleTime");
        String succeeded = JsonTrees.text(o, "status", "lastSuccessfulTime");
        boolean fine =
                JsonTrees.flag(o, "spec", "suspend")
                        || !JsonTrees.items(o, "status", "active").isEmpty()
                        || scheduled.isEmpty();
        // RFC 3339 in UTC: the order of the text is the order of time
        return fine || succeeded.compareTo(scheduled) >= 0
                ? Health.healthy("")
                : Health.degraded("CronJob has not completed its last execution successfully");
    }

    private static Health budget(JsonNode o) {
        if (!o.path("status").isObject()) {
            return Health.progressing("Waiting for status");
        }
        return JsonTrees.items(o, "status", "conditions").stream()
                .filter(
                        c ->
                                JsonTrees.text(c, "status").equals("False")
                                        && !JsonTrees.text(c, "reason").equals("InsufficientPods"))
                .findFirst()
                .map(c -> Health.degraded("PodDisruptionBudget has " + JsonTrees.text(c, "reason")))
                .orElseGet(() -> Health.healthy(""));
    }

    private static Health ready(JsonNode o) {
        if (condition(o, "Issuing").filter(HealthRules::isTrue).isPresent()) {
            return Health.progressing(condition(o, "Issuing").map(HealthRules::message).orElse(""));
        }
        return condition(o, "Ready")
                .map(c -> isTrue(c) ? Health.healthy(message(c)) : Health.degraded(message(c)))
                .orElseGet(() -> Health.progressing("Waiting for status"));
    }
}
