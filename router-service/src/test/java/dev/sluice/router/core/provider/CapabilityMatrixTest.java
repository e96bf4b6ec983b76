package dev.sluice.router.core.provider;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.router.core.EvidenceLevel;
import dev.sluice.router.core.TrafficPlan;
import dev.sluice.router.core.provider.Capabilities.Feature;
import dev.sluice.router.core.provider.RouterCatalog.Entry;
import dev.sluice.router.core.provider.RouterCatalog.Trial;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/// `docs/routers.md` is written from what the providers declare. `-Dgolden.update=true` writes it.
class CapabilityMatrixTest {

    private static final Path PAGE = Path.of("../docs/routers.md");

    @Test
    void thePageSaysWhatTheProvidersDeclare() throws IOException {
        // When
        String page = page();
        // Then
        if (Boolean.getBoolean("golden.update")) {
            Files.writeString(PAGE, page);
        }
        assertThat(page).isEqualTo(Files.readString(PAGE));
    }

    @Test
    void whatIsNotDeclaredIsRefusedByName() {
        // Given
        TrafficPlan plan =
                new TrafficPlan(
                        1,
                        1,
                        Instant.EPOCH,
                        false,
                        1000,
                        "stable",
                        List.of(),
                        Optional.of(0),
                        List.of(new TrafficPlan.Destination("try", "x", 5)),
                        List.of(),
                        Map.of(),
                        false);
        // When
        Optional<String> experiments = NginxProvider.CAPABILITIES.refusal("nginx", plan, false);
        Optional<String> parts = IstioProvider.CAPABILITIES.refusal("istio", plan, false);
        Optional<String> none = GatewayProvider.CAPABILITIES.refusal("gateway", plan, true);
        // Then
        assertThat(experiments)
                .hasValueSatisfying(m -> assertThat(m).contains("weights of experiments", "try"));
        assertThat(parts).hasValueSatisfying(m -> assertThat(m).contains("at most 100 parts"));
        assertThat(none).isEmpty();
    }

    private static String page() {
        String head =
                """
                # Routers

                What each router can be asked for. A release that asks for more is refused with the reason, and traffic stays where
                it is. This page is written from the code: `CapabilityMatrixTest` fails where it differs.

                **Evidence** is how a change is known to be in force. `Controller`: the router's controller has accepted this very
                generation. `Written`: nobody says; the former configuration counts as in use until the drain bound has passed
                (`sluice.router.drain.*`), and so capacity is kept.
                **Tried with** is what the tests have the router do (`GatewayTrafficE2E`, `IstioTrafficE2E`, `RouterKindsIT`).

                | Router | `trafficRouting.` | Parts | %s | A user stays on one version | Evidence | Change is seen by | Tried with |
                |---|---|---|%s---|---|---|---|
                """
                        .formatted(
                                Stream.of(Feature.values())
                                        .map(Feature::text)
                                        .collect(Collectors.joining(" | ")),
                                "---|".repeat(Feature.values().length));
        String rows =
                RouterCatalog.entries().stream()
                        .filter(e -> !e.through())
                        .map(CapabilityMatrixTest::row)
                        .collect(Collectors.joining());
        String remarks =
                RouterCatalog.entries().stream()
                        .filter(e -> !e.remark().isEmpty())
                        .map(e -> "- **%s:** %s.\n".formatted(e.name(), e.remark()))
                        .collect(Collectors.joining());
        String proven =
                RouterCatalog.entries().stream()
                        .filter(e -> e.through() && e.trial() == Trial.PROXY)
                        .map(Entry::name)
                        .collect(Collectors.joining(", "));
        String through =
                RouterCatalog.entries().stream()
                        .filter(Entry::through)
                        .map(Entry::name)
                        .collect(Collectors.joining(", "));
        return head
                + rows
                + "\nAWS App Mesh is refused: its maker has retired it. A router that is not listed is"
                + " refused by name.\n\n## Remarks\n\n"
                + remarks
                + "\n## Through the Gateway API\n\n"
                + through
                + " and every other implementation of the Gateway API are configured with"
                + "\n`plugins.argoproj-labs/gatewayAPI`, as their users do. The row of the Gateway API"
                + " holds for them as far as the\nimplementation itself conforms: weights are core,"
                + " GRPCRoute, TCPRoute, TLSRoute and request mirroring are not everywhere.\nOne that"
                + " lacks something says so in the route's status, and the plan is reported as"
                + " `Rejected` with its words.\nTried with a real proxy under load: "
                + proven
                + ", with Envoy. The others have not been run here.\n";
    }

    private static String row(Entry entry) {
        Capabilities can = entry.capabilities();
        String features =
                Stream.of(Feature.values())
                        .map(f -> can.features().contains(f) ? "yes" : "no")
                        .collect(Collectors.joining(" | "));
        return "| %s | `%s` | %s | %s | %s | %s | %s | %s |\n"
                .formatted(
                        entry.name(),
                        entry.key(),
                        can.maxWeight() == Integer.MAX_VALUE ? "any" : can.maxWeight(),
                        features,
                        can.sessions(),
                        can.evidence() == EvidenceLevel.CONTROLLER
                                ? "`Controller` or `Written`"
                                : "`" + can.evidence().wireName() + "`",
                        can.propagation(),
                        entry.trial().text());
    }
}
