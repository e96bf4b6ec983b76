package dev.sluice.router.core.provider;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sluice.router.core.Change;
import dev.sluice.router.core.ObjectRef;
import dev.sluice.router.core.RolloutReader;
import dev.sluice.router.core.RolloutView;
import dev.sluice.router.core.RouteState;
import dev.sluice.router.core.RouterConfig;
import dev.sluice.router.core.Selection;
import dev.sluice.router.core.Snapshot;
import dev.sluice.router.core.TrafficPlan;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// One folder per case: `in-*.json` are the Rollout and the objects, `out.json` is what each
/// router reads from them and the writes that carry out the plan. `-Dgolden.update=true` writes
/// `out.json`.
class ProviderGoldenTest {

    private static final ObjectMapper JSON =
            new ObjectMapper()
                    .enable(SerializationFeature.INDENT_OUTPUT)
                    .enable(SerializationFeature.ORDER_MAP_ENTRIES_BY_KEYS);
    private static final Path CASES = Path.of("src/test/resources/ProviderGoldenTest");
    private static final Instant NOW = Instant.parse("2026-03-01T10:00:00Z");
    private static final Provider.Setup SETUP =
            new Provider.Setup(
                    new Provider.DrainBounds(
                            Duration.ofSeconds(3),
                            Duration.ofSeconds(10),
                            Duration.ofSeconds(10),
                            Duration.ofSeconds(10),
                            Duration.ofSeconds(60),
                            Duration.ofSeconds(15)),
                    new Provider.ApiVersions(
                            "networking.istio.io/v1alpha3",
                            "split.smi-spec.io/v1alpha1",
                            "getambassador.io/v2",
                            "traefik.io/v1alpha1"));

    static List<String> cases() throws IOException {
        try (Stream<Path> folders = Files.list(CASES)) {
            return folders.map(p -> p.getFileName().toString()).sorted().toList();
        }
    }

    @ParameterizedTest
    @MethodSource("cases")
    void writesExactlyTheOwnedFields(String name) throws IOException {
        // Given
        Path folder = CASES.resolve(name);
        RolloutView rollout = RolloutReader.read(read(folder.resolve("in-rollout.json")));
        Snapshot seen = objects(folder);
        // When
        String result = JSON.writeValueAsString(outcome(rollout, seen)) + "\n";
        // Then
        Path expected = folder.resolve("out.json");
        if (Boolean.getBoolean("golden.update")) {
            Files.writeString(expected, result);
        }
        assertThat(result).isEqualTo(Files.readString(expected));
    }

    private static ObjectNode outcome(RolloutView rollout, Snapshot objects) {
        ObjectNode all = JSON.createObjectNode();
        TrafficPlan plan = rollout.plan().orElseThrow();
        ArrayNode selectors = all.putArray("selectors");
        ServiceSelectors services = new ServiceSelectors(rollout, SETUP.drain().services());
        for (TrafficPlan.ServiceTarget target : plan.services()) {
            if (objects.find(ObjectRef.service(rollout.namespace(), target.name())).isPresent()) {
                selectors.add(
                        json(
                                services.point(
                                        objects,
                                        plan,
                                        target.name(),
                                        target.podTemplateHash(),
                                        List.of(),
                                        NOW)));
            }
        }
        ArrayNode routers = all.putArray("routers");
        for (RouterConfig config : rollout.routers()) {
            Provider provider = Provider.of(config, rollout, SETUP);
            Snapshot seen = selected(objects, provider);
            ObjectNode router = routers.addObject().put("router", provider.name());
            switch (Provider.reading(provider, rollout, seen, plan, NOW)) {
                case Provider.Reading.Unusable(var reason, String message) ->
                        router.put("unusable", reason.wireName() + ": " + message);
                case Provider.Reading.Routes(
                                List<RouteState> routes,
                                List<Provider.Subset> subsets) -> {
                    for (Provider.Subset subset : subsets) {
                        router.withArrayProperty("subsets").add(subset.toString());
                        router.withArrayProperty("points")
                                .add(
                                        json(
                                                provider.point(
                                                        seen,
                                                        plan,
                                                        subset.name(),
                                                        Optional.of(subset.target()),
                                                        NOW)));
                    }
                    for (RouteState route : routes) {
                        router.withArrayProperty("read").add(route.toString());
                        Change change =
                                provider.desired(seen, plan, route.ref(), plan.routing(), NOW);
                        router.withArrayProperty("writes").add(json(change));
                    }
                }
            }
        }
        return all;
    }

    /// What the API server would find by labels.
    private static Snapshot selected(Snapshot seen, Provider provider) {
        Map<Selection, List<ObjectRef>> found = new LinkedHashMap<>();
        for (Selection selection : provider.selections()) {
            String[] label = selection.labels().split("=", -1);
            found.put(
                    selection,
                    seen.objects().entrySet().stream()
                            .filter(e -> e.getKey().kind().equals(selection.kind()))
                            .filter(
                                    e ->
                                            e.getValue()
                                                    .path("metadata")
                                                    .path("labels")
                                                    .path(label[0])
                                                    .asText()
                                                    .equals(label[1]))
                            .map(Map.Entry::getKey)
                            .toList());
        }
        return new Snapshot(seen.objects(), found);
    }

    private static ObjectNode json(Change change) {
        ObjectNode node = JSON.createObjectNode().put("object", change.ref().toString());
        return switch (change) {
            case Change.Create(_, ObjectNode body) -> node.set("create", body);
            case Change.Merge(_, ObjectNode patch) -> node.set("merge", patch);
            case Change.Operations(_, ArrayNode operations) -> node.set("operations", operations);
            case Change.Delete(_, String uid, String version) ->
                    node.put("delete", uid + " at " + version);
        };
    }

    private static Snapshot objects(Path folder) throws IOException {
        Map<ObjectRef, JsonNode> objects = new LinkedHashMap<>();
        try (Stream<Path> files = Files.list(folder)) {
            files.filter(f -> f.getFileName().toString().startsWith("in-"))
                    .filter(f -> !f.getFileName().toString().equals("in-rollout.json"))
                    .map(ProviderGoldenTest::read)
                    .forEach(
                            o ->
                                    objects.put(
                                            new ObjectRef(
                                                    o.path("apiVersion").asText(),
                                                    o.path("kind").asText(),
                                                    o.path("metadata").path("namespace").asText(),
                                                    o.path("metadata").path("name").asText()),
                                            o));
        }
        return new Snapshot(objects);
    }

    private static JsonNode read(Path file) {
        try {
            return JSON.readTree(file.toFile());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
