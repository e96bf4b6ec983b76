package dev.sluice.router.core.provider;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sluice.router.core.EvidenceLevel;
import dev.sluice.router.core.RouterConfig.Istio;
import dev.sluice.router.core.Routing;
import dev.sluice.router.core.TrafficPlan;
import dev.sluice.router.core.TrafficPlan.Destination;
import dev.sluice.router.core.TrafficPlan.ManagedRoute;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Function;

/// What is ours in one VirtualService: the destinations of the selected HTTP, TLS and TCP routes,
/// and the HTTP routes named in `managedRoutes`, which stand before all others.
///
/// A destination that is neither canary nor stable and has a weight belongs to an experiment, as
/// with the original: when its experiment is over it goes.
record IstioRoutes(
        Istio.VirtualService config,
        List<String> managedRoutes,
        TrafficPlan plan,
        Pair pair,
        Optional<Subsets> subsets)
        implements Document {

    /// Subsets that divide traffic, and those that others give weight to.
    record Subsets(String host, String canary, String stable, List<String> additional) {}

    /// Why the routes can't divide traffic.
    Optional<String> problem(JsonNode object) {
        JsonNode spec = object.path("spec");
        if (spec.path("http").isEmpty()
                && spec.path("tls").isEmpty()
                && spec.path("tcp").isEmpty()) {
            return Optional.of(
                    "Unable to get any of the HTTP, TCP or TLS routes for the Istio VirtualService");
        }
        return http(spec.path("http"))
                .or(
                        () ->
                                listed(
                                        spec.path("tls"),
                                        config.tls().isEmpty(),
                                        tlsSelected(spec.path("tls")),
                                        "TLS"))
                .or(
                        () ->
                                listed(
                                        spec.path("tcp"),
                                        config.tcpPorts().isEmpty(),
                                        tcpSelected(spec.path("tcp")),
                                        "TCP"))
                .or(() -> selected(object).stream().flatMap(r -> missing(r).stream()).findFirst());
    }

    private Optional<String> http(JsonNode http) {
        for (String name : config.http()) {
            if (httpNamed(http, name).isEmpty()) {
                return Optional.of(
                        "HTTP Route '%s' is not found in the defined Virtual Service."
                                .formatted(name));
            }
        }
        return config.http().isEmpty() && unmanaged(http).size() > 1
                ? Optional.of(
                        "spec.http[] should be set in VirtualService and it must have exactly one"
                                + " route when omitting spec.strategy.canary.trafficRouting.istio"
                                + ".virtualService.routes")
                : Optional.empty();
    }

    private static Optional<String> listed(
            JsonNode routes, boolean nothingListed, List<JsonNode> selected, String kind) {
        if (routes.isEmpty() && nothingListed) {
            return Optional.empty();
        }
        if (nothingListed && routes.size() > 1) {
            String key = kind.toLowerCase(Locale.ROOT);
            return Optional.of(
                    "spec.%s[] should be set in VirtualService and it must have exactly one route when omitting spec.strategy.canary.trafficRouting.istio.virtualService.%sRoutes"
                            .formatted(key, key));
        }
        return selected.isEmpty()
                ? Optional.of(
                        "No matching " + kind + " routes found in the defined Virtual Service.")
                : Optional.empty();
    }

    private Optional<String> missing(JsonNode route) {
        boolean canary = false;
        boolean stable = false;
        for (JsonNode destination : route.path("route")) {
            canary |= isCanary(destination);
            stable |= isStable(destination);
        }
        if (canary && stable) {
            return Optional.empty();
        }
        return Optional.of(
                canary
                        ? absent("Stable", pair.stable(), Subsets::stable)
                        : absent("Canary", pair.canary(), Subsets::canary));
    }

    private String absent(String role, String service, Function<Subsets, String> subset) {
        return subsets.map(
                        s ->
                                "%s DestinationRule subset '%s' not found in route"
                                        .formatted(role, subset.apply(s)))
                .orElseGet(() -> "%s Service '%s' not found in route".formatted(role, service));
    }

    @Override
    public Content read(JsonNode object) {
        List<Integer> shares = new ArrayList<>();
        List<Destination> additional = new ArrayList<>();
        for (JsonNode route : selected(object)) {
            long sum = 0;
            long canary = 0;
            for (JsonNode destination : route.path("route")) {
                sum += weight(destination);
                canary += isCanary(destination) ? weight(destination) : 0;
            }
            shares.add(Document.share(canary, sum, plan.maxWeight()));
            for (JsonNode destination : route.path("route")) {
                String host = host(destination);
                if (isExperiment(destination)
                        && additional.stream().noneMatch(d -> d.serviceName().equals(host))) {
                    int share = Document.share(weight(destination), sum, plan.maxWeight());
                    additional.add(new Destination(host, "", share));
                }
            }
        }
        List<String> managed = new ArrayList<>();
        for (JsonNode route : object.path("spec").path("http")) {
            if (isManaged(route)) {
                managed.add(route.path("name").asText());
            }
        }
        if (!takesHttpRoutes(object)) { // TCP and TLS have nothing to say about them
            plan.routes().forEach(r -> managed.add(r.name()));
        }
        return new Content(shares, additional, managed);
    }

    /// Whether header and mirror routes have a route here to go before.
    boolean takesHttpRoutes(JsonNode object) {
        return !httpSelected(object.path("spec").path("http")).isEmpty();
    }

    @Override
    public ObjectNode write(JsonNode object, Routing routing) {
        ObjectNode after = object.deepCopy();
        selected(after).forEach(r -> writeWeights((ObjectNode) r, routing));
        if (after.path("spec").path("http") instanceof ArrayNode http && takesHttpRoutes(after)) {
            writeManaged(http, routing);
        }
        return after;
    }

    private void writeWeights(ObjectNode route, Routing routing) {
        ArrayNode destinations = (ArrayNode) route.path("route");
        long others = 0;
        for (JsonNode destination : destinations) {
            others += isOthersSubset(destination) ? weight(destination) : 0;
        }
        long stable = Math.max(0, routing.stable(plan.maxWeight()) - others);
        List<Destination> toCome =
                new ArrayList<>(
                        routing.additional().stream()
                                .sorted(Comparator.comparing(Destination::serviceName))
                                .toList());
        for (int i = destinations.size() - 1; i >= 0; i--) {
            ObjectNode destination = (ObjectNode) destinations.path(i);
            if (isCanary(destination)) {
                destination.put("weight", routing.canary());
            } else if (isStable(destination)) {
                destination.put("weight", (int) stable);
            } else if (routing.weightOf(host(destination)) > 0) {
                destination.put("weight", routing.weightOf(host(destination)));
                toCome.removeIf(d -> d.serviceName().equals(host(destination)));
            } else if (isExperiment(destination)) {
                destinations.remove(i);
            }
        }
        for (Destination destination : toCome) {
            ObjectNode added = destinations.addObject();
            added.put("weight", destination.weight());
            added.putObject("destination").put("host", destination.serviceName());
        }
    }

    private void writeManaged(ArrayNode http, Routing routing) {
        List<JsonNode> sources = httpSelected(http);
        List<JsonNode> all = new ArrayList<>();
        for (String name : managedRoutes) {
            routing.routes().stream()
                    .filter(r -> r.name().equals(name))
                    .forEach(r -> all.add(managed(r, sources.getFirst(), http)));
        }
        http.forEach(
                r -> {
                    if (!isManaged(r)) {
                        all.add(r);
                    }
                });
        http.removeAll();
        http.addAll(all);
    }

    /// The route as it shall be; the one that is there where it says the same.
    private JsonNode managed(ManagedRoute managed, JsonNode source, ArrayNode http) {
        ObjectNode route = Owned.JSON.objectNode().put("name", managed.name());
        if (managed.mirror()) {
            IstioMatches.mirrored(managed.match(), route.putArray("match"));
            route.set("route", source.path("route").deepCopy());
            route.set("mirror", canary(source));
            route.putObject("mirrorPercentage")
                    .put("value", managed.percentage().orElse(Capabilities.PERCENT));
        } else {
            IstioMatches.headers(managed.match(), route.putArray("match"));
            ObjectNode destination = route.putArray("route").addObject();
            destination.set("destination", canary(source));
            destination.put("weight", Capabilities.PERCENT);
        }
        return httpNamed(http, managed.name())
                .filter(present -> Owned.covers(present, route))
                .orElse(route);
    }

    /// Where the canary is, for a route of ours.
    private ObjectNode canary(JsonNode source) {
        ObjectNode destination = Owned.JSON.objectNode();
        destination.put("host", subsets.map(Subsets::host).orElse(pair.canary()));
        subsets.ifPresent(s -> destination.put("subset", s.canary()));
        for (JsonNode present : source.path("route")) {
            if (isCanary(present) && present.path("destination").has("port")) {
                destination.set("port", present.path("destination").path("port").deepCopy());
            }
        }
        return destination;
    }

    private List<JsonNode> selected(JsonNode object) {
        JsonNode spec = object.path("spec");
        List<JsonNode> routes = new ArrayList<>(httpSelected(spec.path("http")));
        routes.addAll(tlsSelected(spec.path("tls")));
        routes.addAll(tcpSelected(spec.path("tcp")));
        return routes;
    }

    private List<JsonNode> httpSelected(JsonNode http) {
        return config.http().isEmpty()
                ? unmanaged(http)
                : config.http().stream().flatMap(n -> httpNamed(http, n).stream()).toList();
    }

    private static Optional<JsonNode> httpNamed(JsonNode http, String name) {
        for (JsonNode route : http) {
            if (route.path("name").asText().equals(name)) {
                return Optional.of(route);
            }
        }
        return Optional.empty();
    }

    private List<JsonNode> unmanaged(JsonNode http) {
        List<JsonNode> found = new ArrayList<>();
        http.forEach(
                r -> {
                    if (!isManaged(r)) {
                        found.add(r);
                    }
                });
        return found;
    }

    private List<JsonNode> tlsSelected(JsonNode tls) {
        List<JsonNode> found = new ArrayList<>();
        for (JsonNode route : tls) {
            if (config.tls().isEmpty()
                    || config.tls().stream().anyMatch(m -> IstioMatches.matches(route, m))) {
                found.add(route);
            }
        }
        return found;
    }

    private List<JsonNode> tcpSelected(JsonNode tcp) {
        List<JsonNode> found = new ArrayList<>();
        for (JsonNode route : tcp) {
            boolean matches = config.tcpPorts().isEmpty();
            for (JsonNode match : route.path("match")) {
                matches |= config.tcpPorts().contains(match.path("port").asLong(-1));
            }
            if (matches) {
                found.add(route);
            }
        }
        return found;
    }

    private boolean isManaged(JsonNode route) {
        return managedRoutes.contains(route.path("name").asText());
    }

    private boolean isCanary(JsonNode destination) {
        return subsets.map(s -> isSubset(destination, s.canary()))
                .orElseGet(() -> host(destination).equals(pair.canary()));
    }

    private boolean isStable(JsonNode destination) {
        return subsets.map(s -> isSubset(destination, s.stable()))
                .orElseGet(() -> host(destination).equals(pair.stable()));
    }

    private static boolean isSubset(JsonNode destination, String name) {
        return destination.path("destination").path("subset").asText().equals(name);
    }

    private boolean isOthersSubset(JsonNode destination) {
        return subsets.map(
                        s ->
                                s.additional()
                                        .contains(
                                                destination
                                                        .path("destination")
                                                        .path("subset")
                                                        .asText()))
                .orElse(false);
    }

    private boolean isExperiment(JsonNode destination) {
        return !isCanary(destination)
                && !isStable(destination)
                && !isOthersSubset(destination)
                && weight(destination) > 0;
    }

    private static long weight(JsonNode destination) {
        return destination.path("weight").asLong();
    }

    /// The Service's name, whether the host is written short or whole.
    private static String host(JsonNode destination) {
        String host = destination.path("destination").path("host").asText();
        int dot = host.indexOf('.');
        return dot < 0 ? host : host.substring(0, dot);
    }

    /// Status is optional with Istio: where it is missing or behind, the drain bound is all there
    /// is.
    @Override
    public Acknowledgement acknowledgement(JsonNode object) {
        JsonNode status = object.path("status");
        long generation = object.path("metadata").path("generation").asLong();
        if (status.path("observedGeneration").asLong(-1) < generation) {
            return Acknowledgement.none();
        }
        for (JsonNode message : status.path("validationMessages")) {
            if (message.path("level").asText().equals("ERROR")) {
                return new Acknowledgement(
                        EvidenceLevel.CONTROLLER,
                        true,
                        Optional.of(
                                message.path("type").path("code").asText()
                                        + ": see "
                                        + message.path("documentationUrl").asText()));
            }
        }
        return new Acknowledgement(EvidenceLevel.CONTROLLER, true, Optional.empty());
    }
}
