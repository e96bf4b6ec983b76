package dev.sluice.analysis.adapter.provider;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.sluice.analysis.app.MetricProvider;
import dev.sluice.analysis.core.AnalysisRun;
import dev.sluice.analysis.core.Metric;
import dev.sluice.analysis.core.Reading;
import dev.sluice.analysis.core.RunStatus;
import dev.sluice.analysis.core.expr.Value;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Web and Prometheus providers against a real HTTP server that behaves badly.
class HttpProvidersIT {
    private static final Instant NOW = Instant.parse("2026-11-01T12:00:00Z");
    private static final int MAX_BODY = 10_000;
    private static final EgressPolicy OPEN = new EgressPolicy(false, true, List.of(), List.of());

    private final List<String> requests = Collections.synchronizedList(new ArrayList<>());
    private final HttpServer server;

    HttpProvidersIT() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    }

    @BeforeEach
    void start() {
        server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
        server.start();
    }

    @AfterEach
    void stop() {
        server.stop(0);
    }

    private void answer(String path, int status, String body, String... headers) {
        server.createContext(
                path,
                exchange -> {
                    note(exchange);
                    for (int i = 0; i < headers.length; i += 2) {
                        exchange.getResponseHeaders().add(headers[i], headers[i + 1]);
                    }
                    byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
                    exchange.sendResponseHeaders(status, bytes.length == 0 ? -1 : bytes.length);
                    try (OutputStream out = exchange.getResponseBody()) {
                        out.write(bytes);
                    } catch (IOException _) {
                        // the client may hang up early; that is what some tests are about
                    }
                });
    }

    private void note(HttpExchange exchange) throws IOException {
        requests.add(
                exchange.getRequestMethod()
                        + " "
                        + exchange.getRequestURI()
                        + " auth="
                        + exchange.getRequestHeaders().getFirst("Authorization")
                        + " type="
                        + exchange.getRequestHeaders().getFirst("Content-Type")
                        + " "
                        + new String(
                                exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8));
    }

    private String url(String path) {
        return "http://127.0.0.1:" + server.getAddress().getPort() + path;
    }

    private static Fetcher fetcher(EgressPolicy policy) {
        return new Fetcher(policy, MAX_BODY, Duration.ofSeconds(5));
    }

    private static Reading measure(MetricProvider provider, String settings) {
        return provider.measure(run(), metric(provider.type(), settings), 1, NOW);
    }

    private static Metric metric(String type, String settings) {
        try {
            return Metric.of(
                    new ObjectMapper()
                            .readTree(
                                    "{'name':'m','provider':{'%s':%s}}"
                                            .formatted(type, settings)
                                            .replace('\'', '"')));
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException(settings, e);
        }
    }

    private static AnalysisRun run() {
        return new AnalysisRun(
                new AnalysisRun.Identity(
                        "shop",
                        "r",
                        "u",
                        "1",
                        NOW,
                        Optional.empty(),
                        Optional.empty(),
                        Optional.empty(),
                        Optional.empty(),
                        Optional.empty()),
                List.of(),
                List.of(),
                false,
                List.of(),
                List.of(),
                AnalysisRun.TimeToLive.NONE,
                RunStatus.EMPTY);
    }

    private Reading web(String path, String more) {
        return measure(new WebProvider(fetcher(OPEN)), "{'url':'" + url(path) + "'" + more + "}");
    }

    @Test
    void readsJsonByPath() {
        answer("/m", 200, "{\"data\":{\"rate\":0.93,\"n\":3,\"t\":\"x\",\"l\":[1,2.50]}}");
        assertThat(web("/m", ",'jsonPath':'{$.data.rate}'"))
                .isEqualTo(new Reading.Result(Value.of(0.93), "0.93", Map.of()));
        assertThat(shown("/m", "{$.data.n}")).isEqualTo("3");
        assertThat(shown("/m", "{$.data.t}")).isEqualTo("\"x\"");
        assertThat(shown("/m", "{$.data.l}")).isEqualTo("[1,2.5]");
        assertThat(shown("/m", "{$.data}"))
                .isEqualTo("{\"l\":[1,2.5],\"n\":3,\"rate\":0.93,\"t\":\"x\"}");
    }

    private String shown(String path, String jsonPath) {
        return web(path, ",'jsonPath':'" + jsonPath + "'") instanceof Reading.Result result
                ? result.shown()
                : "none";
    }

    @Test
    void takesTextThatIsNotJsonAsItIs() {
        answer("/t", 200, "all is well");
        assertThat(web("/t", ",'jsonPath':'{$.a}'"))
                .isEqualTo(new Reading.Result(Value.of("all is well"), "all is well", Map.of()));
    }

    @Test
    void sendsMethodHeadersAndBody() {
        answer("/p", 200, "1");
        web(
                "/p",
                ",'method':'POST','jsonBody':{'a':1},'headers':[{'key':'Authorization','value':'Bearer t'}]");
        web("/p", ",'method':'PUT','body':'plain'");
        assertThat(requests)
                .containsExactly(
                        "POST /p auth=Bearer t type=application/json {\"a\":1}",
                        "PUT /p auth=null type=null plain");
    }

    @ParameterizedTest
    @ValueSource(ints = {301, 400, 404, 500, 503})
    void isBrokenOnAnyOtherCode(int code) {
        answer("/e", code, "");
        assertThat(web("/e", ""))
                .isEqualTo(new Reading.Broken("received non 2xx response code: " + code));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '^',
            value = {
                ",'body':'x'|body and jsonBody can only be used with method POST or PUT",
                ",'method':'POST','body':'x','jsonBody':{}|use either body or jsonBody; both cannot be set",
                ",'method':'DELETE'|method must be GET, POST or PUT, not 'DELETE'",
                ",'headers':[{'key':'Host','value':'evil'}]|header Host cannot be set",
                ",'jsonPath':'{.nope}'|nope is not found",
                ",'jsonPath':'{$.list[*]}'|result of web metric produced no value"
            })
    void saysWhatIsWrongWithTheMetric(String more, String message) {
        answer("/x", 200, "{\"list\":[]}");
        assertThat(web("/x", more)).isEqualTo(new Reading.Broken(message));
    }

    @Test
    void boundsTheBody() {
        answer("/big", 200, "x".repeat(MAX_BODY * 20));
        assertThat(web("/big", ""))
                .isEqualTo(
                        new Reading.Broken("the answer of 127.0.0.1 is longer than 10000 bytes"));
    }

    @Test
    void boundsTheTimeAlsoOfABodyThatDripsIn() {
        server.createContext(
                "/slow",
                exchange -> {
                    exchange.sendResponseHeaders(200, 0);
                    try (OutputStream out = exchange.getResponseBody()) {
                        out.write('[');
                        out.flush();
                        // Never finished by the server; the client must end it.
                        Thread.sleep(20_000);
                    } catch (InterruptedException e) {
                        Thread.currentThread().interrupt();
                    }
                });
        assertThat(web("/slow", ",'timeoutSeconds':1"))
                .isEqualTo(new Reading.Broken("no answer from 127.0.0.1 within 1 s"));
    }

    @Test
    void followsRedirectsOnlyWithinTheHost() {
        answer("/there", 200, "7");
        answer("/here", 302, "", "Location", "/there");
        answer(
                "/away",
                302,
                "",
                "Location",
                "http://localhost:" + server.getAddress().getPort() + "/there");
        answer("/loop", 302, "", "Location", "/loop");
        assertThat(web("/here", "")).isEqualTo(new Reading.Result(Value.of(7.0), "7", Map.of()));
        assertThat(web("/away", ""))
                .isEqualTo(
                        new Reading.Broken(
                                "redirect from 127.0.0.1 to another host is not followed"));
        assertThat(web("/loop", ""))
                .isEqualTo(new Reading.Broken("too many redirects from 127.0.0.1"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "http://169.254.169.254/latest/meta-data",
                "http://[fe80::1]/",
                "http://[::ffff:169.254.169.254]/",
                "http://100.100.100.200/",
                "http://[fd00:ec2::254]/",
                "http://2852039166/",
                "file:///etc/passwd",
                "http://user:pw@127.0.0.1/",
                "http://"
            })
    void refusesMetadataAddressesAndOtherSchemes(String url) {
        assertThat(measure(new WebProvider(fetcher(OPEN)), "{'url':'" + url + "'}"))
                .isInstanceOf(Reading.Broken.class);
        if (!url.equals("http://")) {
            assertThat(OPEN.refusal(URI.create(url))).isPresent();
        }
    }

    @Test
    void keepsToTheAllowList() {
        EgressPolicy policy =
                new EgressPolicy(
                        false,
                        true,
                        List.of("*.example.com", "localhost"),
                        List.of("bad.example.com"));
        assertThat(policy.refusal(URI.create("http://127.0.0.1/"))).isPresent();
        assertThat(policy.refusal(URI.create("http://localhost/"))).isEmpty();
        assertThat(policy.refusal(URI.create("http://bad.example.com/"))).isPresent();
        assertThat(
                        new EgressPolicy(false, false, List.of(), List.of())
                                .refusal(URI.create("http://localhost/")))
                .isPresent();
    }

    @Test
    void getsATokenFirst() {
        answer("/token", 200, "{\"access_token\":\"abc\"}");
        answer("/m", 200, "1");
        web(
                "/m",
                ",'authentication':{'oauth2':{'tokenUrl':'%s','clientId':'id','clientSecret':'se','scopes':['a','b']}}"
                                .formatted(url("/token"))
                        + "}");
        assertThat(requests.get(0))
                .contains("grant_type=client_credentials&scope=a+b")
                .contains("auth=Basic aWQ6c2U=");
        assertThat(requests.get(1)).contains("auth=Bearer abc");
        assertThat(web("/m", ",'authentication':{'oauth2':{'clientId':'id'}}"))
                .isEqualTo(
                        new Reading.Broken(
                                "missing mandatory parameter in metric for OAuth2 setup"));
    }

    private Reading prometheus(String answer) {
        answer("/api/v1/query", 200, answer);
        return measure(
                new PrometheusProvider(fetcher(OPEN), Optional.empty()),
                "{'address':'" + url("") + "','query':'up'}");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '^',
            value = {
                "'scalar','result':[1,'0.5']|0.5",
                "'scalar','result':[1,'NaN']|NaN",
                "'vector','result':[]|[]",
                "'vector','result':[{'value':[1,'1']},{'value':[1,'2.5']}]|[1,2.5]",
                "'vector','result':[{'value':[1,'+Inf']},{'value':[1,'-Inf']},{'value':[1,'NaN']}]|[+Inf,-Inf,NaN]",
                "'matrix','result':[{'values':[[1,'1'],[2,'2']]},{'values':[[1,'3']]}]|[1,2,3]"
            })
    void readsEveryPrometheusResult(String data, String shown) {
        Reading reading =
                prometheus(
                        "{'status':'success','data':{'resultType':%s}}"
                                .formatted(data)
                                .replace('\'', '"'));
        assertThat(reading)
                .isInstanceOfSatisfying(
                        Reading.Result.class, r -> assertThat(r.shown()).isEqualTo(shown));
    }

    @Test
    void keepsPrometheusWarnings() {
        Reading reading =
                prometheus(
                        "{'status':'success','warnings':['slow'],'data':{'resultType':'vector','result':[]}}"
                                .replace('\'', '"'));
        assertThat(reading)
                .isInstanceOfSatisfying(
                        Reading.Result.class,
                        r -> assertThat(r.metadata()).containsEntry("warnings", "[\"slow\"]"));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '^',
            value = {
                "{'status':'error','errorType':'bad_data','error':'parse error'}|bad_data: parse error",
                "{'status':'success','data':{'resultType':'string','result':[1,'x']}}|Prometheus metric type not supported: string",
                "<html>|prometheus answered with code 200 and no JSON",
                "{'status':'success','data':{'resultType':'scalar','result':[1,'x']}}|prometheus answered with a sample that is not a number"
            })
    void isBrokenOnAnyOtherPrometheusAnswer(String answer, String message) {
        assertThat(prometheus(answer.replace('\'', '"'))).isEqualTo(new Reading.Broken(message));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '^',
            value = {
                "{'query':'up'}|prometheus address is not configured",
                "{'address':'nowhere','query':'up'}|prometheus address is not is url format",
                "{'address':'http://127.0.0.1:1','query':'up','timeout':-1}|prometheus timeout should not be negative: -1",
                "{'address':'http://127.0.0.1:1','query':'up','authentication':{'oauth2':{'clientId':'a'}}}|missing mandatory parameter in metric for OAuth2 setup"
            })
    void saysWhatIsWrongWithThePrometheusMetric(String settings, String message) {
        assertThat(measure(new PrometheusProvider(fetcher(OPEN), Optional.empty()), settings))
                .isEqualTo(new Reading.Broken(message));
    }

    @Test
    void asksForARange() {
        answer(
                "/api/v1/query_range",
                200,
                "{\"status\":\"success\",\"data\":{\"resultType\":\"matrix\",\"result\":[]}}");
        measure(
                new PrometheusProvider(fetcher(OPEN), Optional.of(url(""))),
                "{'query':'up','rangeQuery':{'start':'now() - duration(`5m`)','end':'now()','step':'30s'},"
                        + "'authentication':{'basicAuth':{'username':'u','password':'p'}}}");
        assertThat(requests.getFirst())
                .contains("query=up&start=1793534100.000&end=1793534400.000&step=30.000")
                .contains("auth=Basic dTpw");
    }
}
