package dev.sluice.rollout.adapter.k8s;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sluice.rollout.app.AnalysisTemplates;
import dev.sluice.rollout.app.EventWaiters;
import dev.sluice.rollout.app.Explained;
import dev.sluice.rollout.app.Looks;
import dev.sluice.rollout.core.AnalysisSpec.TemplateRef;
import dev.sluice.rollout.core.Names;
import dev.sluice.rollout.core.WorkloadTarget;
import dev.sluice.rollout.core.experiment.ExperimentNames;
import dev.sluice.rollout.core.policy.Freezes;
import dev.sluice.runtime.SeenVersions;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.ObjectMeta;
import io.fabric8.kubernetes.api.model.OwnerReference;
import io.javaoperatorsdk.operator.api.config.informer.InformerEventSourceConfiguration;
import io.javaoperatorsdk.operator.api.reconciler.EventSourceContext;
import io.javaoperatorsdk.operator.processing.event.ResourceID;
import io.javaoperatorsdk.operator.processing.event.source.EventSource;
import io.javaoperatorsdk.operator.processing.event.source.IndexerResourceCache;
import io.javaoperatorsdk.operator.processing.event.source.SecondaryToPrimaryMapper;
import io.javaoperatorsdk.operator.processing.event.source.inbound.SimpleInboundEventSource;
import io.javaoperatorsdk.operator.processing.event.source.informer.InformerEventSource;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/// The informers behind observations, and which Rollouts a change of each object concerns.
///
/// ReplicaSets are limited to those with a revision hash, AnalysisRuns and templates to this
/// installation's partition. Lookups go through indexes: their cost does not grow with the cluster.
final class Caches {
    private static final String CONTROLLER = "controller";
    private static final String ORPHANS = "orphans";
    private static final String NAMESAKES = "namesakes";

    private final IndexerResourceCache<RolloutResource> rollouts;
    private final InformerEventSource<ReplicaSetResource, RolloutResource> replicaSets;
    private final InformerEventSource<AnalysisRunResource, RolloutResource> analysisRuns;
    private final InformerEventSource<ServiceResource, RolloutResource> services;
    private final InformerEventSource<IngressResource, RolloutResource> ingresses;
    private final InformerEventSource<AnalysisTemplateResource, RolloutResource> templates;
    private final InformerEventSource<ClusterAnalysisTemplateResource, RolloutResource>
            clusterTemplates;
    private final InformerEventSource<NamespaceResource, RolloutResource> namespaces;
    private final String controlPlane;
    private final Looks experiments;
    private final SimpleInboundEventSource<RolloutResource> hints =
            new SimpleInboundEventSource<>("hints");

    private final Workloads workloads;

    Caches(
            EventSourceContext<RolloutResource> context,
            String partition,
            Optional<String> namespace,
            String controlPlane,
            Looks experiments,
            SeenVersions seen) {
        this.controlPlane = controlPlane;
        this.experiments = experiments;
        this.workloads = new Workloads(context.getClient(), namespace, new WorkloadReferrers());
        this.rollouts = context.getPrimaryCache();
        rollouts.addIndexer(ReferenceIndex.NAME, ReferenceIndex::of);
        this.replicaSets =
                new InformerEventSource<>(
                        InformerEventSourceConfiguration.from(
                                        ReplicaSetResource.class, RolloutResource.class)
                                .withName("replicasets")
                                .withNamespacesInheritedFromController()
                                .withLabelSelector(Names.HASH)
                                .withSecondaryToPrimaryMapper(this::ownersOrAdopters)
                                .withOnUpdateFilter((now, _) -> !isOurWrite(seen, now))
                                .withOnDeleteFilter((rs, _) -> forget(seen, rs))
                                .build(),
                        context);
        replicaSets.addIndexers(
                Map.of(
                        CONTROLLER, Caches::byController,
                        ORPHANS, Caches::byNamespaceIfOrphan,
                        NAMESAKES, Caches::byNamePrefix));
        this.analysisRuns =
                new InformerEventSource<>(
                        InformerEventSourceConfiguration.from(
                                        AnalysisRunResource.class, RolloutResource.class)
                                .withName("analysisruns")
                                .withNamespacesInheritedFromController()
                                .withLabelSelector(partition)
                                .withSecondaryToPrimaryMapper(this::owner)
                                .withOnUpdateFilter(Caches::isOutcomeChange)
                                .withOnDeleteFilter((run, _) -> forget(seen, run))
                                .build(),
                        context);
        analysisRuns.addIndexers(Map.of(CONTROLLER, Caches::byController));
        this.services = referenced(context, ServiceResource.class, "services", this::serviceKey);
        services.addIndexers(Map.of(CONTROLLER, Caches::byController));
        this.ingresses =
                referenced(
                        context,
                        IngressResource.class,
                        "ingresses",
                        i -> ReferenceIndex.ingress(namespace(i), i.getMetadata().getName()));
        this.templates =
                referenced(
                        context,
                        AnalysisTemplateResource.class,
                        "analysistemplates",
                        t -> ReferenceIndex.templates(namespace(t)));
        this.clusterTemplates =
                new InformerEventSource<>(
                        InformerEventSourceConfiguration.from(
                                        ClusterAnalysisTemplateResource.class,
                                        RolloutResource.class)
                                .withName("clusteranalysistemplates")
                                .withWatchAllNamespaces()
                                .withSecondaryToPrimaryMapper(
                                        _ -> referrers(ReferenceIndex.CLUSTER_TEMPLATES))
                                .build(),
                        context);
        this.namespaces =
                new InformerEventSource<>(
                        InformerEventSourceConfiguration.from(
                                        NamespaceResource.class, RolloutResource.class)
                                .withName("namespaces")
                                .withWatchAllNamespaces()
                                .withSecondaryToPrimaryMapper(this::held)
                                .withOnUpdateFilter(Caches::isFreezeChange)
                                .build(),
                        context);
    }

    /// The Namespaces whose freezes hold here: this one and that of the control plane.
    List<Freezes.Space> freezingSpaces(String namespace) {
        return Stream.of(namespace, controlPlane)
                .distinct()
                .flatMap(name -> namespaces.get(new ResourceID(name)).stream())
                .map(
                        n ->
                                new Freezes.Space(
                                        n.getMetadata().getName(),
                                        Views.map(n.getMetadata().getAnnotations())))
                .toList();
    }

    /// Every Rollout with its explanation, as its status has it.
    List<Explained> explained() {
        return rollouts.list(_ -> true).flatMap(r -> Views.explained(r).stream()).toList();
    }

    List<AnalysisTemplates.Template> analysisTemplates() {
        return Stream.concat(
                        templates
                                .list(_ -> true)
                                .map(t -> Views.analysisTemplate(t, namespace(t), t.getSpec())),
                        clusterTemplates
                                .list(_ -> true)
                                .map(t -> Views.analysisTemplate(t, "", t.getSpec())))
                .toList();
    }

    /// Rollouts that have a step which waits for an event.
    List<EventWaiters.Place> waitingForEvents() {
        return rollouts.byIndex(ReferenceIndex.NAME, ReferenceIndex.EVENT_GATES).stream()
                .map(r -> new EventWaiters.Place(namespace(r), r.getMetadata().getName()))
                .toList();
    }

    private Set<ResourceID> held(NamespaceResource space) {
        return space.getMetadata().getName().equals(controlPlane)
                ? rollouts.list(_ -> true)
                        .map(ResourceID::fromResource)
                        .collect(Collectors.toUnmodifiableSet())
                : referrers(ReferenceIndex.namespace(space.getMetadata().getName()));
    }

    private static boolean isFreezeChange(NamespaceResource now, NamespaceResource before) {
        return !freezes(now).equals(freezes(before));
    }

    private static List<String> freezes(NamespaceResource space) {
        Map<String, String> annotations = Views.map(space.getMetadata().getAnnotations());
        return List.of(
                annotations.getOrDefault(Freezes.STOP, "-"),
                annotations.getOrDefault(Freezes.WINDOWS, "-"));
    }

    List<EventSource<?, RolloutResource>> sources() {
        return List.of(
                replicaSets,
                analysisRuns,
                services,
                ingresses,
                templates,
                clusterTemplates,
                namespaces,
                hints);
    }

    /// Asks for a look at a Rollout.
    void hint(String namespace, String name) {
        hints.propagateEvent(new ResourceID(name, namespace));
    }

    /// Asks for a look at every Rollout.
    void hintAll() {
        rollouts.list(_ -> true).map(ResourceID::fromResource).forEach(hints::propagateEvent);
    }

    Optional<RolloutResource> rollout(String namespace, String name) {
        return rollouts.get(new ResourceID(name, namespace));
    }

    /// Owned ReplicaSets, and those without controller in the namespace.
    Stream<ReplicaSetResource> replicaSets(RolloutResource rollout) {
        return Stream.concat(
                replicaSets.byIndex(CONTROLLER, rollout.getMetadata().getUid()).stream(),
                replicaSets.byIndex(ORPHANS, namespace(rollout)).stream());
    }

    /// Names like this Rollout's ReplicaSets', of others.
    Stream<String> namesakes(RolloutResource rollout) {
        String uid = rollout.getMetadata().getUid();
        String key = namespace(rollout) + "/" + rollout.getMetadata().getName();
        return replicaSets.byIndex(NAMESAKES, key).stream()
                .filter(rs -> Views.controllerUid(rs).filter(uid::equals).isEmpty())
                .map(rs -> rs.getMetadata().getName());
    }

    List<AnalysisRunResource> analysisRuns(RolloutResource rollout) {
        return analysisRunsOf(rollout.getMetadata().getUid());
    }

    /// AnalysisRuns that an object controls.
    List<AnalysisRunResource> analysisRunsOf(String uid) {
        return analysisRuns.byIndex(CONTROLLER, uid);
    }

    /// ReplicaSets that an object controls.
    List<ReplicaSetResource> replicaSetsOf(String uid) {
        return replicaSets.byIndex(CONTROLLER, uid);
    }

    /// Services that an object controls.
    List<ServiceResource> servicesOf(String uid) {
        return services.byIndex(CONTROLLER, uid);
    }

    /// Revision hashes in the namespace, except those of an object's own ReplicaSets.
    Set<String> hashesOfOthers(String namespace, String uid) {
        return replicaSets
                .list(namespace, rs -> Views.controllerUid(rs).filter(uid::equals).isEmpty())
                .map(rs -> Views.map(rs.getMetadata().getLabels()).getOrDefault(Names.HASH, ""))
                .collect(Collectors.toUnmodifiableSet());
    }

    /// Spec of an AnalysisTemplate or ClusterAnalysisTemplate.
    Optional<ObjectNode> templateSpec(String namespace, TemplateRef reference) {
        return reference.clusterScope()
                ? clusterTemplate(reference.name()).map(ClusterAnalysisTemplateResource::getSpec)
                : template(namespace, reference.name()).map(AnalysisTemplateResource::getSpec);
    }

    Optional<ServiceResource> service(String namespace, String name) {
        return services.get(new ResourceID(name, namespace));
    }

    Optional<IngressResource> ingress(String namespace, String name) {
        return ingresses.get(new ResourceID(name, namespace));
    }

    Optional<AnalysisTemplateResource> template(String namespace, String name) {
        return templates.get(new ResourceID(name, namespace));
    }

    Optional<ClusterAnalysisTemplateResource> clusterTemplate(String name) {
        return clusterTemplates.get(new ResourceID(name));
    }

    Optional<JsonNode> workload(String namespace, WorkloadTarget target) {
        return workloads.find(namespace, target);
    }

    void stop() {
        workloads.stop();
    }

    private final class WorkloadReferrers implements Workloads.Referrers {
        @Override
        public boolean exist(WorkloadTarget.Kind kind, String namespace, String name) {
            return !rollouts.byIndex(
                            ReferenceIndex.NAME, ReferenceIndex.workload(kind, namespace, name))
                    .isEmpty();
        }

        @Override
        public void changed(WorkloadTarget.Kind kind, String namespace, String name) {
            referrers(ReferenceIndex.workload(kind, namespace, name))
                    .forEach(hints::propagateEvent);
        }
    }

    private <R extends HasMetadata> InformerEventSource<R, RolloutResource> referenced(
            EventSourceContext<RolloutResource> context,
            Class<R> type,
            String name,
            Function<R, String> key) {
        SecondaryToPrimaryMapper<R> mapper = object -> referrers(key.apply(object));
        return new InformerEventSource<>(
                InformerEventSourceConfiguration.from(type, RolloutResource.class)
                        .withName(name)
                        .withNamespacesInheritedFromController()
                        .withSecondaryToPrimaryMapper(mapper)
                        .build(),
                context);
    }

    private Set<ResourceID> referrers(String key) {
        return rollouts.byIndex(ReferenceIndex.NAME, key).stream()
                .map(ResourceID::fromResource)
                .collect(Collectors.toUnmodifiableSet());
    }

    /// The owner; for an orphan every Rollout of the namespace that might adopt it.
    private Set<ResourceID> ownersOrAdopters(ReplicaSetResource rs) {
        return Views.controller(rs).isPresent()
                ? owner(rs)
                : referrers(ReferenceIndex.namespace(namespace(rs)));
    }

    private String serviceKey(ServiceResource service) {
        Views.controller(service).ifPresent(owner -> lookAtExperiment(owner, service));
        return ReferenceIndex.service(namespace(service), service.getMetadata().getName());
    }

    private void lookAtExperiment(OwnerReference owner, HasMetadata object) {
        if (owner.getKind().equals(ExperimentNames.KIND)) {
            experiments.at(namespace(object), owner.getName());
        }
    }

    /// The Rollout that controls an object. Where it is an Experiment, that one is looked at.
    private Set<ResourceID> owner(HasMetadata object) {
        Views.controller(object).ifPresent(owner -> lookAtExperiment(owner, object));
        return Views.controller(object)
                .filter(o -> o.getKind().equals("Rollout"))
                .map(OwnerReference::getName)
                .map(name -> Set.of(new ResourceID(name, namespace(object))))
                .orElse(Set.of());
    }

    private static List<String> byController(HasMetadata object) {
        return Views.controllerUid(object).map(List::of).orElse(List.of());
    }

    private static List<String> byNamespaceIfOrphan(HasMetadata object) {
        return Views.controller(object).isEmpty() ? List.of(namespace(object)) : List.of();
    }

    private static List<String> byNamePrefix(HasMetadata object) {
        String name = object.getMetadata().getName();
        int dash = name.lastIndexOf('-');
        return dash < 0 ? List.of() : List.of(namespace(object) + "/" + name.substring(0, dash));
    }

    /// Measurements come and go; a release only cares how the run stands.
    private static boolean isOutcomeChange(AnalysisRunResource now, AnalysisRunResource before) {
        return !Objects.equals(
                        Views.tree(now.getStatus()).path("phase"),
                        Views.tree(before.getStatus()).path("phase"))
                || !Objects.equals(now.getSpec(), before.getSpec())
                || now.getMetadata().getDeletionTimestamp() != null;
    }

    /// What we just wrote ourselves tells us nothing; the same look went on with it.
    private static boolean isOurWrite(SeenVersions seen, ReplicaSetResource now) {
        ObjectMeta metadata = now.getMetadata();
        return seen.isOurs(metadata.getUid(), metadata.getResourceVersion())
                && Views.controller(now).filter(o -> o.getKind().equals("Rollout")).isPresent();
    }

    private static boolean forget(SeenVersions seen, HasMetadata object) {
        seen.forget(object.getMetadata().getUid());
        return true;
    }

    private static String namespace(HasMetadata object) {
        return object.getMetadata().getNamespace();
    }
}
