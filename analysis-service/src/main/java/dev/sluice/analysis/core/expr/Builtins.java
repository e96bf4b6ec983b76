package dev.sluice.analysis.core.expr;

import dev.sluice.analysis.core.GoDuration;
import dev.sluice.analysis.core.expr.TypeCheck.Kind;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/// The functions that a condition can call.
final class Builtins {
    /// Functions of the analysis itself: they exist only where there is a result.
    private static final Set<String> OF_RESULT =
            Set.of("asInt", "asFloat", "isNaN", "isInf", "isNil", "default");

    private static final List<Builtin> OF_ANY_VALUE =
            List.of(
                    Builtin.of("type", 1, 1, Kind.TEXT, c -> Value.of(type(c.first()))),
                    Builtin.of("string", 1, 1, Kind.TEXT, c -> c.made(shown(c.first()))),
                    // The original tests the result, whatever the argument is.
                    Builtin.of(
                            "isNil", 1, 1, Kind.BOOL, c -> Value.of(c.result() == Value.Nil.NIL)),
                    Builtin.of(
                            "default",
                            2,
                            2,
                            Kind.ANY,
                            c -> c.result() == Value.Nil.NIL ? c.arguments().get(1) : c.result()));

    private static final Map<String, Builtin> FUNCTIONS =
            Stream.of(
                            Closures.ALL,
                            OF_ANY_VALUE,
                            NumberFunctions.ALL,
                            MomentFunctions.ALL,
                            ListFunctions.ALL,
                            TextFunctions.ALL)
                    .flatMap(List::stream)
                    .collect(Collectors.toUnmodifiableMap(Builtin::name, Function.identity()));

    private Builtins() {}

    static boolean takesClosure(String function) {
        return find(function).filter(f -> f.body().isEmpty()).isPresent();
    }

    private static Optional<Builtin> find(String function) {
        return Optional.ofNullable(FUNCTIONS.get(function));
    }

    /// @throws ExprException when there is no such function, or its arguments are too few or many
    static Builtin check(Node.Call call, Environment environment) {
        String name = call.function();
        Builtin function =
                find(name)
                        .filter(_ -> !OF_RESULT.contains(name) || environment.result().isPresent())
                        .orElseThrow(() -> new ExprException("unknown name " + name, call.at()));
        int given = call.arguments().size();
        if (given < function.least()) {
            throw new ExprException("not enough arguments to call " + name, call.at());
        }
        if (given > function.most()) {
            throw new ExprException("too many arguments to call " + name, call.at());
        }
        return function;
    }

    static Value call(Node.Call call, Evaluator evaluator) {
        String name = call.function();
        Builtin function =
                find(name).orElseThrow(() -> new ExprException("unknown name " + name, call.at()));
        if (function.body().isEmpty()) {
            return Closures.call(call, evaluator);
        }
        List<Value> arguments = new ArrayList<>();
        for (Node argument : call.arguments()) {
            arguments.add(evaluator.evaluate(argument));
        }
        return function.body().get().apply(new Call(name, arguments, call.at(), evaluator));
    }

    /// `%v` of a value, bounded by the caller's budget.
    static String shown(Value value) {
        return switch (value) {
            case Value.Nil _ -> "<nil>";
            case Value.Bool(boolean truth) -> Boolean.toString(truth);
            case Value.Int(long whole) -> Long.toString(whole);
            case Value.Real(double real) -> GoNumbers.general(real);
            case Value.Text(String text) -> text;
            case Value.Items(List<Value> values) ->
                    values.stream().map(Builtins::shown).collect(Collectors.joining(" ", "[", "]"));
            case Value.Fields(Map<String, Value> values) ->
                    new TreeMap<>(values)
                            .entrySet().stream()
                                    .map(entry -> entry.getKey() + ":" + shown(entry.getValue()))
                                    .collect(Collectors.joining(" ", "map[", "]"));
            case Value.Moment(Instant at) -> at.toString();
            case Value.Span(var length) -> GoDuration.format(length);
        };
    }

    private static String type(Value value) {
        return switch (value) {
            case Value.Nil _ -> "nil";
            case Value.Int _ -> "int";
            case Value.Real _ -> "float";
            case Value.Items _ -> "array";
            case Value.Fields _ -> "map";
            case Value.Bool _, Value.Text _, Value.Moment _, Value.Span _ -> value.typeName();
        };
    }

    static Comparator<Value> order(int at) {
        return (a, b) ->
                Operations.ordered("<", a, b, at) ? -1 : Operations.ordered(">", a, b, at) ? 1 : 0;
    }
}
