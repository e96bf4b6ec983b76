package dev.sluice.rollout.core.validation;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import org.junit.jupiter.api.Test;

class CanaryRulesTest {
    private static final ObjectMapper MAPPER = new ObjectMapper();
    private static final String GATEWAY =
            "'trafficRouting':{'plugins':{'argoproj-labs/gatewayAPI':{}},'managedRoutes':[{'name':'r'}]}";
    private static final String BOTH = "'stableService':'s','canaryService':'c',";

    private static JsonNode json(String text) throws JsonProcessingException {
        return MAPPER.readTree(text.replace('\'', '"'));
    }

    @Test
    void acceptsDynamicScalePingPongAndManagedRoutes() throws Exception {
        String canary =
                "{'pingPong':{'pingService':'a','pongService':'b'},'dynamicStableScale':true,"
                        + GATEWAY
                        + ",'steps':[{'setCanaryScale':{'replicas':1}},{'setHeaderRoute':{'name':'r',"
                        + "'match':[{'headerName':'h','headerValue':{'regex':'a.*'}}]}},"
                        + "{'setMirrorRoute':{'name':'r','percentage':5,'match':[{'path':{'prefix':'/'}}]}},"
                        + "{'setHeaderRoute':{'name':'r'}}]}";
        assertThat(CanaryRules.firstError(json(canary))).isEmpty();
    }

    @Test
    void refusesAppMesh() throws Exception {
        String canary = "{" + BOTH + "'trafficRouting':{'appMesh':{}}}";
        assertThat(CanaryRules.firstError(json(canary)).orElse(""))
                .contains("Forbidden: the traffic router appMesh is not supported");
    }
}
