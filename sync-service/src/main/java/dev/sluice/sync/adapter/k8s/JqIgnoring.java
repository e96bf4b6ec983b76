package dev.sluice.sync.adapter.k8s;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sluice.sync.app.Ignoring;
import dev.sluice.sync.core.AppSpec.IgnoreRule;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import net.thisptr.jackson.jq.BuiltinFunctionLoader;
import net.thisptr.jackson.jq.JsonQuery;
import net.thisptr.jackson.jq.Scope;
import net.thisptr.jackson.jq.Versions;
import net.thisptr.jackson.jq.exception.JsonQueryException;

/// `jqPathExpressions` by jackson-jq: what the expression selects is deleted.
@ApplicationScoped
public class JqIgnoring implements Ignoring {
    private static final JsonMapper MAPPER = JsonMapper.builder().build();
    private static final int EXPRESSION_LIMIT = 1000;
    private final Scope scope = Scope.newEmptyScope();
    private final Map<String, JsonQuery> compiled = new ConcurrentHashMap<>();

    public JqIgnoring() {
        BuiltinFunctionLoader.getInstance().loadFunctions(Versions.JQ_1_6, scope);
    }

    @Override
    public List<String> problems(List<IgnoreRule> rules) {
        List<String> problems = new ArrayList<>();
        for (int i = 0; i < rules.size(); i++) {
            if (!rules.get(i).managers().isEmpty()) {
                problems.add(
                        "spec.ignoreDifferences["
                                + i
                                + "].managedFieldsManagers: is not supported");
            }
            for (String expression : rules.get(i).jqPaths()) {
                try {
                    query(expression);
                } catch (JsonQueryException | RuntimeException e) {
                    problems.add(
                            "spec.ignoreDifferences["
                                    + i
                                    + "].jqPathExpressions: '"
                                    + cut(expression)
                                    + "' is not a jq path expression: "
                                    + cut(String.valueOf(e.getMessage())));
                }
            }
        }
        return problems;
    }

    private static String cut(String text) {
        return text.length() > 200 ? text.substring(0, 200) + "…" : text;
    }

    private JsonQuery query(String expression) throws JsonQueryException {
        if (expression.length() > EXPRESSION_LIMIT) {
            throw new IllegalArgumentException("longer than " + EXPRESSION_LIMIT + " characters");
        }
        JsonQuery known = compiled.get(expression);
        if (known == null) {
            known = JsonQuery.compile("del(" + expression + ")", Versions.JQ_1_6);
            if (compiled.size() > 1000) {
                compiled.clear();
            }
            compiled.put(expression, known);
        }
        return known;
    }

    @Override
    public void removeByJq(String expression, ObjectNode object) {
        try {
            List<JsonNode> results = new ArrayList<>();
            query(expression).apply(scope, object.deepCopy(), results::add);
            if (results.size() == 1 && results.getFirst() instanceof ObjectNode left) {
                object.removeAll();
                object.setAll(left);
            }
        } catch (JsonQueryException e) {
            // the specified behaviour: an expression that fails on an object is skipped for it
            return;
        }
    }

    @Override
    public Optional<ObjectNode> parseObject(String json) {
        return parse(json);
    }

    static Optional<ObjectNode> parse(String json) {
        try {
            return MAPPER.readTree(json) instanceof ObjectNode object
                    ? Optional.of(object)
                    : Optional.empty();
        } catch (JsonProcessingException e) {
            return Optional.empty();
        }
    }
}
