package dev.sluice.router;

import static dev.sluice.router.RunningRouter.awaitComplete;
import static dev.sluice.router.RunningRouter.soon;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.sluice.testkit.Part;
import dev.sluice.testkit.SluiceStack;
import dev.sluice.testkit.StackSession;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/// Every kind of router, on a real API server with the router's own schema: what is written is
/// valid, does what the plan says, and comes to rest although the server adds defaults.
@SluiceStack(Part.NODES)
class RouterKindsIT {

    private static final String GATEWAY = "gateway.networking.k8s.io/v1";
    private static final String ISTIO = "networking.istio.io/v1";
    private static final String HEADER =
            "{\"name\":\"qa\",\"match\":[{\"headerName\":\"x-team\",\"headerValue\":{\"exact\":\"qa\"}}]}";
    private static final String MIRROR =
            "{\"name\":\"shadow\",\"mirror\":true,\"percentage\":35,"
                    + "\"match\":[{\"method\":{\"exact\":\"GET\"},\"path\":{\"prefix\":\"/read\"}}]}";
    private static final String MANAGED =
            "\"managedRoutes\":[{\"name\":\"qa\"},{\"name\":\"shadow\"}]";

    private static RunningRouter router;
    private static StackSession session;

    @BeforeAll
    static void start(StackSession opened) {
        session = opened;
        for (RouterCrds definition : RouterCrds.values()) {
            if (definition != RouterCrds.TRAEFIK_SERVICES) { // comes later, on purpose
                definition.install(session.stack().controlPlane());
            }
        }
        Map<String, String> settings = new LinkedHashMap<>();
        settings.put("SLUICE_ROUTER_PLAN_GRACE", "300ms");
        settings.put("SLUICE_ROUTER_ABORT_GRACE", "300ms");
        for (String kind : List.of("SERVICES", "NGINX", "GATEWAY", "ISTIO", "ALB", "OTHERS")) {
            settings.put("SLUICE_ROUTER_DRAIN_" + kind, "1s");
        }
        settings.put("SLUICE_ROUTER_READ_BACK", "1s");
        settings.put("SLUICE_ROUTER_READ_BACK_IDLE", "1s");
        settings.put("SLUICE_ROUTER_API_SMI", "split.smi-spec.io/v1alpha3");
        router = RunningRouter.start(session, settings);
    }

    @AfterAll
    static void stop() {
        router.close();
    }

    private static Shop shop(String name, String routing) {
        Shop shop = new Shop(session, name).pods("v1", 5).pods("v2", 3);
        shop.create(routing.replace("NAME", name), 5);
        return shop;
    }

    @Test
    void httpRoutesWithHeaderAndMirrorRoutes() {
        // Given
        Shop shop =
                shop(
                        "http",
                        "{\"plugins\":{\"argoproj-labs/gatewayAPI\":{\"httpRoute\":\"NAME\"}},"
                                + MANAGED
                                + "}");
        shop.createObject(
                """
                {"apiVersion":"gateway.networking.k8s.io/v1","kind":"HTTPRoute","metadata":{"name":"NAME"},
                 "spec":{"parentRefs":[{"name":"edge"}],"rules":[{"timeouts":{"request":"5s"},"backendRefs":[
                  {"name":"NAME-stable","port":80,"weight":100,"filters":[{"type":"RequestHeaderModifier",
                    "requestHeaderModifier":{"set":[{"name":"a","value":"b"}]}}]},
                  {"name":"NAME-canary","port":80,"weight":0}]}]}}
                """);
        // When
        shop.planRoutes(1, 40, "[" + HEADER + "," + MIRROR + "]");
        // Then
        awaitComplete(shop, 1);
        JsonNode rules = shop.object(GATEWAY, "HTTPRoute", "http").path("spec").path("rules");
        assertThat(names(rules)).containsExactly("", "qa", "shadow");
        assertThat(weights(rules.path(0).path("backendRefs"))).containsExactly(60, 40);
        assertThat(rules.path(0).path("timeouts").path("request").asText()).isEqualTo("5s");
        assertThat(rules.path(0).path("backendRefs").path(0).path("filters").size()).isEqualTo(1);
        assertThat(rules.path(1).path("backendRefs").size()).isEqualTo(1);
        assertAtRest(shop, GATEWAY, "HTTPRoute", "http");
        shop.plan(2, "v1", "v2", 0, true);
        awaitComplete(shop, 2);
        JsonNode after = shop.object(GATEWAY, "HTTPRoute", "http").path("spec").path("rules");
        assertThat(names(after)).containsExactly("");
        assertThat(weights(after.path(0).path("backendRefs"))).containsExactly(100, 0);
    }

    @Test
    void grpcTcpAndTlsRoutesTogetherAndByLabels() {
        // Given
        Shop shop =
                shop(
                        "kinds",
                        """
                        {"plugins":{"argoproj-labs/gatewayAPI":{"grpcRoute":"NAME","tcpRoute":"NAME",
                          "tlsRouteSelector":{"matchLabels":{"team":"NAME"}}}},"managedRoutes":[{"name":"qa"}]}
                        """);
        for (String kind : List.of("v1 GRPCRoute", "v1alpha2 TCPRoute", "v1alpha2 TLSRoute")) {
            shop.createObject(
                    """
                    {"apiVersion":"gateway.networking.k8s.io/VERSION","kind":"KIND","metadata":{"name":"NAME","labels":{"team":"NAME"}},
                     "spec":{HOSTS"rules":[{"backendRefs":[{"name":"NAME-stable","port":80,"weight":100},{"name":"NAME-canary","port":80,"weight":0}]}]}}
                    """
                            .replace(
                                    "HOSTS",
                                    kind.endsWith("TLSRoute")
                                            ? "\"hostnames\":[\"kinds.example\"],"
                                            : "")
                            .replace("VERSION", kind.substring(0, kind.indexOf(' ')))
                            .replace("KIND", kind.substring(kind.indexOf(' ') + 1)));
        }
        // When
        shop.planRoutes(1, 40, "[" + HEADER + "]");
        // Then
        awaitComplete(shop, 1);
        JsonNode grpc = shop.object(GATEWAY, "GRPCRoute", "kinds").path("spec").path("rules");
        assertThat(names(grpc)).containsExactly("", "qa");
        for (String kind : List.of("TCPRoute", "TLSRoute")) {
            JsonNode rules =
                    shop.object("gateway.networking.k8s.io/v1alpha2", kind, "kinds")
                            .path("spec")
                            .path("rules");
            assertThat(weights(rules.path(0).path("backendRefs"))).containsExactly(60, 40);
        }
        assertAtRest(shop, GATEWAY, "GRPCRoute", "kinds");
    }

    @Test
    void r8WaitsForEveryParentOfARoute() {
        // Given
        Shop shop =
                shop(
                        "parents",
                        "{\"plugins\":{\"argoproj-labs/gatewayAPI\":{\"httpRoute\":\"NAME\"}}}");
        shop.createObject(
                """
                {"apiVersion":"gateway.networking.k8s.io/v1","kind":"HTTPRoute","metadata":{"name":"NAME"},
                 "spec":{"parentRefs":[{"name":"edge"}],"rules":[{"backendRefs":[
                  {"name":"NAME-stable","port":80,"weight":100},{"name":"NAME-canary","port":80,"weight":0}]}]}}
                """);
        parent(shop, 1);
        // When
        shop.plan(1, "v1", "v2", 40, false);
        // Then
        soon().untilAsserted(
                        () -> assertThat(weights(parentsBackends(shop))).containsExactly(60, 40));
        soon().during(Duration.ofSeconds(2))
                .untilAsserted(
                        () ->
                                assertThat(shop.evidence().path("partial").asBoolean(true))
                                        .as("evidence: %s", shop.evidence())
                                        .isTrue());
        parent(
                shop,
                shop.object(GATEWAY, "HTTPRoute", "parents")
                        .path("metadata")
                        .path("generation")
                        .asLong());
        awaitComplete(shop, 1);
        assertThat(shop.evidence().path("level").asText()).isEqualTo("Controller");
    }

    private static JsonNode parentsBackends(Shop shop) {
        return shop.object(GATEWAY, "HTTPRoute", "parents")
                .path("spec")
                .path("rules")
                .path(0)
                .path("backendRefs");
    }

    private static void parent(Shop shop, long generation) {
        shop.patchStatus(
                GATEWAY,
                "HTTPRoute",
                "parents",
                """
                {"status":{"parents":[{"controllerName":"example.org/gateway","parentRef":{"name":"edge"},"conditions":[
                  {"type":"Accepted","status":"True","reason":"Accepted","message":"","lastTransitionTime":"2026-03-01T10:00:00Z","observedGeneration":GEN},
                  {"type":"ResolvedRefs","status":"True","reason":"ResolvedRefs","message":"","lastTransitionTime":"2026-03-01T10:00:00Z","observedGeneration":GEN}]}]}}
                """
                        .replace("GEN", Long.toString(generation)));
    }

    @Test
    void istioHostsWithHeaderAndMirrorRoutes() {
        // Given
        Shop shop =
                shop(
                        "hosts",
                        "{\"istio\":{\"virtualService\":{\"name\":\"NAME\",\"routes\":[\"primary\"]}},"
                                + MANAGED
                                + "}");
        shop.createObject(
                """
                {"apiVersion":"networking.istio.io/v1","kind":"VirtualService","metadata":{"name":"NAME"},
                 "spec":{"hosts":["NAME"],"http":[{"name":"primary","timeout":"3s","route":[
                   {"destination":{"host":"NAME-stable"},"weight":100},{"destination":{"host":"NAME-canary"},"weight":0}]},
                  {"name":"other","route":[{"destination":{"host":"elsewhere"}}]}]}}
                """);
        // When
        shop.planRoutes(1, 40, "[" + HEADER + "," + MIRROR + "]");
        // Then
        awaitComplete(shop, 1);
        JsonNode http = shop.object(ISTIO, "VirtualService", "hosts").path("spec").path("http");
        assertThat(names(http)).containsExactly("qa", "shadow", "primary", "other");
        assertThat(weights(http.path(2).path("route"))).containsExactly(60, 40);
        assertThat(http.path(2).path("timeout").asText()).isEqualTo("3s");
        assertAtRest(shop, ISTIO, "VirtualService", "hosts");
        shop.plan(2, "v1", "v2", 0, true);
        awaitComplete(shop, 2);
        JsonNode after = shop.object(ISTIO, "VirtualService", "hosts").path("spec").path("http");
        assertThat(names(after)).containsExactly("primary", "other");
        assertThat(weights(after.path(0).path("route"))).containsExactly(100, 0);
        soon().untilAsserted(
                        () -> assertThat(shop.eventReasons()).contains("Updated VirtualService"));
    }

    @Test
    void istioSubsetsArePointedBeforeTheyGetAShare() {
        // Given
        Shop shop =
                shop(
                        "subsets",
                        """
                        {"istio":{"virtualService":{"name":"NAME"},
                          "destinationRule":{"name":"NAME","canarySubsetName":"new","stableSubsetName":"old"}}}
                        """);
        shop.createObject(
                """
                {"apiVersion":"networking.istio.io/v1","kind":"DestinationRule","metadata":{"name":"NAME"},
                 "spec":{"host":"NAME","subsets":[{"name":"old","labels":{"app":"NAME"}},{"name":"new","labels":{"app":"NAME"}}]}}
                """);
        shop.createObject(
                """
                {"apiVersion":"networking.istio.io/v1","kind":"VirtualService","metadata":{"name":"NAME"},
                 "spec":{"hosts":["NAME"],"http":[{"route":[
                   {"destination":{"host":"NAME","subset":"old"},"weight":100},{"destination":{"host":"NAME","subset":"new"},"weight":0}]}]}}
                """);
        // When
        shop.plan(1, "v1", "v2", 40, false);
        // Then
        awaitComplete(shop, 1);
        JsonNode subsets =
                shop.object(ISTIO, "DestinationRule", "subsets").path("spec").path("subsets");
        assertThat(subsets.path(0).path("labels").path("rollouts-pod-template-hash").asText())
                .isEqualTo("v1");
        assertThat(subsets.path(1).path("labels").path("rollouts-pod-template-hash").asText())
                .isEqualTo("v2");
        JsonNode http = shop.object(ISTIO, "VirtualService", "subsets").path("spec").path("http");
        assertThat(weights(http.path(0).path("route"))).containsExactly(60, 40);
        assertAtRest(shop, ISTIO, "DestinationRule", "subsets");
    }

    @Test
    void anExperimentsServiceHasItsShareAndGivesItBack() {
        // Given
        Shop shop = shop("tries", "{\"istio\":{\"virtualService\":{\"name\":\"NAME\"}}}");
        shop.createObject(
                """
                {"apiVersion":"networking.istio.io/v1","kind":"VirtualService","metadata":{"name":"NAME"},
                 "spec":{"hosts":["NAME"],"http":[{"route":[
                   {"destination":{"host":"NAME-stable"},"weight":100},{"destination":{"host":"NAME-canary"},"weight":0}]}]}}
                """);
        shop.planExperiment(1, 40, "tries-a", 10);
        soon().untilAsserted(
                        () ->
                                assertThat(shop.evidence().path("message").asText())
                                        .contains("Service 'tries-a' of an experiment"));
        // When
        shop.createExperiment("tries-a", 1);
        // Then
        awaitComplete(shop, 1);
        assertThat(istioWeights(shop, "tries")).containsExactly(50, 40, 10);
        assertThat(
                        shop.evidence()
                                .path("weights")
                                .path("additional")
                                .path(0)
                                .path("weight")
                                .asInt())
                .isEqualTo(10);
        shop.plan(2, "v1", "v2", 40, false);
        awaitComplete(shop, 2);
        assertThat(istioWeights(shop, "tries")).containsExactly(60, 40);
    }

    private static List<Integer> istioWeights(Shop shop, String name) {
        return weights(
                shop.object(ISTIO, "VirtualService", name)
                        .path("spec")
                        .path("http")
                        .path(0)
                        .path("route"));
    }

    @Test
    void smiSplitsAreCreatedAndChanged() {
        // Given
        Shop shop = shop("smi", "{\"smi\":{\"rootService\":\"NAME-stable\"}}");
        shop.plan(1, "v1", "v2", 0, false);
        awaitComplete(shop, 1);
        // When
        shop.plan(2, "v1", "v2", 40, false);
        // Then
        awaitComplete(shop, 2);
        JsonNode split = shop.object("split.smi-spec.io/v1alpha3", "TrafficSplit", "smi");
        assertThat(weights(split.path("spec").path("backends"))).containsExactly(40, 60);
        soon().untilAsserted(() -> assertThat(shop.eventReasons()).contains("TrafficSplitCreated"));
    }

    @Test
    void saysThatARoutersKindIsNotInstalledAndGoesOnWhenItIs() {
        // Given
        Shop shop = shop("traefik", "{\"traefik\":{\"weightedTraefikServiceName\":\"NAME\"}}");
        shop.plan(1, "v1", "v2", 40, false);
        soon().untilAsserted(
                        () ->
                                assertThat(shop.evidence().path("message").asText())
                                        .contains("its CRD is not installed"));
        // When
        RouterCrds.TRAEFIK_SERVICES.install(session.stack().controlPlane());
        shop.createObject(
                """
                {"apiVersion":"traefik.io/v1alpha1","kind":"TraefikService","metadata":{"name":"NAME"},
                 "spec":{"weighted":{"services":[{"name":"NAME-stable","port":80,"weight":100},{"name":"NAME-canary","port":80,"weight":0}]}}}
                """);
        // Then
        awaitComplete(shop, 1);
        JsonNode found = shop.object("traefik.io/v1alpha1", "TraefikService", "traefik");
        assertThat(weights(found.path("spec").path("weighted").path("services")))
                .containsExactly(60, 40);
    }

    @Test
    void ambassadorsCanaryMappingComesAndGoes() {
        // Given
        Shop shop = shop("mapping", "{\"ambassador\":{\"mappings\":[\"NAME\"]}}");
        shop.createObject(
                """
                {"apiVersion":"getambassador.io/v2","kind":"Mapping","metadata":{"name":"NAME"},
                 "spec":{"prefix":"/shop","service":"NAME-stable:80","timeout_ms":3000}}
                """);
        // When
        shop.plan(1, "v1", "v2", 40, false);
        // Then
        awaitComplete(shop, 1);
        JsonNode canary = shop.object("getambassador.io/v2", "Mapping", "mapping-canary");
        assertThat(canary.path("spec").path("weight").asInt()).isEqualTo(40);
        assertThat(canary.path("spec").path("service").asText()).isEqualTo("mapping-canary:80");
        assertAtRest(shop, "getambassador.io/v2", "Mapping", "mapping-canary");
        shop.plan(2, "v1", "v2", 0, true);
        awaitComplete(shop, 2);
        assertThat(shop.object("getambassador.io/v2", "Mapping", "mapping-canary").isMissingNode())
                .isTrue();
    }

    @Test
    void apisixRoutesWithAHeaderRoute() {
        // Given
        Shop shop =
                shop(
                        "apisix",
                        "{\"apisix\":{\"route\":{\"name\":\"NAME\",\"rules\":[\"web\"]}},\"managedRoutes\":[{\"name\":\"qa\"}]}");
        shop.createObject(
                """
                {"apiVersion":"apisix.apache.org/v2","kind":"ApisixRoute","metadata":{"name":"NAME"},
                 "spec":{"http":[{"name":"web","match":{"paths":["/*"]},"backends":[
                  {"serviceName":"NAME-stable","servicePort":80,"weight":100},{"serviceName":"NAME-canary","servicePort":80,"weight":0}]}]}}
                """);
        // When
        shop.planRoutes(1, 40, "[" + HEADER + "]");
        // Then
        awaitComplete(shop, 1);
        JsonNode base = shop.object("apisix.apache.org/v2", "ApisixRoute", "apisix");
        assertThat(weights(base.path("spec").path("http").path(0).path("backends")))
                .containsExactly(60, 40);
        JsonNode header = shop.object("apisix.apache.org/v2", "ApisixRoute", "qa");
        assertThat(weights(header.path("spec").path("http").path(0).path("backends")))
                .containsExactly(100);
        assertAtRest(shop, "apisix.apache.org/v2", "ApisixRoute", "qa");
        shop.plan(2, "v1", "v2", 0, true);
        awaitComplete(shop, 2);
        assertThat(shop.object("apisix.apache.org/v2", "ApisixRoute", "qa").isMissingNode())
                .isTrue();
    }

    @Test
    void albActionsWithAHeaderRoute() {
        // Given
        Shop shop =
                shop(
                        "alb",
                        "{\"alb\":{\"ingress\":\"NAME\",\"servicePort\":80},\"managedRoutes\":[{\"name\":\"qa\"}]}");
        shop.createObject(
                """
                {"apiVersion":"networking.k8s.io/v1","kind":"Ingress","metadata":{"name":"NAME"},
                 "spec":{"ingressClassName":"alb","rules":[{"http":{"paths":[{"path":"/*","pathType":"ImplementationSpecific",
                  "backend":{"service":{"name":"NAME-stable","port":{"name":"use-annotation"}}}}]}}]}}
                """);
        // When
        shop.planRoutes(1, 40, "[" + HEADER + "]");
        // Then
        awaitComplete(shop, 1);
        JsonNode ingress = shop.object("networking.k8s.io/v1", "Ingress", "alb");
        assertThat(
                        ingress.path("metadata")
                                .path("annotations")
                                .path("alb.ingress.kubernetes.io/actions.alb-stable")
                                .asText())
                .contains(
                        "{\"ServiceName\":\"alb-canary\",\"ServicePort\":\"80\",\"Weight\":40}",
                        "{\"ServiceName\":\"alb-stable\",\"ServicePort\":\"80\",\"Weight\":60}");
        assertThat(ingress.path("spec").path("rules").path(0).path("http").path("paths").size())
                .isEqualTo(2);
        assertAtRest(shop, "networking.k8s.io/v1", "Ingress", "alb");
        shop.plan(2, "v1", "v2", 0, true);
        awaitComplete(shop, 2);
        JsonNode after = shop.object("networking.k8s.io/v1", "Ingress", "alb");
        assertThat(after.path("spec").path("rules").path(0).path("http").path("paths").size())
                .isEqualTo(1);
        assertThat(after.path("metadata").path("annotations").toString())
                .doesNotContain("actions.qa");
    }

    private static List<Integer> weights(JsonNode backends) {
        List<Integer> weights = new ArrayList<>();
        backends.forEach(b -> weights.add(b.path("weight").asInt()));
        return weights;
    }

    private static List<String> names(JsonNode rules) {
        List<String> names = new ArrayList<>();
        rules.forEach(r -> names.add(r.path("name").asText()));
        return names;
    }

    /// R2: read back again and again, nothing is written any more.
    private static void assertAtRest(Shop shop, String apiVersion, String kind, String name) {
        String version = version(shop, apiVersion, kind, name);
        soon().during(Duration.ofMillis(2500))
                .untilAsserted(
                        () -> assertThat(version(shop, apiVersion, kind, name)).isEqualTo(version));
        assertThat(shop.eventReasons()).doesNotContain("TrafficRoutingError");
    }

    private static String version(Shop shop, String apiVersion, String kind, String name) {
        return shop.object(apiVersion, kind, name)
                .path("metadata")
                .path("resourceVersion")
                .asText();
    }
}
