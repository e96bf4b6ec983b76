package dev.sluice.router.core;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class RolloutReaderTest {
    private static final String FORMER =
            "{\"stableService\":\"stable\",\"canaryService\":\"canary\","
                    + "\"trafficRouting\":{\"nginx\":{\"stableIngress\":\"web\"},\"managedRoutes\":[{\"name\":\"beta\"}]}}";

    private static RolloutView read(String strategy, String plan) throws JsonProcessingException {
        return RolloutReader.read(
                new ObjectMapper()
                        .readTree(
                                "{\"metadata\":{\"name\":\"web\",\"namespace\":\"shop\",\"uid\":\"u\"},"
                                        + "\"spec\":{\"strategy\":"
                                        + strategy
                                        + "},\"status\":{\"trafficPlan\":"
                                        + plan
                                        + "}}"));
    }

    private static String plan(String carriage) {
        return "{\"id\":3,\"anchor\":\"stable\",\"services\":[{\"name\":\"stable\",\"role\":\"stable\",\"podTemplateHash\":\"a\"},"
                + "{\"name\":\"canary\",\"role\":\"canary\",\"podTemplateHash\":\"b\"}],"
                + "\"weights\":{\"canary\":25,\"stable\":75}"
                + carriage
                + "}";
    }

    @Test
    void aPlanIsCarriedOutByTheRoutersThatItWasWrittenFor_B7() throws JsonProcessingException {
        RolloutView view =
                read(
                        "{\"blueGreen\":{\"activeService\":\"active\"}}",
                        plan(",\"carriage\":" + FORMER));
        assertThat(view.routers()).extracting(RouterConfig::name).containsExactly("nginx");
        assertThat(view.managedRoutes()).containsExactly("beta");
        assertThat(view.stableService()).isEqualTo(Optional.of("stable"));
        assertThat(view.canaryService()).isEqualTo(Optional.of("canary"));
    }

    /// Without the revision in its selector a Service that still has a share leads to every pod.
    @Test
    void servicesOfThePlanAreReferredToThoughTheSpecNamesOthers_B7()
            throws JsonProcessingException {
        RolloutView view =
                read(
                        "{\"blueGreen\":{\"activeService\":\"active\"}}",
                        plan(",\"carriage\":" + FORMER));
        assertThat(view.referencedServices()).contains("active", "stable", "canary");
    }

    @Test
    void aPlanWithoutRoutersOfItsOwnIsCarriedOutByThoseOfTheSpec() throws JsonProcessingException {
        RolloutView view =
                read(
                        "{\"canary\":{\"stableService\":\"s\",\"canaryService\":\"c\","
                                + "\"trafficRouting\":{\"smi\":{}}}}",
                        plan(""));
        assertThat(view.routers()).extracting(RouterConfig::name).containsExactly("smi");
        assertThat(view.stableService()).isEqualTo(Optional.of("s"));
    }
}
