package dev.sluice.sync.adapter.k8s;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sluice.sync.app.AppKey;
import dev.sluice.sync.app.ClusterObjects;
import dev.sluice.sync.core.Comparer;
import dev.sluice.sync.core.FieldOwnership;
import dev.sluice.sync.core.JsonTrees;
import dev.sluice.sync.core.KubeObject;
import dev.sluice.sync.core.ObjectKey;
import dev.sluice.sync.core.ThreeWayDiff;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.nio.charset.StandardCharsets;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Managed objects by server-side apply as manager `sluice-sync`, each write on the version that
/// was read just before: fields that others own are taken over from that version, and a change in
/// between is a conflict, not a loss.
@ApplicationScoped
public class KubeObjects implements ClusterObjects {
    private static final int ANNOTATION_LIMIT = 262_144;
    private static final int TRIES = 6;
    private final RawApi api;
    private final Discovery discovery;
    private final ManagedWatches watches;

    @Inject
    public KubeObjects(RawApi api, Discovery discovery, ManagedWatches watches) {
        this.api = api;
        this.discovery = discovery;
        this.watches = watches;
    }

    private Optional<Discovery.Resource> resource(ObjectKey key, String version) {
        return discovery.find(key.group(), version, key.kind());
    }

    @Override
    public Optional<Boolean> namespaced(String apiVersion, String kind) {
        int slash = apiVersion.indexOf('/');
        String group = slash < 0 ? "" : apiVersion.substring(0, slash);
        return discovery
                .find(group, apiVersion.substring(slash + 1), kind)
                .map(Discovery.Resource::namespaced);
    }

    @Override
    public Map<ObjectKey, KubeObject> read(Collection<Wanted> wanted) {
        Map<ObjectKey, KubeObject> found = new LinkedHashMap<>();
        for (Wanted one : wanted) {
            resource(one.key(), one.version())
                    .flatMap(resource -> get(resource, one.key()))
                    .ifPresent(live -> found.put(one.key(), live));
        }
        return found;
    }

    private Optional<KubeObject> get(Discovery.Resource resource, ObjectKey key) {
        if (!safe(key.name()) || (resource.namespaced() && !safe(key.namespace()))) {
            return Optional.empty();
        }
        RawApi.Answer answer = api.get(resource.path(key));
        if (answer.code() == 404) {
            return Optional.empty();
        }
        if (!answer.isFine()) {
            throw new IllegalStateException("reading " + key + " failed: " + answer.reason());
        }
        return Optional.of(new KubeObject(answer.object()));
    }

    /// Names go into request paths: what the API server would refuse as a name anyway never gets
    /// there.
    private static boolean safe(String name) {
        return name.matches("[A-Za-z0-9]([A-Za-z0-9.:_-]{0,251}[A-Za-z0-9])?");
    }

    @Override
    public Applied apply(KubeObject target, ApplyMode mode) {
        ObjectKey key = target.key();
        Optional<Discovery.Resource> resource = resource(key, target.version());
        if (resource.isEmpty()) {
            return new Applied.Failed(
                    "The Kubernetes API could not find "
                            + key.group()
                            + "/"
                            + key.kind()
                            + " version "
                            + target.version()
                            + " for requested resource "
                            + key.namespace()
                            + "/"
                            + key.name()
                            + ". Make sure the \""
                            + key.kind()
                            + "\" CRD is installed on the destination cluster",
                    true);
        }
        if (!safe(key.name()) || (resource.get().namespaced() && !safe(key.namespace()))) {
            return new Applied.Failed(
                    "'" + key.namespace() + "/" + key.name() + "' is not a valid object name",
                    false);
        }
        for (int i = 0; i < TRIES; i++) {
            Optional<Applied> done = applyOnce(resource.get(), target, mode);
            if (done.isPresent()) {
                return done.get();
            }
        }
        return new Applied.Failed(
                key.likeKubectl() + " is changed by others faster than it can be applied", false);
    }

    /// Empty when somebody wrote in between.
    private Optional<Applied> applyOnce(
            Discovery.Resource resource, KubeObject target, ApplyMode mode) {
        ObjectKey key = target.key();
        Optional<KubeObject> live = get(resource, key);
        KubeObject own =
                live.map(l -> FieldOwnership.yieldTo(target, l))
                        .orElseGet(() -> FieldOwnership.strip(target));
        if (key.isSecret()) {
            Comparer.mergeStringData(own.json());
        }
        if (mode.annotate()) {
            annotate(own);
        }
        live.ifPresent(
                l ->
                        JsonTrees.child(own.json(), "metadata")
                                .put("resourceVersion", l.resourceVersion()));
        String query =
                "?fieldManager="
                        + RawApi.MANAGER
                        + "&fieldValidation="
                        + (mode.validate() ? "Strict" : "Ignore")
                        + (mode.dryRun() ? "&dryRun=All" : "");
        RawApi.Answer answer;
        if (mode.replace() && live.isPresent()) {
            answer =
                    api.write(
                            "PUT",
                            resource.path(key) + query,
                            RawApi.PLAIN,
                            FieldOwnership.replacing(own, live.get()).json(),
                            resource.plural());
        } else {
            answer =
                    api.write(
                            "PATCH",
                            resource.path(key) + query + "&force=true",
                            RawApi.APPLY,
                            own.json(),
                            resource.plural());
        }
        if (answer.code() == 409) {
            return Optional.empty();
        }
        if (!answer.isFine()) {
            return Optional.of(new Applied.Failed(answer.reason(), false));
        }
        KubeObject result = new KubeObject(answer.object());
        if (live.isPresent() && !mode.dryRun() && !mode.replace()) {
            result = removeLeftovers(resource, own, live.get(), result);
        }
        String verb =
                live.isEmpty()
                        ? "created"
                        : live.get().resourceVersion().equals(result.resourceVersion())
                                ? "unchanged"
                                : "configured";
        return Optional.of(new Applied.Done(result, verb));
    }

    /// Fields that another tool applied before and Git has dropped since belong to that tool's
    /// manager: apply alone leaves them.
    private KubeObject removeLeftovers(
            Discovery.Resource resource, KubeObject own, KubeObject before, KubeObject result) {
        Optional<ObjectNode> last =
                before.annotation(KubeObject.LAST_APPLIED)
                        .flatMap(JqIgnoring::parse)
                        .map(json -> FieldOwnership.strip(new KubeObject(json)).json());
        if (last.isEmpty()) {
            return result;
        }
        ObjectNode live = result.json().deepCopy();
        ObjectNode wanted = own.json().deepCopy();
        List<ThreeWayDiff.Difference> leftovers =
                ThreeWayDiff.compare(wanted, live, last).stream()
                        .filter(
                                d ->
                                        d.removal()
                                                && d.pointer().startsWith("/")
                                                && !d.pointer().startsWith("/status")
                                                && !result.json().at(d.pointer()).isMissingNode())
                        .toList();
        if (leftovers.isEmpty()) {
            return result;
        }
        var patch = JsonTrees.array();
        patch.addObject()
                .put("op", "test")
                .put("path", "/metadata/resourceVersion")
                .put("value", result.resourceVersion());
        leftovers.forEach(d -> patch.addObject().put("op", "remove").put("path", d.pointer()));
        RawApi.Answer answer =
                api.write(
                        "PATCH",
                        resource.path(own.key()) + "?fieldManager=" + RawApi.MANAGER,
                        RawApi.JSON_PATCH,
                        patch,
                        resource.plural());
        // refused (changed in between, or required by the schema): the comparison shows it, the
        // next sync tries again
        return answer.isFine() ? new KubeObject(answer.object()) : result;
    }

    private static void annotate(KubeObject own) {
        String text = FieldOwnership.strip(own).json().toString();
        if (text.getBytes(StandardCharsets.UTF_8).length < ANNOTATION_LIMIT - 1024) {
            own.setAnnotation(KubeObject.LAST_APPLIED, text);
        }
    }

    @Override
    public Optional<String> delete(Wanted object, String uid, String propagation) {
        Optional<Discovery.Resource> resource = resource(object.key(), object.version());
        if (resource.isEmpty() || !safe(object.key().name())) {
            return Optional.empty();
        }
        ObjectNode options =
                JsonTrees.object()
                        .put("apiVersion", "v1")
                        .put("kind", "DeleteOptions")
                        .put("propagationPolicy", propagation);
        options.putObject("preconditions").put("uid", uid);
        RawApi.Answer answer =
                api.write(
                        "DELETE",
                        resource.get().path(object.key()),
                        RawApi.PLAIN,
                        options,
                        resource.get().plural());
        // 409: another object has this name by now, ours is gone
        return answer.isFine() || answer.code() == 404 || answer.code() == 409
                ? Optional.empty()
                : Optional.of(answer.reason());
    }

    @Override
    public void watch(AppKey application, List<Wanted> objects) {
        watches.want(application, objects, wanted -> resource(wanted.key(), wanted.version()));
    }

    @Override
    public void forget(AppKey application) {
        watches.forget(application);
    }
}
