package dev.sluice.rollout.core;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.rollout.core.AnalysisSpec.TemplateRef;
import dev.sluice.rollout.core.Observation.ServiceView;
import dev.sluice.rollout.core.validation.ReferenceRules;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// What a Rollout refers to must exist and fit, in the words that users know.
class ReferenceRulesTest {
    private static final String ROUTED =
            """
            {"replicas":1,"strategy":{"canary":{"stableService":"stable","canaryService":"canary",
             "trafficRouting":{"nginx":{"stableIngress":"web"}}}}}\
            """;

    private static Optional<String> error(World world) {
        return ReferenceRules.firstError(world.observe());
    }

    private static World analysed(String where, String analysis) {
        return new World(
                "{\"replicas\":1,\"strategy\":{\"canary\":{"
                        + where.replace('\'', '"').formatted(analysis.replace('\'', '"'))
                        + "}}}");
    }

    private static void template(World world, String name, String spec) {
        world.templates.put(new TemplateRef(name, false), Trees.json(spec.replace('\'', '"')));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{'blueGreen':{'activeService':'a'}}                      |"
                        + " spec.strategy.activeService: Invalid value: \"a\": service \"a\" not found",
                "{'blueGreen':{'activeService':'b','previewService':'p'}} |"
                        + " spec.strategy.previewService: Invalid value: \"p\": service \"p\" not"
                        + " found",
                "{'canary':{'stableService':'s'}}                         |"
                        + " spec.strategy.stableService: Invalid value: \"s\": service \"s\" not found",
                "{'canary':{'canaryService':'c'}}                         |"
                        + " spec.strategy.canaryService: Invalid value: \"c\": service \"c\" not found",
            })
    void aServiceMustExist(String strategy, String expected) {
        World world =
                new World("{\"replicas\":1,\"strategy\":" + strategy.replace('\'', '"') + "}")
                        .service("b");
        assertThat(error(world)).contains(expected);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '~',
            value = {
                "'steps':[{'setWeight':1},{'analysis':{'templates':[%s]}}] | {'templateName':'t'} |"
                        + " spec.strategy.canary.steps[1].analysis.templates: Invalid value: \"t\":"
                        + " AnalysisTemplate 't' not found",
                "'analysis':{'templates':[%s]} | {'templateName':'t'} |"
                        + " spec.strategy.canary.analysis.templates: Invalid value: \"t\":"
                        + " AnalysisTemplate 't' not found",
                "'analysis':{'templates':[%s]} | {'templateName':'t','clusterScope':true} |"
                        + " spec.strategy.canary.analysis.templates: Invalid value: \"t\":"
                        + " ClusterAnalysisTemplate 't' not found",
                "'analysis':{'templates':[%s]} | {'templateName':'outer'} | spec.templates: Invalid"
                        + " value: \"inner\": AnalysisTemplate 'inner' not found",
            })
    void aTemplateMustExistNestedOnesToo(String where, String ref, String expected) {
        World world = analysed(where, ref);
        template(world, "outer", "{'templates':[{'templateName':'inner'}]}");
        assertThat(error(world)).contains(expected);
    }

    @ParameterizedTest
    @CsvSource({"pre, prePromotionAnalysis", "post, postPromotionAnalysis"})
    void soForBlueGreen(String name, String field) {
        World world =
                new World(
                                "{\"replicas\":1,\"strategy\":{\"blueGreen\":{\"activeService\":\"a\",\""
                                        + field
                                        + "\":{\"templates\":[{\"templateName\":\""
                                        + name
                                        + "\"}]}}}}")
                        .service("a");
        assertThat(error(world).orElse(""))
                .startsWith("spec.strategy.blueGreen." + field + ".templates: Invalid value: ");
    }

    @Test
    void aGateOfAStepMustEndByItself() {
        World world = analysed("'steps':[{'analysis':{'templates':[{'templateName':'t'}]%s}}]", "");
        template(world, "t", "{'metrics':[{'name':'m','interval':'5s'}]}");
        assertThat(error(world).orElse(""))
                .endsWith(
                        "AnalysisTemplate t has metric m which runs indefinitely. Invalid value for"
                                + " count: <nil>");
    }

    @Test
    void aBackgroundAnalysisMayRunForEver() {
        World world = analysed("'analysis':{'templates':[{'templateName':'t'}]%s}", "");
        template(world, "t", "{'metrics':[{'name':'m','interval':'5s'}]}");
        assertThat(error(world)).isEmpty();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "''                                           | missing analysis arguments in"
                        + " rollout spec",
                "',''args'':[{''name'':''b'',''value'':''1''}]' | a",
            })
    void whatTheTemplatesOfABackgroundAnalysisLeaveOpenIsSupplied(String args, String detail) {
        World world = analysed("'analysis':{'templates':[{'templateName':'t'}]%s}", args);
        template(world, "t", "{'args':[{'name':'a'},{'name':'c','value':'x'}]}");
        assertThat(error(world).orElse("")).endsWith(": " + detail);
    }

    @Test
    void anArgumentHasOneSource() {
        World world =
                analysed(
                        "'analysis':{'templates':[{'templateName':'t'}],'args':[%s]}",
                        "{'name':'a','value':'1','valueFrom':{'podTemplateHashValue':'Latest'}}");
        template(world, "t", "{'args':[{'name':'a'}]}");
        assertThat(error(world).orElse("")).endsWith("arg 'a' has both Value and ValueFrom fields");
    }

    private static World routed(String backend) {
        World world = new World(ROUTED).service("stable").service("canary");
        world.ingresses.put(
                "web",
                Trees.json(
                        "{\"spec\":{\"rules\":[{\"http\":{\"paths\":[{\"backend\":{\"service\":{\"name\":\""
                                + backend
                                + "\"}}}]}}]}}"));
        return world;
    }

    @Test
    void anIngressMustExistAndHaveTheStableServiceAsABackend() {
        World missing = routed("stable");
        missing.ingresses.clear();
        assertThat(error(missing).orElse(""))
                .endsWith("ingress.networking.k8s.io \"web\" not found");
        assertThat(error(routed("other")).orElse(""))
                .endsWith("ingress `web` has no rules using service stable backend");
        assertThat(error(routed("stable"))).isEmpty();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{'stableIngress':'web','stableIngresses':['web']} | Both are configured.",
                "{}                                                | Neither are configured.",
            })
    void exactlyOneWayToNameIngresses(String nginx, String which) {
        World world = routed("stable");
        ((com.fasterxml.jackson.databind.node.ObjectNode)
                        world.rollout.at("/spec/strategy/canary/trafficRouting"))
                .set("nginx", Trees.json(nginx.replace('\'', '"')));
        assertThat(error(world).orElse(""))
                .endsWith("Either StableIngress or StableIngresses must be configured. " + which);
    }

    @Test
    void aServiceMustSelectThePodsAndBelongToNobodyElse() {
        World world = routed("stable");
        world.services.put(
                "stable",
                new ServiceView("stable", Map.of("app", "demo", "tier", "web"), Map.of()));
        assertThat(error(world).orElse(""))
                .endsWith("Service \"stable\" has unmatch label \"tier\" in rollout");
        world.services.put(
                "stable",
                new ServiceView("stable", Map.of("app", "demo"), Map.of(Names.MANAGED_BY, "x")));
        assertThat(error(world).orElse(""))
                .endsWith("Service \"stable\" is managed by another Rollout");
        world.services.put(
                "stable",
                new ServiceView(
                        "stable",
                        Map.of("app", "demo", Names.HASH, "any"),
                        Map.of(Names.MANAGED_BY, "demo")));
        assertThat(error(world)).isEmpty();
    }
}
