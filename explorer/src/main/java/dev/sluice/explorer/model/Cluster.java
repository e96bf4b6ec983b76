package dev.sluice.explorer.model;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sluice.explorer.model.Proxy.Config;
import dev.sluice.explorer.model.Proxy.Entry;
import dev.sluice.explorer.scenario.Option;
import dev.sluice.explorer.scenario.Scenario;
import dev.sluice.rollout.core.Names;
import dev.sluice.rollout.core.Observation.AnalysisRunView;
import dev.sluice.rollout.core.Observation.PodView;
import dev.sluice.rollout.core.Observation.ReplicaSetView;
import dev.sluice.rollout.core.RolloutStatus;
import dev.sluice.rollout.core.policy.Freeze;
import dev.sluice.router.core.ObjectRef;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;

/// One namespace with one Rollout. Objects are immutable versions, so that a stale cache is a
/// reference to an old one; [ApiServer] changes them, [Nature] is everything that is not us.
public final class Cluster {
    public static final String NAMESPACE = "ns";
    public static final String NAME = "demo";
    public static final String UID = "u-1";

    /// Stands for "every pod together" among the endpoints of a Service that names no revision.
    public static final String ALL = "*";

    /// Stands for the pods of the Deployment that a Rollout refers to, in place of a hash.
    public static final String WORKLOAD = "workload";

    private static final long FORGOTTEN = 10_000;
    private static final Instant START = Instant.parse("2026-03-01T10:00:00Z");

    private final Scenario scenario;
    private long now;
    private long version;
    private boolean suspended = true;
    private StoredRollout rollout;
    private Map<String, ReplicaSetView> sets = Map.of();
    private Map<ObjectRef, StoredObject> objects;
    private Map<String, AnalysisRunView> runs = Map.of();
    private Set<String> recordedRuns = Set.of();
    private Map<String, StoredExperiment> experiments = Map.of();
    private Map<String, Owned<ReplicaSetView>> experimentSets = Map.of();
    private Map<String, Owned<AnalysisRunView>> experimentRuns = Map.of();
    private List<String> services;
    private Optional<ObjectNode> workload;
    private Set<String> lost = Set.of();
    private Optional<Freeze> freeze = Optional.empty();
    private boolean unreadable;
    private final Map<String, Pods> pods = new TreeMap<>();
    private final Map<String, Map<String, Integer>> slices = new TreeMap<>();
    private final Map<String, Long> sliceChanged = new TreeMap<>();
    private final Map<String, Long> sliceDirtySince = new TreeMap<>();
    private final List<Proxy> proxies = new ArrayList<>();

    public Cluster(Scenario scenario) {
        this.scenario = scenario;
        this.services = scenario.services();
        this.workload = scenario.workload();
        this.rollout = StoredRollout.of(1, scenario.rollout(), workload);
        this.version = 1;
        Map<ObjectRef, StoredObject> first = new TreeMap<>(Cluster::byName);
        for (ObjectNode object : scenario.objects()) {
            version++;
            ObjectNode stored =
                    Json.merged(
                            object,
                            Json.object(
                                    "{\"metadata\":{\"resourceVersion\":\"" + version + "\"}}"));
            first.put(ref(stored), StoredObject.of(version, stored));
        }
        this.objects = Collections.unmodifiableMap(first);
        scenario.entries()
                .forEach((name, entry) -> proxies.add(new Proxy(name, entry, config(entry))));
    }

    private Cluster(Cluster other) {
        scenario = other.scenario;
        now = other.now;
        version = other.version;
        suspended = other.suspended;
        rollout = other.rollout;
        sets = other.sets;
        objects = other.objects;
        runs = other.runs;
        recordedRuns = other.recordedRuns;
        experiments = other.experiments;
        experimentSets = other.experimentSets;
        experimentRuns = other.experimentRuns;
        services = other.services;
        workload = other.workload;
        lost = other.lost;
        freeze = other.freeze;
        unreadable = other.unreadable;
        other.pods.forEach((hash, p) -> pods.put(hash, new Pods(p)));
        slices.putAll(other.slices);
        sliceChanged.putAll(other.sliceChanged);
        sliceDirtySince.putAll(other.sliceDirtySince);
        other.proxies.forEach(p -> proxies.add(new Proxy(p)));
    }

    public Cluster copy() {
        return new Cluster(this);
    }

    static int byName(ObjectRef a, ObjectRef b) {
        int kind = a.kind().compareTo(b.kind());
        return kind != 0 ? kind : a.name().compareTo(b.name());
    }

    static ObjectRef ref(JsonNode object) {
        return new ObjectRef(
                object.path("apiVersion").asText(),
                object.path("kind").asText(),
                NAMESPACE,
                object.path("metadata").path("name").asText());
    }

    // --- What is there ---

    public Scenario scenario() {
        return scenario;
    }

    /// Milliseconds since the start.
    public long millis() {
        return now;
    }

    public Instant now() {
        return START.plusMillis(now);
    }

    public StoredRollout rollout() {
        return rollout;
    }

    /// ReplicaSets by name, as the API server has them.
    public Map<String, ReplicaSetView> sets() {
        return sets;
    }

    public Map<ObjectRef, StoredObject> objects() {
        return objects;
    }

    /// Whether a run with this name ever stood in the Rollout's status.
    public boolean isRecorded(String run) {
        return recordedRuns.contains(run);
    }

    public Map<String, AnalysisRunView> runs() {
        return runs;
    }

    /// Experiments by name.
    public Map<String, StoredExperiment> experiments() {
        return experiments;
    }

    /// ReplicaSets of Experiments by name.
    public Map<String, Owned<ReplicaSetView>> experimentSets() {
        return experimentSets;
    }

    /// AnalysisRuns of Experiments by name.
    public Map<String, Owned<AnalysisRunView>> experimentRuns() {
        return experimentRuns;
    }

    /// The Deployment that the Rollout refers to.
    public Optional<ObjectNode> workload() {
        return workload;
    }

    /// Every ReplicaSet, whoever controls it.
    public List<ReplicaSetView> allSets() {
        List<ReplicaSetView> all = new ArrayList<>(sets.values());
        experimentSets.values().forEach(owned -> all.add(owned.object()));
        return all;
    }

    /// The ReplicaSet of this name, whoever controls it.
    public Optional<ReplicaSetView> setNamed(String name) {
        return Optional.ofNullable(sets.get(name))
                .or(() -> Optional.ofNullable(experimentSets.get(name)).map(Owned::object));
    }

    /// The ReplicaSet of an Experiment with this hash.
    public Optional<ReplicaSetView> experimentSet(String hash) {
        for (Owned<ReplicaSetView> owned : experimentSets.values()) {
            if (owned.object().hash().equals(hash)) {
                return Optional.of(owned.object());
            }
        }
        return Optional.empty();
    }

    /// Services whose endpoints matter: those of the scenario, and every one that an Experiment has
    /// or had.
    public List<String> services() {
        return services;
    }

    /// Whether somebody took away the Experiment that a Service belongs to.
    public boolean isLost(String service) {
        return lost.contains(service);
    }

    /// What holds releases of the namespace back.
    public Optional<Freeze> freeze() {
        return freeze;
    }

    /// Whether Services and routing objects cannot be read now; writes arrive all the same.
    public boolean isUnreadable() {
        return unreadable;
    }

    public List<Proxy> proxies() {
        return Collections.unmodifiableList(proxies);
    }

    /// Ready endpoints of a Service by revision, as the EndpointSlices say.
    public Map<String, Integer> slice(String service) {
        return slices.getOrDefault(service, Map.of());
    }

    /// When the EndpointSlices of a Service changed last, as the API server says it: cut to the
    /// second.
    public Optional<Instant> sliceChangedAt(String service) {
        return Optional.ofNullable(sliceChanged.get(service))
                .map(millis -> START.plusMillis(millis).truncatedTo(ChronoUnit.SECONDS));
    }

    public Optional<ReplicaSetView> set(String hash) {
        for (ReplicaSetView set : sets.values()) {
            if (set.hash().equals(hash)) {
                return Optional.of(set);
            }
        }
        return experimentSet(hash);
    }

    /// The count that the ReplicaSet of a revision asks for; 0 without one.
    public int wanted(String hash) {
        return set(hash).map(ReplicaSetView::replicas).orElse(0);
    }

    public Pods pods(String hash) {
        return pods.computeIfAbsent(hash, _ -> new Pods());
    }

    public Optional<StoredObject> service(String name) {
        return Optional.ofNullable(objects.get(ObjectRef.service(NAMESPACE, name)));
    }

    /// The revision that a Service selects; empty when it selects none in particular.
    public String selected(String service) {
        return service(service).map(s -> s.service().hash()).orElse("");
    }

    /// Revisions that alone get what a proxy sends to this Service, now or soon.
    public Set<String> resolves(Proxy proxy, String service) {
        Set<String> all = new TreeSet<>(proxy.resolves(service));
        if (!slice(service).containsKey(ALL)) {
            all.addAll(slice(service).keySet());
        }
        String selected = selected(service);
        if (!selected.isEmpty()) {
            all.add(selected);
        }
        return all;
    }

    /// The newest written routing of a proxy.
    public Config config(Entry entry) {
        return switch (entry) {
            case Entry.Whole(String service) -> new Config(Map.of(service, 1), 1);
            case Entry.Gateway(ObjectRef route) -> Routes.gateway(json(route));
            case Entry.Nginx(ObjectRef stable, ObjectRef canary) ->
                    Routes.nginx(
                            json(stable),
                            Optional.ofNullable(objects.get(canary)).map(StoredObject::json));
        };
    }

    private JsonNode json(ObjectRef ref) {
        return Optional.ofNullable(objects.get(ref))
                .map(StoredObject::json)
                .orElseThrow(() -> new IllegalStateException(ref + " does not exist"));
    }

    /// The pods of a ReplicaSet as the API server lists them, also those on their way out.
    public List<PodView> podViews(ReplicaSetView set) {
        Pods all = pods(set.hash());
        List<PodView> views = new ArrayList<>();
        all.present().forEach(p -> views.add(view(set, p, false)));
        all.leaving(now).forEach(p -> views.add(view(set, p, true)));
        return views;
    }

    private static PodView view(ReplicaSetView set, Pods.Pod pod, boolean deleting) {
        String name = set.name() + "-" + pod.number();
        return new PodView(
                name,
                name,
                set.uid(),
                START.plusMillis(pod.born()).truncatedTo(ChronoUnit.SECONDS),
                pod.ready(),
                deleting,
                Map.of(),
                Map.of());
    }

    /// Whether somebody asked for younger pods and has not got them yet.
    public boolean isRestarting() {
        return rollout.isRestarting();
    }

    /// Whether a wish for so many replicas allows that none is there for a while.
    public boolean mayAllBeMissing(int replicas) {
        return replicas == 0
                || (replicas == 1
                        && (scenario.has(Option.NO_SURGE)
                                || (scenario.has(Option.LOOSE) && scenario.isCounted())
                                || isRestarting()));
    }

    /// Nobody was ever served, or since somebody wanted no pods not all is as it should be again.
    public boolean isSuspended() {
        return suspended;
    }

    void suspend(boolean on) {
        suspended = on;
    }

    /// Pods, endpoints and proxies, for state hashing.
    public void describe(StringBuilder out) {
        out.append(freeze.isPresent()).append(unreadable).append(lost);
        pods.forEach(
                (hash, p) ->
                        out.append(hash)
                                .append(p.created())
                                .append('/')
                                .append(p.ready())
                                .append(p.isStuck() ? "s" : "")
                                .append(p.isDamaged() ? "d" : "")
                                .append(p.serves(now))
                                .append(isRestarting() ? p.present() : List.of()));
        out.append(slices).append(suspended);
        workload.ifPresent(w -> out.append(w.path("spec")));
        sliceChanged.forEach((s, at) -> out.append('@').append(Math.min(FORGOTTEN, now - at)));
        proxies.forEach(p -> p.describe(out, now));
    }

    // --- Changes, for the API server and for nature ---

    long nextVersion() {
        return ++version;
    }

    void rollout(ObjectNode next) {
        long v = nextVersion();
        rollout =
                StoredRollout.of(
                        v,
                        Json.merged(
                                next,
                                Json.object("{\"metadata\":{\"resourceVersion\":\"" + v + "\"}}")),
                        workload);
        RolloutStatus status = rollout.status();
        Set<String> recorded = new TreeSet<>(recordedRuns);
        Stream.of(status.stepRun(), status.backgroundRun(), status.preRun(), status.postRun())
                .flatMap(Optional::stream)
                .forEach(run -> recorded.add(run.name()));
        if (recorded.size() > recordedRuns.size()) {
            recordedRuns = recorded;
        }
    }

    void workload(ObjectNode next) {
        String v = Long.toString(nextVersion());
        workload =
                Optional.of(
                        Json.merged(
                                next,
                                Json.object("{\"metadata\":{\"resourceVersion\":\"" + v + "\"}}")));
    }

    void put(ReplicaSetView set) {
        Map<String, ReplicaSetView> next = new TreeMap<>(sets);
        next.put(set.name(), set);
        sets = Collections.unmodifiableMap(next);
    }

    /// A new version of a ReplicaSet, whoever controls it.
    void replace(ReplicaSetView set) {
        Owned<ReplicaSetView> owned = experimentSets.get(set.name());
        if (owned == null) {
            put(set);
        } else {
            putExperimentSet(new Owned<>(owned.owner(), set));
        }
    }

    StoredExperiment putExperiment(ObjectNode json) {
        long v = nextVersion();
        StoredExperiment next =
                StoredExperiment.of(
                        v,
                        Json.merged(
                                json,
                                Json.object("{\"metadata\":{\"resourceVersion\":\"" + v + "\"}}")));
        experiments = with(experiments, next.name(), next);
        return next;
    }

    void removeExperiment(String name) {
        experiments = without(experiments, name);
    }

    void putExperimentSet(Owned<ReplicaSetView> set) {
        experimentSets = with(experimentSets, set.object().name(), set);
    }

    void removeExperimentSet(String name) {
        experimentSets = without(experimentSets, name);
    }

    void putExperimentRun(Owned<AnalysisRunView> run) {
        experimentRuns = with(experimentRuns, run.object().name(), run);
    }

    void removeExperimentRun(String name) {
        experimentRuns = without(experimentRuns, name);
    }

    void lose(String service) {
        Set<String> next = new TreeSet<>(lost);
        next.add(service);
        lost = Collections.unmodifiableSet(next);
    }

    private static <T> Map<String, T> with(Map<String, T> before, String key, T value) {
        Map<String, T> next = new TreeMap<>(before);
        next.put(key, value);
        return Collections.unmodifiableMap(next);
    }

    private static <T> Map<String, T> without(Map<String, T> before, String key) {
        Map<String, T> next = new TreeMap<>(before);
        next.remove(key);
        return Collections.unmodifiableMap(next);
    }

    void removeSet(String name) {
        Map<String, ReplicaSetView> next = new TreeMap<>(sets);
        next.remove(name);
        sets = Collections.unmodifiableMap(next);
    }

    void put(ObjectRef ref, ObjectNode json) {
        long v = nextVersion();
        Map<ObjectRef, StoredObject> next = new TreeMap<>(Cluster::byName);
        next.putAll(objects);
        next.put(
                ref,
                StoredObject.of(
                        v,
                        Json.merged(
                                json,
                                Json.object(
                                        "{\"metadata\":{\"resourceVersion\":\"" + v + "\"}}"))));
        objects = Collections.unmodifiableMap(next);
        boolean isNew = ref.kind().equals("Service") && !services.contains(ref.name());
        if (isNew) {
            List<String> more = new ArrayList<>(services);
            more.add(ref.name());
            services = Collections.unmodifiableList(more);
        }
    }

    void remove(ObjectRef ref) {
        Map<ObjectRef, StoredObject> next = new TreeMap<>(Cluster::byName);
        next.putAll(objects);
        next.remove(ref);
        objects = Collections.unmodifiableMap(next);
    }

    void put(AnalysisRunView run) {
        Map<String, AnalysisRunView> next = new TreeMap<>(runs);
        next.put(run.name(), run);
        runs = Collections.unmodifiableMap(next);
    }

    void freeze(Optional<Freeze> next) {
        freeze = next;
    }

    void unreadable(boolean on) {
        unreadable = on;
    }

    void removeRun(String name) {
        Map<String, AnalysisRunView> next = new TreeMap<>(runs);
        next.remove(name);
        runs = Collections.unmodifiableMap(next);
    }

    Map<String, Map<String, Integer>> slices() {
        return slices;
    }

    Map<String, Long> sliceChanged() {
        return sliceChanged;
    }

    Map<String, Long> sliceDirtySince() {
        return sliceDirtySince;
    }

    void pass(long millis) {
        now += millis;
    }

    /// All revisions that a selector leads to now, with their ready pods; [#ALL] is among them
    /// where the selector names none.
    Map<String, Integer> endpointsOf(String service) {
        if (service(service).isEmpty()) {
            return Map.of();
        }
        Map<String, Integer> ready = new TreeMap<>();
        String selected = selected(service);
        if (workload.isPresent() && selected.isEmpty() && pods(WORKLOAD).ready() > 0) {
            ready.put(WORKLOAD, pods(WORKLOAD).ready());
        }
        for (ReplicaSetView set : experimentSets.isEmpty() ? sets.values() : allSets()) {
            String hash = set.labels().getOrDefault(Names.HASH, "");
            boolean leads = selected.isEmpty() || selected.equals(hash);
            int count = pods(hash).ready();
            if (leads && count > 0) {
                ready.put(hash, count);
            }
        }
        if (selected.isEmpty() && !ready.isEmpty()) {
            ready.put(ALL, 1);
        }
        return Collections.unmodifiableMap(ready);
    }
}
