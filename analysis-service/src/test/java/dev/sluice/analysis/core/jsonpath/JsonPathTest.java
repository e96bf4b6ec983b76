package dev.sluice.analysis.core.jsonpath;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class JsonPathTest {
    private static final JsonNode DOCUMENT =
            json(
                    """
                    {"a":{"b":[{"n":1,"t":"x"},{"n":2,"t":"y"},{"n":3,"t":"x"}],"c.d":true},
                     "data":{"ok":true,"rate":0.93},"list":[10,20,30,40],"none":null,"empty":[]}
                    """);

    private static JsonNode json(String text) {
        try {
            return new ObjectMapper().readTree(text);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{$.data.rate}|[0.93]",
                "{.data.ok}|[true]",
                "{$['data']['rate']}|[0.93]",
                "{.a.b[0].n}|[1]",
                "{.a.b[-1].n}|[3]",
                "{.a.b[*].n}|[1,2,3]",
                "{.list[1:3]}|[20,30]",
                "{.list[:2]}|[10,20]",
                "{.list[0:4:2]}|[10,30]",
                "{.list[0,2]}|[10,30]",
                "{.data['ok','rate']}|[true,0.93]",
                "{..n}|[1,2,3]",
                "{.a.b[?(@.n>1)].t}|['y','x']",
                "{.a.b[?(@.t=='x')].n}|[1,3]",
                "{.a.b[?(@.t == \"y\")].n}|[2]",
                "{.a.c\\.d}|[true]",
                "{.empty[*]}|[]",
                "{.none}|[null]",
                "{.none.deeper}|[]",
                "{.data.*}|[true,0.93]",
                "{$.a.b[?(@.z)].n}|[]",
                "text|['text']"
            })
    void findsWhatThePathSays(String path, String expected) {
        assertThat(JsonPath.parse(path).find(DOCUMENT))
                .containsExactlyElementsOf(
                        json(expected.replace('\'', '"')).valueStream().toList());
    }

    @ParameterizedTest
    @ValueSource(strings = {"{.missing}", "{.list[9]}", "{.data[0]}", "{.a.b[0].nope}"})
    void failsOnWhatIsNotThere(String path) {
        assertThatExceptionOfType(JsonPathException.class)
                .isThrownBy(() -> JsonPath.parse(path).find(DOCUMENT));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{.a",
                "{.a[}",
                "{.a[?(@.x=1)]}",
                "{range .a}",
                "{.a[x]}",
                "{%}",
                "{.a[0:1:0]}"
            })
    void refusesWhatIsNoPath(String path) {
        assertThatExceptionOfType(JsonPathException.class).isThrownBy(() -> JsonPath.parse(path));
    }
}
