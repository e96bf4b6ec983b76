package dev.sluice.rollout.core.validation;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class CanaryRulesTest {
    private static final ObjectMapper MAPPER = new ObjectMapper();
    private static final String GATEWAY =
            "'trafficRouting':{'plugins':{'argoproj-labs/gatewayAPI':{}},'managedRoutes':[{'name':'r'}]}";
    private static final String BOTH = "'stableService':'s','canaryService':'c',";

    private static JsonNode json(String text) throws JsonProcessingException {
        return MAPPER.readTree(text.replace('\'', '"'));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "'pingPong':{'pingService':'a','pongService':'b'},'trafficRouting':{'nginx':{}} |"
                        + " Ping-pong feature works with the ALB, Istio, and plugin-based traffic"
                        + " routers only",
                "'pingPong':{'pingService':'a'},'trafficRouting':{'plugins':{'argoproj-labs/gatewayAPI':{}}}"
                        + " | Ping service and Pong service must to be set to use Ping-Pong feature",
                "'pingPong':{'pingService':'a','pongService':'a'} | This rollout uses the same"
                        + " service for the ping and pong services, but two different services are"
                        + " required.",
                "'pingPong':{'pingService':'a','pongService':'b'},'trafficRouting':{'alb':{'ingress':'i'}}"
                        + " | Root service field is required for the configuration with ALB and"
                        + " ping-pong feature enabled",
                "'trafficRouting':{'nginx':{}} | Canary service and Stable service must to be set"
                        + " to use Traffic Routing",
                "'dynamicStableScale':true"
                        + " | Canary dynamicStableScale can only be used with traffic routing",
                "'scaleDownDelaySeconds':5"
                        + " | Canary scaleDownDelaySeconds can only be used with traffic routing",
            })
    void refusesAStrategyThatCannotWork(String canary, String detail) throws Exception {
        assertThat(CanaryRules.firstError(json("{" + canary + "}")).orElse("")).endsWith(detail);
    }

    @Test
    void refusesDynamicStableScaleWithADelay() throws Exception {
        String canary =
                "{" + BOTH + GATEWAY + ",'dynamicStableScale':true,'scaleDownDelaySeconds':5}";
        assertThat(CanaryRules.firstError(json(canary)).orElse(""))
                .endsWith("Canary dynamicStableScale cannot be used with scaleDownDelaySeconds");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "{'setHeaderRoute':{'name':'r','match':[{'headerName':'h','headerValue':{}}]}} |"
                        + " StringMatch value missed, match value must have one of the following:"
                        + " exact, regex, prefix",
                "{'setHeaderRoute':{'name':'r','match':[{'headerName':'h','headerValue':{'exact':'a','prefix':'b'}}]}}"
                        + " | StringMatch match value must have exactly one of the following: exact,"
                        + " regex, prefix",
                "{'setHeaderRoute':{'name':'x','match':[{'headerName':'h','headerValue':{'exact':'a'}}]}}"
                        + " | Steps define a route that does not exist in"
                        + " spec.strategy.canary.trafficRouting.managedRoutes",
                "{'setMirrorRoute':{'name':'r','match':[{'method':{'exact':'GET','regex':'x'}}]}} |"
                        + " StringMatch match value must have exactly one of the following: exact,"
                        + " regex, prefix",
                "{'setMirrorRoute':{'name':'x'}} | Steps define a route that does not exist in"
                        + " spec.strategy.canary.trafficRouting.managedRoutes",
                "{'setWeight':101} | SetWeight needs to be between 0 and 100",
                "{'pause':{'duration':'-3s'}} | Duration needs to be greater than 0",
                "{} | Step must have one of the following set: experiment, setWeight,"
                        + " setCanaryScale, plugin or pause",
            })
    void refusesAStepThatCannotBeTaken(String step, String detail) throws Exception {
        String canary = "{" + BOTH + GATEWAY + ",'steps':[" + step + "]}";
        assertThat(CanaryRules.firstError(json(canary)).orElse(""))
                .startsWith("spec.strategy.steps[0]")
                .endsWith(detail);
    }

    @ParameterizedTest
    @ValueSource(strings = {"setHeaderRoute", "setMirrorRoute"})
    void refusesAManagedRouteThatIsNotDeclared(String kind) throws Exception {
        String canary =
                "{"
                        + BOTH
                        + "'trafficRouting':{'plugins':{'argoproj-labs/gatewayAPI':{}}},'steps':[{'"
                        + kind
                        + "':{'name':'r'}}]}";
        assertThat(CanaryRules.firstError(json(canary)).orElse(""))
                .endsWith(
                        "Rollout has missing field"
                                + " 'spec.strategy.canary.trafficRouting.managedRoutes'");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "setHeaderRoute | SetHeaderRoute requires TrafficRouting, supports Istio and ALB"
                        + " and Apisix",
                "setMirrorRoute | SetMirrorRoute requires TrafficRouting, supports Istio and"
                        + " Plugins",
            })
    void refusesARouteThatTheRouterCannotHave(String kind, String detail) throws Exception {
        String canary =
                "{"
                        + BOTH
                        + "'trafficRouting':{'nginx':{}},'steps':[{'"
                        + kind
                        + "':{'name':'r'}}]}";
        assertThat(CanaryRules.firstError(json(canary)).orElse("")).endsWith(detail);
    }

    @Test
    void refusesAnInexactHeaderForAlb() throws Exception {
        String canary =
                "{"
                        + BOTH
                        + "'trafficRouting':{'alb':{'ingress':'i'},'managedRoutes':[{'name':'r'}]},'steps':["
                        + "{'setHeaderRoute':{'name':'r','match':[{'headerName':'h','headerValue':{'prefix':'a'}}]}}]}";
        assertThat(CanaryRules.firstError(json(canary)).orElse(""))
                .endsWith("SetHeaderRoute match value invalid. ALB supports 'exact' value only");
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
