package dev.sluice.rollout.core;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sluice.rollout.core.Strategy.AntiAffinity;
import java.util.Optional;

/// The term that `antiAffinity` adds to the pods of a new revision: off the nodes of the stable
/// one. It stands at the end of whatever affinity the user gave.
final class AntiAffinityTerm {
    private static final String REQUIRED = "requiredDuringSchedulingIgnoredDuringExecution";
    private static final String PREFERRED = "preferredDuringSchedulingIgnoredDuringExecution";

    private AntiAffinityTerm() {}

    /// What the strategy asks for, if the revision is not the stable one itself.
    static Optional<AntiAffinity> wanted(Pass pass) {
        String stable = pass.stored.stableRS();
        return stable.isEmpty() || stable.equals(pass.sets.computedHash())
                ? Optional.empty()
                : pass.spec.strategy().antiAffinity();
    }

    static void add(Pass pass, AntiAffinity wanted, ObjectNode template) {
        ObjectNode anti =
                template.withObject("/spec").withObject("/affinity").withObject("/podAntiAffinity");
        ObjectNode term = term(pass.stored.stableRS(), pass.rollout.meta().namespace());
        if (wanted.preferredWeight().isPresent()) {
            anti.withArray("/" + PREFERRED)
                    .addObject()
                    .put("weight", wanted.preferredWeight().get())
                    .set("podAffinityTerm", term);
        } else {
            anti.withArray("/" + REQUIRED).add(term);
        }
    }

    private static ObjectNode term(String stable, String namespace) {
        ObjectNode term = JsonNodeFactory.instance.objectNode();
        ObjectNode requirement =
                term.putObject("labelSelector").putArray("matchExpressions").addObject();
        requirement.put("key", Names.HASH).put("operator", "In").putArray("values").add(stable);
        term.putArray("namespaces").add(namespace);
        term.put("topologyKey", "kubernetes.io/hostname");
        return term;
    }

    /// A merge patch of the pod template that makes the term name the present stable revision;
    /// empty when there is no term, or it does already.
    static Optional<ObjectNode> refreshed(Pass pass, JsonNode template) {
        String stable = pass.stored.stableRS();
        if (stable.isEmpty() || stable.equals(pass.sets.computedHash())) {
            return Optional.empty();
        }
        ObjectNode affinity =
                template.path("spec").path("affinity") instanceof ObjectNode a
                        ? a.deepCopy()
                        : JsonNodeFactory.instance.objectNode();
        boolean isOutdated = false;
        JsonNode anti = affinity.path("podAntiAffinity");
        for (JsonNode item : anti.path(PREFERRED)) {
            isOutdated |= rename(item.path("podAffinityTerm"), stable);
        }
        for (JsonNode item : anti.path(REQUIRED)) {
            isOutdated |= rename(item, stable);
        }
        if (!isOutdated) {
            return Optional.empty();
        }
        ObjectNode patch = JsonNodeFactory.instance.objectNode();
        patch.putObject("spec").set("affinity", affinity);
        return Optional.of(patch);
    }

    private static boolean rename(JsonNode term, String stable) {
        if (!isOurs(term)) {
            return false;
        }
        ArrayNode values = (ArrayNode) requirement(term).path("values");
        if (values.size() == 1 && values.path(0).asText("").equals(stable)) {
            return false;
        }
        values.removeAll().add(stable);
        return true;
    }

    /// Takes the term away, and what is empty then.
    static void remove(ObjectNode template) {
        if (!(template.path("spec").path("affinity") instanceof ObjectNode affinity)
                || !(affinity.path("podAntiAffinity") instanceof ObjectNode anti)) {
            return;
        }
        boolean removed = removeFrom(anti, PREFERRED);
        removed |= removeFrom(anti, REQUIRED);
        if (removed && anti.isEmpty()) {
            affinity.remove("podAntiAffinity");
        }
        if (removed && affinity.isEmpty()) {
            ((ObjectNode) template.path("spec")).remove("affinity");
        }
    }

    private static boolean removeFrom(ObjectNode anti, String list) {
        if (!(anti.path(list) instanceof ArrayNode items)) {
            return false;
        }
        boolean removed = false;
        for (int i = items.size() - 1; i >= 0; i--) {
            JsonNode item = items.get(i);
            if (isOurs(list.equals(PREFERRED) ? item.path("podAffinityTerm") : item)) {
                items.remove(i);
                removed = true;
            }
        }
        if (removed && items.isEmpty()) {
            anti.remove(list);
        }
        return removed;
    }

    /// Nobody else has a reason to name the hash label.
    private static boolean isOurs(JsonNode term) {
        JsonNode requirement = requirement(term);
        return requirement.path("key").asText("").equals(Names.HASH)
                && requirement.path("operator").asText("").equals("In")
                && requirement.path("values").isArray()
                && term.path("labelSelector").path("matchExpressions").size() == 1;
    }

    private static JsonNode requirement(JsonNode term) {
        return term.path("labelSelector").path("matchExpressions").path(0);
    }
}
