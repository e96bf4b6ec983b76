package dev.sluice.rollout.core.validation;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Every rule for a spec that can be broken without looking at other objects, in the order in
/// which users are told: what breaks it, the field that is named, and the words that users of the
/// original know.
class ValidationTableTest {
    private static final String BASE =
            """
            {"selector":{"matchLabels":{"app":"demo"}},
             "template":{"metadata":{"labels":{"app":"demo"}},"spec":{"containers":[{"name":"c","image":"i"}]}},
             "strategy":{"canary":{}}}\
            """;

    /// @param change of a valid spec, with single quotes
    /// @param path the field
    /// @param detail what the message ends with
    record Row(String change, String path, String detail) {
        @Override
        public String toString() {
            return detail + " " + change;
        }
    }

    private static Row row(String change, String path, String detail) {
        return new Row(change, path, detail);
    }

    private static Row blueGreen(String fields, String field, String detail) {
        return new Row(
                "{'strategy':{'blueGreen':{'activeService':'a'," + fields + "}}}",
                "spec.strategy." + field,
                detail);
    }

    private static Row canary(String fields, String field, String detail) {
        return new Row(
                "{'strategy':{'canary':{" + fields + "}}}", "spec.strategy." + field, detail);
    }

    /// @param field below the step
    private static Row step(String fields, String step, String field, String detail) {
        String steps = (fields.isEmpty() ? "" : fields + ",") + "'steps':[" + step + "]";
        return canary(steps, "steps[0]" + field, detail);
    }

    /// A step that needs a field elsewhere.
    private static Row needed(String fields, String step, String field, String detail) {
        return canary(fields + ",'steps':[" + step + "]", field, detail);
    }

    static Stream<Row> rows() {
        return Stream.of(
                row(
                        "{'replicas':-1}",
                        "spec.replicas",
                        "Invalid value: -1: must be greater than or equal to 0"),
                row(
                        "{'selector':null}",
                        "spec.selector",
                        "Required value: Rollout has missing field '.spec.selector'"),
                row(
                        "{'selector':{}}",
                        "spec.selector",
                        "Invalid value: {}: empty selector is invalid for deployment"),
                row(
                        "{'workloadRef':{'name':'x'}}",
                        "spec.template",
                        "Internal error: template must be empty for workload reference rollout"),
                row(
                        "{'template':{'metadata':{'labels':{'app':'other'}}}}",
                        "spec.template.metadata.labels",
                        "Invalid value: {\"app\":\"other\"}: `selector` does not match template"
                                + " `labels`"),
                row(
                        "{'minReadySeconds':-1}",
                        "spec.minReadySeconds",
                        "Invalid value: -1: must be greater than or equal to 0"),
                row(
                        "{'revisionHistoryLimit':-1}",
                        "spec.revisionHistoryLimit",
                        "Invalid value: -1: must be greater than or equal to 0"),
                row(
                        "{'progressDeadlineSeconds':-1}",
                        "spec.progressDeadlineSeconds",
                        "Invalid value: -1: must be greater than or equal to 0"),
                row(
                        "{'progressDeadlineSeconds':5,'minReadySeconds':5}",
                        "spec.progressDeadlineSeconds",
                        "Invalid value: 5: must be greater than minReadySeconds"),
                row(
                        "{'minReadySeconds':600}",
                        "spec.progressDeadlineSeconds",
                        "Invalid value: 600: must be greater than minReadySeconds"),
                row(
                        "{'strategy':{}}",
                        "spec.strategy",
                        "Required value: Rollout has missing field '.spec.strategy.canary or"
                                + " .spec.strategy.blueGreen'"),
                row(
                        "{'strategy':{'canary':{},'blueGreen':{'activeService':'a'}}}",
                        "spec.strategy",
                        "Invalid value: {\"canary\":{},\"blueGreen\":{\"activeService\":\"a\"}}:"
                                + " Multiple Strategies can not be listed"),
                blueGreen(
                        "'previewService':'a'",
                        "activeService",
                        "Invalid value: \"a\": This rollout uses the same service for the active"
                                + " and preview services, but two different services are required."),
                blueGreen(
                        "'scaleDownDelayRevisionLimit':11",
                        "scaleDownDelayRevisionLimit",
                        "Invalid value: 11: This rollout's revision history limit can not be"
                                + " smaller than the rollout's scale down limit"),
                blueGreen(
                        "'antiAffinity':{}",
                        "antiAffinity",
                        "Invalid value: {}: AntiAffinity must have exactly one strategy listed"),
                canary(
                        "'antiAffinity':{'preferredDuringSchedulingIgnoredDuringExecution':{'weight':1},'requiredDuringSchedulingIgnoredDuringExecution':{}}",
                        "antiAffinity",
                        "AntiAffinity must have exactly one strategy listed"),
                canary(
                        "'antiAffinity':{'preferredDuringSchedulingIgnoredDuringExecution':{'weight':0}}",
                        "antiAffinity.preferredDuringSchedulingIgnoredDuringExecution.weight",
                        "AntiAffinity weight must be between 1-100"),
                canary(
                        "'antiAffinity':{'preferredDuringSchedulingIgnoredDuringExecution':{'weight':101}}",
                        "antiAffinity.preferredDuringSchedulingIgnoredDuringExecution.weight",
                        "AntiAffinity weight must be between 1-100"),
                canary(
                        "'maxSurge':0,'maxUnavailable':'0%'",
                        "maxSurge", "MaxSurge and MaxUnavailable both can not be zero"),
                canary(
                        "'stableService':'a','canaryService':'a'",
                        "stableService",
                        "This rollout uses the same service for the stable and canary services, but"
                                + " two different services are required."),
                canary(
                        "'pingPong':{'pingService':'a','pongService':'b'},'trafficRouting':{'nginx':{}}",
                        "trafficRouting",
                        "Ping-pong feature works with the ALB, Istio, and plugin-based traffic"
                                + " routers only"),
                canary(
                        "'pingPong':{'pongService':'a'},'trafficRouting':{'plugins':{'argoproj-labs/gatewayAPI':{}}}",
                        "pingPong.pingService",
                        "Ping service and Pong service must to be set to use Ping-Pong feature"),
                canary(
                        "'pingPong':{'pingService':'a'},'trafficRouting':{'plugins':{'argoproj-labs/gatewayAPI':{}}}",
                        "pingPong.pongService",
                        "Ping service and Pong service must to be set to use Ping-Pong feature"),
                canary(
                        "'pingPong':{'pingService':'a','pongService':'a'}",
                        "pingPong.pingService",
                        "This rollout uses the same service for the ping and pong services, but two"
                                + " different services are required."),
                canary(
                        "'pingPong':{'pingService':'a','pongService':'b'},'trafficRouting':{'alb':{'ingress':'i'}}",
                        "trafficRouting.alb.rootService",
                        "Root service field is required for the configuration with ALB and"
                                + " ping-pong feature enabled"),
                canary(
                        "'stableService':'s','trafficRouting':{'alb':{}}",
                        "stableService",
                        "Canary service and Stable service must to be set to use Traffic Routing"),
                canary(
                        "'stableService':'s','trafficRouting':{'istio':{}}",
                        "stableService",
                        "Canary service and Stable service must to be set to use Traffic Routing"),
                canary(
                        "'stableService':'s','trafficRouting':{'smi':{}}",
                        "stableService",
                        "Canary service and Stable service must to be set to use Traffic Routing"),
                canary(
                        "'stableService':'s','trafficRouting':{'apisix':{}}",
                        "stableService",
                        "Canary service and Stable service must to be set to use Traffic Routing"),
                canary(
                        "'stableService':'s','trafficRouting':{'ambassador':{}}",
                        "stableService",
                        "Canary service and Stable service must to be set to use Traffic Routing"),
                canary(
                        "'stableService':'s','trafficRouting':{'nginx':{}}",
                        "stableService",
                        "Canary service and Stable service must to be set to use Traffic Routing"),
                canary(
                        "'stableService':'s','trafficRouting':{'appMesh':{}}",
                        "stableService",
                        "Canary service and Stable service must to be set to use Traffic Routing"),
                canary(
                        "'stableService':'s','trafficRouting':{'traefik':{}}",
                        "stableService",
                        "Canary service and Stable service must to be set to use Traffic Routing"),
                canary(
                        "'scaleDownDelaySeconds':5",
                        "scaleDownDelaySeconds",
                        "Canary scaleDownDelaySeconds can only be used with traffic routing"),
                canary(
                        "'dynamicStableScale':true",
                        "dynamicStableScale",
                        "Canary dynamicStableScale can only be used with traffic routing"),
                canary(
                        "'stableService':'s','canaryService':'c','trafficRouting':{'nginx':{}},'dynamicStableScale':true,'scaleDownDelaySeconds':5",
                        "dynamicStableScale",
                        "Canary dynamicStableScale cannot be used with scaleDownDelaySeconds"),
                canary(
                        "'stableService':'s','canaryService':'c','trafficRouting':{'smi':{},'maxTrafficWeight':1000}",
                        "trafficRouting.maxTrafficWeight",
                        "Canary maxTrafficWeight in traffic routing only supported in Nginx and"
                                + " Plugins"),
                step(
                        "",
                        "{}",
                        "",
                        "Step must have one of the following set: experiment, setWeight,"
                                + " setCanaryScale, plugin or pause"),
                step(
                        "",
                        "{'wait':1}",
                        "",
                        "Step must have one of the following set: experiment, setWeight,"
                                + " setCanaryScale, plugin or pause"),
                step(
                        "",
                        "{'setWeight':5,'pause':{}}",
                        "",
                        "Step must have one of the following set: experiment, setWeight,"
                                + " setCanaryScale, plugin or pause"),
                step(
                        "",
                        "{'analysis':{},'pause':{}}",
                        "",
                        "Step must have one of the following set: experiment, setWeight,"
                                + " setCanaryScale, plugin or pause"),
                step(
                        "",
                        "{'setWeight':-1}",
                        ".setWeight",
                        "SetWeight needs to be between 0 and 100"),
                step(
                        "",
                        "{'setWeight':101}",
                        ".setWeight",
                        "SetWeight needs to be between 0 and 100"),
                step(
                        "'stableService':'s','canaryService':'c','trafficRouting':{'nginx':{},'maxTrafficWeight':1000}",
                        "{'setWeight':1001}",
                        ".setWeight",
                        "SetWeight needs to be between 0 and 1000"),
                step(
                        "",
                        "{'pause':{'duration':-1}}",
                        ".pause.duration",
                        "Duration needs to be greater than 0"),
                step(
                        "",
                        "{'pause':{'duration':'soon'}}",
                        ".pause.duration",
                        "Duration needs to be greater than 0"),
                step(
                        "",
                        "{'setCanaryScale':{'weight':5}}",
                        ".trafficRouting",
                        "SetCanaryScale requires TrafficRouting to be set"),
                step(
                        "'stableService':'s','canaryService':'c','trafficRouting':{'nginx':{},'managedRoutes':[{'name':'r'}]}",
                        "{'setHeaderRoute':{'name':'r','match':[{'headerName':'h','headerValue':{'exact':'a'}}]}}",
                        ".setHeaderRoute",
                        "SetHeaderRoute requires TrafficRouting, supports Istio and ALB and"
                                + " Apisix"),
                step(
                        "'stableService':'s','canaryService':'c','trafficRouting':{'alb':{'ingress':'i'},'managedRoutes':[{'name':'r'}]}",
                        "{'setHeaderRoute':{'name':'r','match':[{'headerName':'h','headerValue':{'prefix':'a'}}]}}",
                        ".setHeaderRoute.match",
                        "SetHeaderRoute match value invalid. ALB supports 'exact' value only"),
                step(
                        "'stableService':'s','canaryService':'c','trafficRouting':{'alb':{'ingress':'i'},'managedRoutes':[{'name':'r'}]}",
                        "{'setHeaderRoute':{'name':'r','match':[{'headerName':'h','headerValue':{}}]}}",
                        ".setHeaderRoute.match",
                        "StringMatch value missed, match value must have one of the following:"
                                + " exact, regex, prefix"),
                step(
                        "'stableService':'s','canaryService':'c','trafficRouting':{'plugins':{'argoproj-labs/gatewayAPI':{}},'managedRoutes':[{'name':'r'}]}",
                        "{'setHeaderRoute':{'name':'r','match':[{'headerName':'h','headerValue':{'exact':'a','regex':'b'}}]}}",
                        ".setHeaderRoute.match",
                        "StringMatch match value must have exactly one of the following: exact,"
                                + " regex, prefix"),
                step(
                        "'stableService':'s','canaryService':'c','trafficRouting':{'plugins':{'argoproj-labs/gatewayAPI':{}},'managedRoutes':[{'name':'r'}]}",
                        "{'setHeaderRoute':{'name':'r','match':[{'headerName':'h','headerValue':{}}]}}",
                        ".setHeaderRoute.match",
                        "StringMatch value missed, match value must have one of the following:"
                                + " exact, regex, prefix"),
                step(
                        "'stableService':'s','canaryService':'c','trafficRouting':{'alb':{'ingress':'i'},'managedRoutes':[{'name':'r'}]}",
                        "{'setMirrorRoute':{'name':'r'}}",
                        ".setMirrorRoute",
                        "SetMirrorRoute requires TrafficRouting, supports Istio and Plugins"),
                step(
                        "'stableService':'s','canaryService':'c','trafficRouting':{'plugins':{'argoproj-labs/gatewayAPI':{}},'managedRoutes':[{'name':'r'}]}",
                        "{'setMirrorRoute':{'name':'r','match':[{'method':{'exact':'a','regex':'b'}}]}}",
                        ".setMirrorRoute.match.method",
                        "StringMatch match value must have exactly one of the following: exact,"
                                + " regex, prefix"),
                step(
                        "'stableService':'s','canaryService':'c','trafficRouting':{'plugins':{'argoproj-labs/gatewayAPI':{}},'managedRoutes':[{'name':'r'}]}",
                        "{'setMirrorRoute':{'name':'r','match':[{'path':{}}]}}",
                        ".setMirrorRoute.match.path",
                        "StringMatch value missed, match value must have one of the following:"
                                + " exact, regex, prefix"),
                needed(
                        "'stableService':'s','canaryService':'c','trafficRouting':{'plugins':{'argoproj-labs/gatewayAPI':{}}}",
                        "{'setHeaderRoute':{'name':'r','match':[{'headerName':'h','headerValue':{'exact':'a'}}]}}",
                        "canary.trafficRouting.managedRoutes",
                        "Rollout has missing field"
                                + " 'spec.strategy.canary.trafficRouting.managedRoutes'"),
                needed(
                        "'stableService':'s','canaryService':'c','trafficRouting':{'plugins':{'argoproj-labs/gatewayAPI':{}}}",
                        "{'setMirrorRoute':{'name':'r'}}",
                        "canary.trafficRouting.managedRoutes",
                        "Rollout has missing field"
                                + " 'spec.strategy.canary.trafficRouting.managedRoutes'"),
                step(
                        "'stableService':'s','canaryService':'c','trafficRouting':{'plugins':{'argoproj-labs/gatewayAPI':{}},'managedRoutes':[{'name':'r'}]}",
                        "{'setHeaderRoute':{'name':'x'}}",
                        ".setHeaderRoute.name",
                        "Steps define a route that does not exist in"
                                + " spec.strategy.canary.trafficRouting.managedRoutes"),
                step(
                        "'stableService':'s','canaryService':'c','trafficRouting':{'plugins':{'argoproj-labs/gatewayAPI':{}},'managedRoutes':[{'name':'r'}]}",
                        "{'setMirrorRoute':{'name':'x'}}",
                        ".setMirrorRoute.name",
                        "Steps define a route that does not exist in"
                                + " spec.strategy.canary.trafficRouting.managedRoutes"),
                step(
                        "",
                        "{'experiment':{'templates':[{'name':'a','specRef':'canary','weight':5}]}}",
                        ".experiment.templates[0].weight",
                        "Experiment template weight cannot be set unless TrafficRouting is"
                                + " enabled"),
                step(
                        "'stableService':'s','canaryService':'c','trafficRouting':{'nginx':{},'managedRoutes':[{'name':'r'}]}",
                        "{'experiment':{'templates':[{'name':'a','specRef':'canary','weight':5}]}}",
                        ".experiment.templates[0].weight",
                        "Experiment template weight is only available for TrafficRouting with SMI,"
                                + " ALB, Istio and Plugins at this time"),
                step(
                        "",
                        "{'analysis':{'templates':[{'templateName':'t'}],'args':[{'name':'q','valueFrom':{'fieldRef':{'fieldPath':'metadata.managedFields'}}}]}}",
                        ".analysis.args[0].valueFrom.fieldRef.fieldPath",
                        "Analyses arguments must refer to valid object metadata supported by"
                                + " downwardAPI"),
                step(
                        "",
                        "{'analysis':{'templates':[{'templateName':'t'}],'args':[{'name':'q','valueFrom':{'fieldRef':{'fieldPath':'metadata.labels[app]'}}}]}}",
                        ".analysis.args[0].valueFrom.fieldRef.fieldPath",
                        "Analyses arguments must refer to valid object metadata supported by"
                                + " downwardAPI"),
                step(
                        "",
                        "{'experiment':{'templates':[{'name':'a','specRef':'canary'}],'analyses':[{'name':'x','templateName':'t','args':[{'name':'q','valueFrom':{'fieldRef':{'fieldPath':'metadata.generation'}}}]}]}}",
                        ".experiment.analyses[0].args[0].valueFrom.fieldRef.fieldPath",
                        "Analyses arguments must refer to valid object metadata supported by"
                                + " downwardAPI"));
    }

    @ParameterizedTest
    @MethodSource("rows")
    void namesTheFieldAndSaysWhatIsWrong(Row row) throws JsonProcessingException {
        Optional<String> error = SpecRules.firstError(spec(row.change()));
        assertThat(error.orElse("")).startsWith(row.path() + ": ").endsWith(": " + row.detail());
    }

    private static JsonNode spec(String change) throws JsonProcessingException {
        ObjectMapper mapper = new ObjectMapper();
        ObjectNode spec = (ObjectNode) mapper.readTree(BASE);
        return spec.setAll((ObjectNode) mapper.readTree(change.replace('\'', '"')));
    }
}
