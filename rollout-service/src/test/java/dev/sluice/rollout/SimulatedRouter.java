package dev.sluice.rollout;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sluice.events.EventCodec;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import java.time.Instant;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.ReentrantLock;

/// Stands in for router-service: makes the selectors of a traffic plan true and writes the
/// evidence, last, on the anchor Service. It can be held back.
final class SimulatedRouter implements AutoCloseable {
    private static final PatchContext MERGE =
            new PatchContext.Builder().withPatchType(PatchType.JSON_MERGE).build();

    private final KubernetesClient client;
    private final String namespace;
    private final ReentrantLock round = new ReentrantLock();
    private volatile boolean isHeld;
    private final AtomicBoolean isClosed = new AtomicBoolean();
    private final Thread loop;

    SimulatedRouter(KubernetesClient client, String namespace) {
        this.client = client;
        this.namespace = namespace;
        this.loop = Thread.ofVirtual().start(this::run);
    }

    /// Carries out nothing until released: a round that is under way ends first.
    void hold() {
        round.lock();
        try {
            isHeld = true;
        } finally {
            round.unlock();
        }
    }

    void release() {
        isHeld = false;
    }

    private void run() {
        while (!isClosed.get()) {
            round.lock();
            try {
                if (!isHeld) {
                    carryOutPlans();
                }
            } catch (KubernetesClientException e) {
                // Tried again in the next round.
            } finally {
                round.unlock();
            }
            try {
                Thread.sleep(100);
            } catch (InterruptedException e) {
                return;
            }
        }
    }

    private void carryOutPlans() {
        client.genericKubernetesResources("argoproj.io/v1alpha1", "Rollout")
                .inNamespace(namespace)
                .list()
                .getItems()
                .forEach(
                        rollout -> {
                            JsonNode json = EventCodec.mapper().valueToTree(rollout);
                            JsonNode plan = json.path("status").path("trafficPlan");
                            if (plan.path("id").asLong(0)
                                    > plan.path("observed").path("plan").asLong(0)) {
                                carryOut(json.path("metadata").path("uid").asText(), plan);
                            }
                        });
    }

    private void carryOut(String rollout, JsonNode plan) {
        for (JsonNode service : plan.path("services")) {
            ObjectNode patch = EventCodec.mapper().createObjectNode();
            patch.putObject("spec")
                    .putObject("selector")
                    .put("rollouts-pod-template-hash", service.path("podTemplateHash").asText());
            patch(service.path("name").asText(), patch);
        }
        ObjectNode evidence = EventCodec.mapper().createObjectNode();
        Instant now = Instant.now();
        evidence.put("rollout", rollout)
                .put("plan", plan.path("id").asLong())
                .put("level", "DataPlane")
                .put("at", now.toString())
                .put("settlesAt", now.toString())
                .put("partial", false)
                .put("message", "");
        if (plan.has("weights")) {
            evidence.set("weights", plan.path("weights"));
        }
        evidence.set("services", plan.path("services"));
        ObjectNode patch = EventCodec.mapper().createObjectNode();
        patch.putObject("metadata")
                .putObject("annotations")
                .put("sluice.dev/traffic-evidence", evidence.toString());
        patch(plan.path("anchor").asText(), patch);
    }

    private void patch(String service, ObjectNode patch) {
        client.services().inNamespace(namespace).withName(service).patch(MERGE, patch.toString());
    }

    @Override
    public void close() {
        isClosed.set(true);
        loop.interrupt();
    }
}
