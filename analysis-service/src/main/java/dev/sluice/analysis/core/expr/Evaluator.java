package dev.sluice.analysis.core.expr;

import com.google.re2j.Pattern;
import com.google.re2j.PatternSyntaxException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Walks the tree under a budget of steps and of produced elements, so that every evaluation ends
/// (G12).
final class Evaluator {
    static final int MAX_STEPS = 1_000_000;
    static final int MAX_MEMORY = 1_000_000;

    /// One closure call: the element, its index, and the accumulator of `reduce`.
    private record Frame(Value element, long index, Value accumulator) {}

    private record Binding(String name, Value value) {}

    /// Unwinds a `?.` chain; never leaves the evaluator.
    private static final class NilInChain extends RuntimeException {
        private static final long serialVersionUID = 1L;

        NilInChain() {
            super(null, null, false, false);
        }
    }

    private final Environment environment;
    private final Deque<Frame> frames = new ArrayDeque<>();
    private final Deque<Binding> bindings = new ArrayDeque<>();
    private int steps;
    private int memory;

    Evaluator(Environment environment) {
        this.environment = environment;
    }

    Environment environment() {
        return environment;
    }

    /// Accounts for `amount` produced elements or characters.
    void allocate(long amount, int at) {
        memory = (int) Math.min(Integer.MAX_VALUE, memory + amount);
        if (memory > MAX_MEMORY) {
            throw new ExprException("memory budget exceeded", at);
        }
    }

    Value evaluate(Node node) {
        if (++steps > MAX_STEPS) {
            throw new ExprException("step budget exceeded", node.at());
        }
        return switch (node) {
            case Node.Literal literal -> literal.value();
            case Node.Name name -> name(name);
            case Node.Pointer pointer -> pointer(pointer);
            case Node.Unary unary -> unary(unary);
            case Node.Binary binary -> binary(binary);
            case Node.Conditional conditional ->
                    evaluate(
                            truth(evaluate(conditional.condition()), conditional.at())
                                    ? conditional.yes()
                                    : conditional.no());
            case Node.Member member -> member(member);
            case Node.Slice slice -> slice(slice);
            case Node.Chain chain -> {
                try {
                    yield evaluate(chain.inner());
                } catch (NilInChain _) {
                    yield Value.Nil.NIL;
                }
            }
            case Node.Call call -> Builtins.call(call, this);
            case Node.Closure closure -> evaluate(closure.body());
            case Node.ListOf list -> list(list);
            case Node.MapOf map -> map(map);
            case Node.Let let -> {
                bindings.push(new Binding(let.name(), evaluate(let.value())));
                try {
                    yield evaluate(let.body());
                } finally {
                    bindings.pop();
                }
            }
            case Node.Sequence sequence -> {
                Value last = Value.Nil.NIL;
                for (Node part : sequence.parts()) {
                    last = evaluate(part);
                }
                yield last;
            }
        };
    }

    Value inClosure(Node closure, Value element, long index, Value accumulator) {
        frames.push(new Frame(element, index, accumulator));
        try {
            return evaluate(closure);
        } finally {
            frames.pop();
        }
    }

    private Value name(Node.Name name) {
        for (Binding binding : bindings) {
            if (binding.name().equals(name.name())) {
                return binding.value();
            }
        }
        return environment
                .result()
                .filter(_ -> name.name().equals("result"))
                .orElseThrow(() -> new ExprException("unknown name " + name.name(), name.at()));
    }

    private Value pointer(Node.Pointer pointer) {
        Frame frame = frames.element();
        return switch (pointer.name()) {
            case "" -> frame.element();
            case "index" -> Value.of(frame.index());
            case "acc" -> frame.accumulator();
            default -> throw new ExprException("unknown pointer #" + pointer.name(), pointer.at());
        };
    }

    private Value unary(Node.Unary unary) {
        Value operand = evaluate(unary.operand());
        return switch (unary.operator()) {
            case "-" ->
                    switch (operand) {
                        case Value.Int(long value) -> Value.of(-value);
                        case Value.Real(double value) -> Value.of(-value);
                        case Value.Span(Duration length) -> new Value.Span(length.negated());
                        default ->
                                throw new ExprException(
                                        "invalid operation: - " + operand.typeName(), unary.at());
                    };
            case "+" -> {
                if (!Operations.isNumber(operand)) {
                    throw new ExprException(
                            "invalid operation: + " + operand.typeName(), unary.at());
                }
                yield operand;
            }
            default -> Value.of(!truth(operand, unary.at()));
        };
    }

    private Value binary(Node.Binary binary) {
        int at = binary.at();
        Value left = evaluate(binary.left());
        switch (binary.operator()) {
            case "&&", "and" -> {
                return Value.of(truth(left, at) && truth(evaluate(binary.right()), at));
            }
            case "||", "or" -> {
                return Value.of(truth(left, at) || truth(evaluate(binary.right()), at));
            }
            case "??" -> {
                return left == Value.Nil.NIL ? evaluate(binary.right()) : left;
            }
            default -> {}
        }
        Value right = evaluate(binary.right());
        return switch (binary.operator()) {
            case "==" -> Value.of(Operations.equal(left, right));
            case "!=" -> Value.of(!Operations.equal(left, right));
            case "<", "<=", ">", ">=" ->
                    Value.of(Operations.ordered(binary.operator(), left, right, at));
            case "in" -> Value.of(Operations.contains(left, right, at));
            case "matches" -> Value.of(matches(left, right, at));
            case "contains" -> Value.of(text(left, binary).contains(text(right, binary)));
            case "startsWith" -> Value.of(text(left, binary).startsWith(text(right, binary)));
            case "endsWith" -> Value.of(text(left, binary).endsWith(text(right, binary)));
            case ".." -> range(left, right, at);
            case "+" -> {
                Value sum = Operations.arithmetic("+", left, right, at);
                if (sum instanceof Value.Text(String joined)) {
                    allocate(joined.length(), at);
                }
                yield sum;
            }
            default -> Operations.arithmetic(binary.operator(), left, right, at);
        };
    }

    private Value range(Value left, Value right, int at) {
        if (!(left instanceof Value.Int(long from)) || !(right instanceof Value.Int(long to))) {
            throw new ExprException(
                    "invalid operation: " + left.typeName() + " .. " + right.typeName(), at);
        }
        if (to < from) {
            return new Value.Items(List.of());
        }
        long size = to - from;
        allocate(size < 0 ? Integer.MAX_VALUE : size + 1, at);
        List<Value> values = new ArrayList<>();
        for (long value = from; value <= to; value++) {
            values.add(Value.of(value));
        }
        return new Value.Items(values);
    }

    /// RE2 semantics: time linear in the text, whatever the pattern.
    private static boolean matches(Value left, Value right, int at) {
        if (left == Value.Nil.NIL || right == Value.Nil.NIL) {
            return false;
        }
        if (!(left instanceof Value.Text(String text))
                || !(right instanceof Value.Text(String pattern))) {
            throw new ExprException(
                    "invalid operation: " + left.typeName() + " matches " + right.typeName(), at);
        }
        try {
            return Pattern.compile(pattern).matcher(text).find();
        } catch (PatternSyntaxException e) {
            throw new ExprException(
                    "error parsing regexp: " + e.getDescription() + ": `" + e.getPattern() + "`",
                    at);
        }
    }

    private static String text(Value value, Node.Binary binary) {
        if (value instanceof Value.Text(String text)) {
            return text;
        }
        throw new ExprException(
                "invalid operation: " + binary.operator() + " on " + value.typeName(), binary.at());
    }

    private Value member(Node.Member member) {
        Value owner = evaluate(member.owner());
        if (owner == Value.Nil.NIL && member.optional()) {
            throw new NilInChain();
        }
        return Operations.fetch(owner, evaluate(member.property()), member.at());
    }

    private Value slice(Node.Slice slice) {
        Value owner = evaluate(slice.owner());
        Optional<Value> from = slice.from().map(this::evaluate);
        Optional<Value> to = slice.to().map(this::evaluate);
        return Operations.slice(owner, from, to, slice.at());
    }

    private Value list(Node.ListOf list) {
        allocate(list.items().size(), list.at());
        List<Value> values = new ArrayList<>();
        for (Node item : list.items()) {
            values.add(evaluate(item));
        }
        return new Value.Items(values);
    }

    private Value map(Node.MapOf map) {
        allocate(map.entries().size(), map.at());
        Map<String, Value> values = new LinkedHashMap<>();
        for (Node.Entry entry : map.entries()) {
            if (!(evaluate(entry.key()) instanceof Value.Text(String key))) {
                throw new ExprException("map key must be a string", entry.key().at());
            }
            values.put(key, evaluate(entry.value()));
        }
        return new Value.Fields(values);
    }

    static boolean truth(Value value, int at) {
        if (value instanceof Value.Bool(boolean truth)) {
            return truth;
        }
        throw new ExprException("expected bool, but got " + value.typeName(), at);
    }
}
