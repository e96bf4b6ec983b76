package dev.sluice.explorer.model;

import dev.sluice.router.core.ObjectRef;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/// One proxy: it applies the written routing and the endpoints of each Service one after the
/// other, each some time later, but never later than its bound.
public final class Proxy {

    /// Where its traffic enters.
    public sealed interface Entry {
        /// By the weights of an Ingress and its canary; ingress-nginx answers 503 while the stable
        /// Service has no endpoint, whatever the weight (R8).
        record Nginx(ObjectRef stable, ObjectRef canary) implements Entry {}

        /// By the weights of a route.
        record Gateway(ObjectRef route) implements Entry {}

        /// Everything goes to one Service.
        record Whole(String service) implements Entry {}
    }

    /// Shares of the Services, out of `whole`.
    ///
    /// @param matched Services to which a header route sends the requests that match
    /// @param mirrored Services to which a mirror route sends copies
    public record Config(
            Map<String, Integer> shares, int whole, Set<String> matched, Set<String> mirrored) {
        public Config {
            shares = Map.copyOf(shares);
            matched = Set.copyOf(matched);
            mirrored = Set.copyOf(mirrored);
        }

        Config(Map<String, Integer> shares, int whole) {
            this(shares, whole, Set.of(), Set.of());
        }

        public int share(String service) {
            return shares.getOrDefault(service, 0);
        }

        /// Services whose pods answer requests.
        public Set<String> answering() {
            Set<String> all = new TreeSet<>(matched);
            shares.forEach(
                    (service, share) -> {
                        if (share > 0) {
                            all.add(service);
                        }
                    });
            return all;
        }

        /// Services to which anything is sent.
        public Set<String> destinations() {
            Set<String> all = answering();
            all.addAll(mirrored);
            return all;
        }

        /// Whether anything is sent there.
        public boolean leadsTo(String service) {
            return share(service) > 0 || matched.contains(service) || mirrored.contains(service);
        }

        /// Whether a header or mirror route leads there.
        public boolean routesTo(String service) {
            return matched.contains(service) || mirrored.contains(service);
        }
    }

    /// Endpoints of a Service by revision.
    ///
    /// @param damaged pods that the Service leads to had been taken away from outside
    private record Listed(Map<String, Integer> ready, boolean damaged) {
        static final Listed NONE = new Listed(Map.of(), false);
    }

    private static final class Queue<T> {
        private T applied;
        private final List<T> waiting = new ArrayList<>();
        private final List<Long> since = new ArrayList<>();

        Queue(T applied) {
            this.applied = applied;
        }

        Queue(Queue<T> other) {
            applied = other.applied;
            waiting.addAll(other.waiting);
            since.addAll(other.since);
        }

        void add(T next, long at) {
            T newest = waiting.isEmpty() ? applied : waiting.getLast();
            if (!newest.equals(next)) {
                waiting.add(next);
                since.add(at);
            }
        }

        boolean apply() {
            if (waiting.isEmpty()) {
                return false;
            }
            applied = waiting.removeFirst();
            since.removeFirst();
            return true;
        }

        void force(long latest) {
            while (!since.isEmpty() && since.getFirst() <= latest) {
                apply();
            }
        }

        List<T> all() {
            List<T> all = new ArrayList<>(waiting);
            all.add(applied);
            return all;
        }
    }

    private final String name;
    private final Entry entry;
    private final Queue<Config> config;
    private final Map<String, Queue<Listed>> endpoints = new TreeMap<>();

    Proxy(String name, Entry entry, Config config) {
        this.name = name;
        this.entry = entry;
        this.config = new Queue<>(config);
    }

    Proxy(Proxy other) {
        name = other.name;
        entry = other.entry;
        config = new Queue<>(other.config);
        other.endpoints.forEach((service, queue) -> endpoints.put(service, new Queue<>(queue)));
    }

    public String name() {
        return name;
    }

    public Entry entry() {
        return entry;
    }

    /// What it does now.
    public Config applied() {
        return config.applied;
    }

    /// What it does now and everything that was written after it.
    public List<Config> live() {
        return config.all();
    }

    /// The endpoints that it uses now, by revision.
    public Map<String, Integer> endpoints(String service) {
        return applied(service).ready();
    }

    /// Whether the endpoints that it uses now are what an outage left.
    public boolean isDamaged(String service) {
        return applied(service).damaged();
    }

    private Listed applied(String service) {
        return Optional.ofNullable(endpoints.get(service)).map(q -> q.applied).orElse(Listed.NONE);
    }

    /// Revisions that alone stand, or will stand, behind a Service.
    public Set<String> resolves(String service) {
        Set<String> all = new TreeSet<>();
        Queue<Listed> queue = endpoints.get(service);
        if (queue != null) {
            for (Listed view : queue.all()) {
                if (!view.ready().containsKey(Cluster.ALL)) {
                    all.addAll(view.ready().keySet());
                }
            }
        }
        return all;
    }

    /// Whether it has endpoints of a revision, and goes on having them.
    boolean knows(String service, String hash) {
        Queue<Listed> queue = endpoints.get(service);
        return queue != null
                && queue.applied.ready().containsKey(hash)
                && queue.waiting.stream().allMatch(view -> view.ready().containsKey(hash));
    }

    /// Whether something written is not applied yet.
    public boolean lags() {
        return !config.waiting.isEmpty()
                || endpoints.values().stream().anyMatch(q -> !q.waiting.isEmpty());
    }

    void written(Config next, long at) {
        config.add(next, at);
    }

    /// The controller in front of it took over everything that was written: from now on the bound
    /// counts.
    void acknowledged(long at) {
        config.since.replaceAll(t -> t == Long.MAX_VALUE ? at : t);
    }

    void listed(String service, Map<String, Integer> slice, boolean damaged, long at) {
        endpoints
                .computeIfAbsent(service, _ -> new Queue<>(Listed.NONE))
                .add(new Listed(slice, damaged), at);
    }

    boolean applyConfig() {
        return config.apply();
    }

    boolean applyEndpoints() {
        boolean changed = false;
        for (Queue<Listed> queue : endpoints.values()) {
            changed |= queue.apply();
        }
        return changed;
    }

    void force(long latestConfig, long latestEndpoints) {
        config.force(latestConfig);
        endpoints.values().forEach(q -> q.force(latestEndpoints));
    }

    void describe(StringBuilder out, long now) {
        describe(out.append(name), config.applied);
        for (int i = 0; i < config.waiting.size(); i++) {
            describe(out.append('>'), config.waiting.get(i));
            out.append('@').append(Math.min(60_000, now - config.since.get(i)));
        }
        endpoints.forEach(
                (service, queue) -> {
                    out.append(service).append(queue.applied.ready());
                    for (int i = 0; i < queue.waiting.size(); i++) {
                        out.append('>').append(queue.waiting.get(i).ready());
                        out.append('@').append(Math.min(60_000, now - queue.since.get(i)));
                    }
                });
    }

    private static void describe(StringBuilder out, Config config) {
        out.append(config.shares()).append(config.matched()).append(config.mirrored());
    }
}
