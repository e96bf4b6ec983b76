package dev.sluice.analysis.core.expr;

import dev.sluice.analysis.core.expr.TypeCheck.Kind;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.DoubleUnaryOperator;
import java.util.function.Supplier;

/// Functions of numbers, and what makes one out of something else.
final class NumberFunctions {
    static final List<Builtin> ALL =
            List.of(
                    Builtin.of("abs", 1, 1, Kind.ANY, NumberFunctions::abs),
                    Builtin.of("ceil", 1, 1, Kind.REAL, c -> real(c, Math::ceil)),
                    Builtin.of("floor", 1, 1, Kind.REAL, c -> real(c, Math::floor)),
                    Builtin.of("round", 1, 1, Kind.REAL, c -> real(c, NumberFunctions::rounded)),
                    Builtin.of("int", 1, 1, Kind.INT, NumberFunctions::toInt),
                    Builtin.of("float", 1, 1, Kind.REAL, NumberFunctions::toReal),
                    Builtin.of("asInt", 1, 1, Kind.INT, NumberFunctions::asInt),
                    Builtin.of("asFloat", 1, 1, Kind.REAL, NumberFunctions::asFloat),
                    Builtin.of("isNaN", 1, 1, Kind.BOOL, c -> Value.of(Double.isNaN(number(c)))),
                    Builtin.of(
                            "isInf", 1, 1, Kind.BOOL, c -> Value.of(Double.isInfinite(number(c)))),
                    Builtin.of("max", 1, Builtin.ANY_NUMBER, Kind.ANY, c -> extreme(c, ">")),
                    Builtin.of("min", 1, Builtin.ANY_NUMBER, Kind.ANY, c -> extreme(c, "<")),
                    Builtin.of("mean", 1, Builtin.ANY_NUMBER, Kind.REAL, NumberFunctions::mean),
                    Builtin.of(
                            "median", 1, Builtin.ANY_NUMBER, Kind.REAL, NumberFunctions::median));

    private NumberFunctions() {}

    private static Value abs(Call call) {
        return switch (call.first()) {
            case Value.Int(long whole) -> Value.of(Math.abs(whole));
            case Value.Real(double real) -> Value.of(Math.abs(real));
            default -> throw call.invalid(call.first());
        };
    }

    private static Value real(Call call, DoubleUnaryOperator rounding) {
        if (!Operations.isNumber(call.first())) {
            throw call.invalid(call.first());
        }
        return Value.of(rounding.applyAsDouble(number(call)));
    }

    private static double rounded(double value) {
        return Math.copySign(Math.floor(Math.abs(value) + 0.5), value);
    }

    private static double number(Call call) {
        return Operations.real(call.first(), call.at());
    }

    private static Value toInt(Call call) {
        return switch (call.first()) {
            case Value.Int whole -> whole;
            case Value.Real(double real) -> Value.of((long) real);
            case Value.Text(String text) ->
                    parseInt(text, () -> call.failed("invalid operation: int(" + text + ")"));
            default -> throw call.invalid(call.first());
        };
    }

    private static Value asInt(Call call) {
        return switch (call.first()) {
            case Value.Int whole -> whole;
            case Value.Real(double real) -> Value.of((long) real);
            case Value.Text(String text) -> parseInt(text, () -> unparsable(call, "Int", text));
            default -> throw notSupported(call);
        };
    }

    private static Value parseInt(String text, Supplier<ExprException> failure) {
        try {
            return Value.of(Long.parseLong(text));
        } catch (NumberFormatException _) {
            throw failure.get();
        }
    }

    private static Value toReal(Call call) {
        return switch (call.first()) {
            case Value.Int(long whole) -> Value.of((double) whole);
            case Value.Real real -> real;
            case Value.Text(String text) ->
                    Value.of(
                            parseReal(text)
                                    .orElseThrow(
                                            () ->
                                                    call.failed(
                                                            "invalid operation: float("
                                                                    + text
                                                                    + ")")));
            default -> throw call.invalid(call.first());
        };
    }

    private static Value asFloat(Call call) {
        return switch (call.first()) {
            case Value.Int(long whole) -> Value.of((double) whole);
            case Value.Real real -> real;
            case Value.Text(String text) ->
                    Value.of(parseReal(text).orElseThrow(() -> unparsable(call, "Float", text)));
            default -> throw notSupported(call);
        };
    }

    private static ExprException unparsable(Call call, String kind, String text) {
        return call.failed("strconv.Parse" + kind + ": parsing \"" + text + "\": invalid syntax");
    }

    private static ExprException notSupported(Call call) {
        return call.failed(
                call.name()
                        + "() not supported on type "
                        + call.first().typeName()
                        + " "
                        + Builtins.shown(call.first()));
    }

    /// Go's syntax: no suffix `f` or `d`, no blanks, `inf` and `nan` in any case.
    private static Optional<Double> parseReal(String text) {
        String lower = text.toLowerCase(Locale.ROOT);
        switch (lower) {
            case "nan" -> {
                return Optional.of(Double.NaN);
            }
            case "inf", "+inf", "infinity", "+infinity" -> {
                return Optional.of(Double.POSITIVE_INFINITY);
            }
            case "-inf", "-infinity" -> {
                return Optional.of(Double.NEGATIVE_INFINITY);
            }
            default -> {
                boolean plain =
                        lower.chars()
                                .allMatch(c -> (c >= '0' && c <= '9') || ".+-e".indexOf(c) >= 0);
                try {
                    return plain ? Optional.of(Double.parseDouble(lower)) : Optional.empty();
                } catch (NumberFormatException _) {
                    return Optional.empty();
                }
            }
        }
    }

    private static List<Value> numbers(Call call) {
        List<Value> numbers = new ArrayList<>();
        for (Value argument : call.arguments()) {
            collect(call, argument, numbers);
        }
        return numbers;
    }

    private static void collect(Call call, Value value, List<Value> into) {
        if (value instanceof Value.Items(List<Value> values)) {
            values.forEach(item -> collect(call, item, into));
        } else if (Operations.isNumber(value)) {
            into.add(value);
            call.evaluator().allocate(1, call.at());
        } else {
            throw call.invalid(value);
        }
    }

    private static Value extreme(Call call, String operator) {
        List<Value> numbers = numbers(call);
        if (numbers.isEmpty()) {
            throw call.failed("not enough arguments to call " + call.name());
        }
        Value best = numbers.getFirst();
        for (Value number : numbers) {
            if (Operations.ordered(operator, number, best, call.at())) {
                best = number;
            }
        }
        return best;
    }

    private static Value mean(Call call) {
        List<Value> numbers = numbers(call);
        double sum = 0;
        for (Value number : numbers) {
            sum += Operations.real(number, call.at());
        }
        return Value.of(numbers.isEmpty() ? 0.0 : sum / numbers.size());
    }

    private static Value median(Call call) {
        double[] sorted =
                numbers(call).stream()
                        .mapToDouble(number -> Operations.real(number, call.at()))
                        .sorted()
                        .toArray();
        int middle = sorted.length / 2;
        if (sorted.length == 0) {
            return Value.of(0.0);
        }
        return Value.of(
                sorted.length % 2 == 1
                        ? sorted[middle]
                        : (sorted[middle - 1] + sorted[middle]) / 2);
    }
}
