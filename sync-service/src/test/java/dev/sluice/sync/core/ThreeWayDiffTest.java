package dev.sluice.sync.core;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class ThreeWayDiffTest {
    record Case(String name, String target, String live, String last, List<String> expected) {
        @Override
        public String toString() {
            return name;
        }
    }

    static Stream<Case> cases() {
        return Stream.of(
                new Case("equal", "{'a':1}", "{'a':1}", "", List.of()),
                new Case("changed", "{'a':1}", "{'a':2}", "", List.of("/a")),
                new Case("missing in live", "{'a':1}", "{}", "", List.of("/a")),
                new Case("a live extra is not drift", "{'a':1}", "{'a':1,'b':2}", "", List.of()),
                new Case(
                        "unless it was applied before",
                        "{'a':1}",
                        "{'a':1,'b':2}",
                        "{'a':1,'b':2}",
                        List.of("-/b")),
                new Case(
                        "of a removed object only what was applied goes",
                        "{}",
                        "{'o':{'x':1,'y':2}}",
                        "{'o':{'x':1}}",
                        List.of("-/o/x")),
                new Case(
                        "a removed field that is gone is not drift",
                        "{}",
                        "{}",
                        "{'b':2}",
                        List.of()),
                new Case(
                        "quantities are compared by value",
                        "{'limits':{'cpu':'1000m','memory':'1Gi'}}",
                        "{'limits':{'cpu':'1','memory':'1024Mi'}}",
                        "",
                        List.of()),
                new Case(
                        "a number stands for a quantity",
                        "{'limits':{'cpu':1}}",
                        "{'limits':{'cpu':'1'}}",
                        "",
                        List.of()),
                new Case(
                        "elsewhere text stays text",
                        "{'version':'1000m'}",
                        "{'version':'1'}",
                        "",
                        List.of("/version")),
                new Case(
                        "what typed objects leave out",
                        "{'hostNetwork':false,'x':{},'y':'','z':null}",
                        "{}",
                        "",
                        List.of()),
                new Case("numbers by value", "{'w':1.0}", "{'w':1}", "", List.of()),
                new Case(
                        "defaults inside list items",
                        "{'l':[{'a':1}]}",
                        "{'l':[{'a':1,'d':true}]}",
                        "",
                        List.of()),
                new Case("another length", "{'l':[1]}", "{'l':[1,2]}", "", List.of("/l")),
                new Case(
                        "containers by name, an injected one is not drift",
                        "{'containers':[{'name':'a','image':'x'}]}",
                        "{'containers':[{'name':'injected'},{'name':'a','image':'x'}]}",
                        "",
                        List.of()),
                new Case(
                        "a changed container",
                        "{'containers':[{'name':'a','image':'x'}]}",
                        "{'containers':[{'name':'a','image':'y'}]}",
                        "",
                        List.of("/containers/0/image")),
                new Case(
                        "a container dropped from Git",
                        "{'containers':[{'name':'a'}]}",
                        "{'containers':[{'name':'a'},{'name':'b'}]}",
                        "{'containers':[{'name':'a'},{'name':'b'}]}",
                        List.of("-/containers/1")));
    }

    @ParameterizedTest
    @MethodSource("cases")
    void differs(Case given) {
        List<ThreeWayDiff.Difference> found =
                ThreeWayDiff.compare(
                        Json.of(given.target()),
                        Json.of(given.live()),
                        given.last().isEmpty()
                                ? Optional.empty()
                                : Optional.of(Json.of(given.last())));
        assertThat(found.stream().map(d -> (d.removal() ? "-" : "") + d.pointer()).toList())
                .isEqualTo(given.expected());
    }
}
