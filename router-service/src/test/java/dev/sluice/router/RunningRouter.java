package dev.sluice.router;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import dev.sluice.testkit.ServiceProcess;
import dev.sluice.testkit.StackSession;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import org.awaitility.core.ConditionFactory;

/// The packaged service in a namespace of its own, with waiting times that suit tests.
final class RunningRouter implements AutoCloseable {
    private final ServiceProcess service;

    private RunningRouter(ServiceProcess service) {
        this.service = service;
    }

    /// @param settings of this test, such as `SLUICE_ROUTER_READ_BACK`
    static RunningRouter start(StackSession session, Map<String, String> settings) {
        Map<String, String> environment = new LinkedHashMap<>(session.serviceEnvironment());
        environment.put("SLUICE_ROUTER_RECHECK", "300ms");
        environment.put("SLUICE_ROUTER_RECHECK_INVALID", "1s");
        environment.putAll(settings);
        return new RunningRouter(
                ServiceProcess.start("router-service", session.stack(), environment));
    }

    static ConditionFactory soon() {
        return await().atMost(Duration.ofSeconds(90));
    }

    /// Waits for the evidence that the plan is carried out as a whole.
    static void awaitComplete(Shop shop, long plan) {
        soon().untilAsserted(
                        () -> {
                            JsonNode evidence = shop.evidence();
                            assertThat(evidence.path("plan").asLong())
                                    .as("evidence: %s", evidence)
                                    .isEqualTo(plan);
                            assertThat(evidence.path("partial").asBoolean(true))
                                    .as("evidence: %s", evidence)
                                    .isFalse();
                        });
    }

    @Override
    public void close() {
        service.close();
    }
}
