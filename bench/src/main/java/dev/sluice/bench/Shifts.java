package dev.sluice.bench;

import dev.sluice.testkit.Load;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.informers.ResourceEventHandler;
import io.fabric8.kubernetes.client.informers.SharedIndexInformer;
import java.io.PrintStream;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.Consumer;

/// How a wanted share reaches the proxy, as watches and requests from outside see it: from when it
/// is in the Rollout's status to the route, to the controller's word, and to the first request.
///
/// Two watches tell in no order of what happened at almost the same time; what seems to be there
/// before its cause counts as at once.
final class Shifts implements AutoCloseable {
    /// A share of the new revision that a plan asks for; counted when it rises.
    private record Wish(String plan, int weight, String revision, Instant seen) {}

    private record RouteState(int weight, boolean isAccepted) {}

    private final List<SharedIndexInformer<GenericKubernetesResource>> informers;
    private final Map<String, Wish> wishes = new ConcurrentHashMap<>();
    private final Map<String, RouteState> routes = new ConcurrentHashMap<>();
    private final Map<String, String> written = new ConcurrentHashMap<>();
    private final Map<String, String> accepted = new ConcurrentHashMap<>();

    /// First shares of new revisions, by Rollout.
    private final Map<String, Queue<Wish>> firsts = new ConcurrentHashMap<>();

    private final Percentiles untilWritten = new Percentiles();
    private final Percentiles untilAccepted = new Percentiles();

    Shifts(KubernetesClient client, String namespace) {
        informers =
                List.of(
                        follow(
                                client,
                                namespace,
                                "argoproj.io/v1alpha1",
                                "Rollout",
                                this::lookAtRollout),
                        follow(
                                client,
                                namespace,
                                "gateway.networking.k8s.io/v1",
                                "HTTPRoute",
                                this::lookAtRoute));
    }

    private SharedIndexInformer<GenericKubernetesResource> follow(
            KubernetesClient client,
            String namespace,
            String api,
            String kind,
            Consumer<GenericKubernetesResource> look) {
        return client.genericKubernetesResources(api, kind)
                .inNamespace(namespace)
                .inform(
                        new ResourceEventHandler<>() {
                            @Override
                            public void onAdd(GenericKubernetesResource object) {
                                look.accept(object);
                            }

                            @Override
                            public void onUpdate(
                                    GenericKubernetesResource old,
                                    GenericKubernetesResource object) {
                                look.accept(object);
                            }

                            @Override
                            public void onDelete(
                                    GenericKubernetesResource object, boolean unknown) {
                                wishes.remove(object.getMetadata().getName());
                            }
                        });
    }

    private void lookAtRollout(GenericKubernetesResource rollout) {
        String name = rollout.getMetadata().getName();
        String plan = Fields.text(rollout, "status", "trafficPlan", "id");
        String weight = Fields.text(rollout, "status", "trafficPlan", "weights", "canary");
        String revision = Fields.text(rollout, "status", "currentPodHash");
        if (plan == null || weight == null || revision == null) {
            return;
        }
        Wish former = wishes.get(name);
        if (former == null || !former.plan().equals(plan)) {
            Wish wish = new Wish(plan, Integer.parseInt(weight), revision, Instant.now());
            wishes.put(name, wish);
            if (former == null || former.weight() >= wish.weight()) {
                written.put(name, plan); // waits for Services that are led on
                accepted.put(name, plan);
            } else if (former.weight() == 0) {
                firsts.computeIfAbsent(name, _ -> new ConcurrentLinkedQueue<>()).add(wish);
            }
            compare(name);
        }
    }

    private void lookAtRoute(GenericKubernetesResource route) {
        String name = route.getMetadata().getName();
        if (Fields.find(route, "spec", "rules") instanceof List<?> rules
                && rules.getFirst() instanceof Map<?, ?> rule
                && rule.get("backendRefs") instanceof List<?> backends
                && backends.getLast() instanceof Map<?, ?> canary
                && canary.get("weight") instanceof Number weight) {
            routes.put(name, new RouteState(weight.intValue(), isAccepted(route)));
            compare(name);
        }
    }

    private static boolean isAccepted(GenericKubernetesResource route) {
        return Fields.find(route, "status", "parents") instanceof List<?> parents
                && !parents.isEmpty()
                && parents.getFirst() instanceof Map<?, ?> parent
                && parent.get("conditions") instanceof List<?> conditions
                && conditions.stream()
                        .allMatch(
                                one ->
                                        one instanceof Map<?, ?> condition
                                                && condition.get("observedGeneration")
                                                        instanceof Number generation
                                                && generation.longValue()
                                                        == route.getMetadata().getGeneration());
    }

    private synchronized void compare(String name) {
        Wish wish = wishes.get(name);
        RouteState route = routes.get(name);
        if (wish == null || route == null || route.weight() != wish.weight()) {
            return;
        }
        Duration time = Duration.between(wish.seen(), Instant.now());
        if (!wish.plan().equals(written.put(name, wish.plan()))) {
            untilWritten.add(time);
        }
        if (route.isAccepted() && !wish.plan().equals(accepted.put(name, wish.plan()))) {
            untilAccepted.add(time);
        }
    }

    /// @param loads by Rollout
    void print(PrintStream out, Map<String, Load> loads, int requestsPerSecond) {
        Percentiles untilProxy = new Percentiles();
        long requests = 0;
        long lost = 0;
        for (Map.Entry<String, Load> load : loads.entrySet()) {
            List<Load.Answer> answers = load.getValue().all();
            requests += answers.size();
            lost += answers.stream().filter(Load.Answer::isLost).count();
            for (Wish wish : firsts.getOrDefault(load.getKey(), new ConcurrentLinkedQueue<>())) {
                firstOf(wish, answers).forEach(untilProxy::add);
            }
        }
        out.printf("  route written       %s%n", untilWritten);
        out.printf("  controller says so  %s%n", untilAccepted);
        out.printf(
                "  first request       %s, of new revisions, at %d requests/s each%n",
                untilProxy, requestsPerSecond);
        out.printf("  requests            %d, lost %d%n", requests, lost);
    }

    private static List<Duration> firstOf(Wish wish, List<Load.Answer> answers) {
        List<Duration> first = new ArrayList<>();
        answers.stream()
                .filter(answer -> answer.revision().equals(wish.revision()))
                .filter(answer -> answer.done().isAfter(wish.seen()))
                .map(answer -> Duration.between(wish.seen(), answer.done()))
                .min(Duration::compareTo)
                .ifPresent(first::add);
        return first;
    }

    @Override
    public void close() {
        informers.forEach(SharedIndexInformer::close);
    }
}
