package dev.sluice.sync.adapter.k8s;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sluice.runtime.KubernetesEvents;
import dev.sluice.runtime.WriteResult;
import dev.sluice.sync.app.AppKey;
import dev.sluice.sync.app.Applications;
import dev.sluice.sync.config.SyncConfig;
import dev.sluice.sync.core.JsonTrees;
import dev.sluice.sync.core.ObjectKey;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.inject.Instance;
import jakarta.inject.Inject;
import java.util.List;
import java.util.Optional;

/// Applications and projects through the API server. Neither has a status subresource.
@ApplicationScoped
public class KubeApplications implements Applications {
    private static final Discovery.Resource APPLICATIONS =
            new Discovery.Resource("argoproj.io", "v1alpha1", "Application", "applications", true);
    private static final Discovery.Resource PROJECTS =
            new Discovery.Resource("argoproj.io", "v1alpha1", "AppProject", "appprojects", true);

    private final RawApi api;
    private final KubernetesEvents events;
    private final SyncConfig config;
    private final Instance<ApplicationController> controller;

    @Inject
    public KubeApplications(
            RawApi api,
            KubernetesEvents events,
            SyncConfig config,
            Instance<ApplicationController> controller) {
        this.api = api;
        this.events = events;
        this.config = config;
        this.controller = controller;
    }

    private static String path(AppKey key) {
        return APPLICATIONS.path(
                new ObjectKey("argoproj.io", "Application", key.namespace(), key.name()));
    }

    @Override
    public Optional<ObjectNode> read(AppKey key) {
        RawApi.Answer answer = api.get(path(key));
        if (answer.code() == 404) {
            return Optional.empty();
        }
        if (!answer.isFine()) {
            throw new IllegalStateException(
                    "reading Application " + key + " failed: " + answer.reason());
        }
        return Optional.of(answer.object());
    }

    @Override
    public WriteResult patch(AppKey key, ObjectNode patch, String resourceVersion) {
        ObjectNode conditional = patch.deepCopy();
        JsonTrees.child(conditional, "metadata").put("resourceVersion", resourceVersion);
        RawApi.Answer answer =
                api.write(
                        "PATCH",
                        path(key) + "?fieldManager=" + RawApi.MANAGER,
                        RawApi.MERGE,
                        conditional,
                        "applications");
        return switch (answer.code()) {
            case 409 -> new WriteResult.Conflict();
            case 404 -> new WriteResult.Missing();
            default ->
                    answer.isFine()
                            ? new WriteResult.Applied(
                                    JsonTrees.text(answer.body(), "metadata", "resourceVersion"))
                            : new WriteResult.Rejected(answer.reason());
        };
    }

    @Override
    public void requestRefresh(AppKey key) {
        ObjectNode patch = JsonTrees.object();
        patch.putObject("metadata")
                .putObject("annotations")
                .put("argocd.argoproj.io/refresh", "normal");
        RawApi.Answer answer =
                api.write(
                        "PATCH",
                        path(key) + "?fieldManager=" + RawApi.MANAGER,
                        RawApi.MERGE,
                        patch,
                        "applications");
        if (!answer.isFine() && answer.code() != 404) {
            throw new IllegalStateException(
                    "refreshing Application " + key + " failed: " + answer.reason());
        }
    }

    @Override
    public List<JsonNode> known() {
        return controller.get().known().stream()
                .<JsonNode>map(
                        app -> {
                            ObjectNode json = JsonTrees.object();
                            json.putObject("metadata")
                                    .put("namespace", app.getMetadata().getNamespace())
                                    .put("name", app.getMetadata().getName());
                            ApplicationController.spec(app)
                                    .ifPresent(spec -> json.set("spec", spec));
                            return json;
                        })
                .toList();
    }

    @Override
    public Optional<JsonNode> project(String name) {
        if (!name.matches("[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?")) {
            return Optional.empty();
        }
        RawApi.Answer answer =
                api.get(
                        PROJECTS.path(
                                new ObjectKey(
                                        "argoproj.io",
                                        "AppProject",
                                        config.controlPlaneNamespace(),
                                        name)));
        if (answer.code() == 404) {
            return Optional.empty();
        }
        if (!answer.isFine()) {
            throw new IllegalStateException(
                    "reading AppProject " + name + " failed: " + answer.reason());
        }
        return Optional.of(answer.body());
    }

    @Override
    public void note(ObjectNode application, boolean warning, String reason, String message) {
        events.record(
                new KubernetesEvents.About(
                        "argoproj.io/v1alpha1",
                        "Application",
                        JsonTrees.text(application, "metadata", "namespace"),
                        JsonTrees.text(application, "metadata", "name"),
                        JsonTrees.text(application, "metadata", "uid")),
                warning ? KubernetesEvents.Type.WARNING : KubernetesEvents.Type.NORMAL,
                reason,
                message);
    }
}
