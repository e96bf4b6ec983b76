package dev.sluice.analysis.core.expr;

import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/// Operators on values. Whole and floating numbers compare by value; NaN is unequal to everything.
final class Operations {
    private Operations() {}

    static boolean isNumber(Value value) {
        return value instanceof Value.Int || value instanceof Value.Real;
    }

    static double real(Value value, int at) {
        return switch (value) {
            case Value.Int(long whole) -> whole;
            case Value.Real(double real) -> real;
            default ->
                    throw new ExprException(
                            "invalid operation: float(" + value.typeName() + ")", at);
        };
    }

    static boolean equal(Value left, Value right) {
        if (left instanceof Value.Int(long a) && right instanceof Value.Int(long b)) {
            return a == b;
        }
        if (isNumber(left) && isNumber(right)) {
            return real(left, 0) == real(right, 0);
        }
        if (left instanceof Value.Items(List<Value> a)
                && right instanceof Value.Items(List<Value> b)) {
            boolean same = a.size() == b.size();
            for (int i = 0; same && i < a.size(); i++) {
                same = equal(a.get(i), b.get(i));
            }
            return same;
        }
        if (left instanceof Value.Fields a && right instanceof Value.Fields b) {
            return a.values().keySet().equals(b.values().keySet())
                    && a.values().entrySet().stream()
                            .allMatch(
                                    entry ->
                                            equal(
                                                    entry.getValue(),
                                                    b.values()
                                                            .getOrDefault(
                                                                    entry.getKey(),
                                                                    Value.Nil.NIL)));
        }
        return left.equals(right);
    }

    static boolean ordered(String operator, Value left, Value right, int at) {
        if (isNumber(left) && isNumber(right)) {
            if (left instanceof Value.Int(long a) && right instanceof Value.Int(long b)) {
                return holds(operator, Long.compare(a, b));
            }
            double a = real(left, at);
            double b = real(right, at);
            return !Double.isNaN(a)
                    && !Double.isNaN(b)
                    && holds(operator, a < b ? -1 : a > b ? 1 : 0);
        }
        if (left instanceof Value.Text(String a) && right instanceof Value.Text(String b)) {
            return holds(operator, a.compareTo(b));
        }
        if (left instanceof Value.Moment(Instant a) && right instanceof Value.Moment(Instant b)) {
            return holds(operator, a.compareTo(b));
        }
        if (left instanceof Value.Span(Duration a) && right instanceof Value.Span(Duration b)) {
            return holds(operator, a.compareTo(b));
        }
        throw invalid(operator, left, right, at);
    }

    private static boolean holds(String operator, int comparison) {
        return switch (operator) {
            case "<" -> comparison < 0;
            case "<=" -> comparison <= 0;
            case ">" -> comparison > 0;
            default -> comparison >= 0;
        };
    }

    static Value arithmetic(String operator, Value left, Value right, int at) {
        if (left instanceof Value.Int(long a) && right instanceof Value.Int(long b)) {
            return whole(operator, a, b, at);
        }
        if (isNumber(left) && isNumber(right)) {
            return floating(operator, real(left, at), real(right, at), at);
        }
        if (left instanceof Value.Text(String a)
                && right instanceof Value.Text(String b)
                && operator.equals("+")) {
            return Value.of(a + b);
        }
        try {
            return temporal(operator, left, right)
                    .orElseThrow(() -> invalid(operator, left, right, at));
        } catch (ArithmeticException | DateTimeException _) {
            throw new ExprException("time out of range", at);
        }
    }

    private static Value whole(String operator, long a, long b, int at) {
        return switch (operator) {
            case "+" -> Value.of(a + b);
            case "-" -> Value.of(a - b);
            case "*" -> Value.of(a * b);
            case "/" -> Value.of((double) a / (double) b);
            case "%" -> {
                if (b == 0) {
                    throw new ExprException("integer divide by zero", at);
                }
                yield Value.of(a % b);
            }
            default -> Value.of(Math.pow((double) a, (double) b));
        };
    }

    private static Value floating(String operator, double a, double b, int at) {
        return switch (operator) {
            case "+" -> Value.of(a + b);
            case "-" -> Value.of(a - b);
            case "*" -> Value.of(a * b);
            case "/" -> Value.of(a / b);
            case "%" -> throw new ExprException("invalid operation: float64 % float64", at);
            default -> Value.of(Math.pow(a, b));
        };
    }

    private static Optional<Value> temporal(String operator, Value left, Value right) {
        boolean plus = operator.equals("+");
        boolean minus = operator.equals("-");
        if (left instanceof Value.Moment(Instant at)
                && right instanceof Value.Span(Duration span)
                && (plus || minus)) {
            return Optional.of(new Value.Moment(plus ? at.plus(span) : at.minus(span)));
        }
        if (left instanceof Value.Span(Duration span)
                && right instanceof Value.Moment(Instant at)
                && plus) {
            return Optional.of(new Value.Moment(at.plus(span)));
        }
        if (left instanceof Value.Moment(Instant a)
                && right instanceof Value.Moment(Instant b)
                && minus) {
            return Optional.of(new Value.Span(Duration.between(b, a)));
        }
        if (left instanceof Value.Span(Duration a)
                && right instanceof Value.Span(Duration b)
                && (plus || minus)) {
            return Optional.of(new Value.Span(plus ? a.plus(b) : a.minus(b)));
        }
        if (operator.equals("*") && left instanceof Value.Span(Duration span) && isNumber(right)) {
            return Optional.of(
                    new Value.Span(
                            Duration.ofNanos((long) ((double) span.toNanos() * real(right, 0)))));
        }
        return operator.equals("*") && right instanceof Value.Span && isNumber(left)
                ? temporal(operator, right, left)
                : Optional.empty();
    }

    static boolean contains(Value element, Value container, int at) {
        return switch (container) {
            case Value.Nil _ -> false;
            case Value.Items(List<Value> values) ->
                    values.stream().anyMatch(value -> equal(value, element));
            case Value.Fields fields -> {
                if (element == Value.Nil.NIL) {
                    yield false;
                }
                if (!(element instanceof Value.Text(String key))) {
                    throw new ExprException(
                            "cannot use " + element.typeName() + " as a key of a map", at);
                }
                yield fields.values().containsKey(key);
            }
            default ->
                    throw new ExprException(
                            "operator \"in\" not defined on " + container.typeName(), at);
        };
    }

    static Value fetch(Value owner, Value key, int at) {
        return switch (owner) {
            case Value.Fields fields when key instanceof Value.Text(String name) ->
                    fields.values().getOrDefault(name, Value.Nil.NIL);
            case Value.Items(List<Value> values) when isNumber(key) ->
                    values.get(index(key, values.size(), at));
            case Value.Text(String text) when isNumber(key) -> {
                byte[] bytes = text.getBytes(java.nio.charset.StandardCharsets.UTF_8);
                yield Value.of((long) (bytes[index(key, bytes.length, at)] & 0xff));
            }
            default ->
                    throw new ExprException(
                            "cannot fetch " + Builtins.shown(key) + " from " + owner.typeName(),
                            at);
        };
    }

    private static int index(Value key, int size, int at) {
        long wanted = key instanceof Value.Int(long whole) ? whole : (long) real(key, at);
        long index = wanted < 0 ? size + wanted : wanted;
        if (index < 0 || index >= size) {
            throw new ExprException(
                    "index out of range: " + wanted + " (array length is " + size + ")", at);
        }
        return (int) index;
    }

    static Value slice(Value owner, Optional<Value> from, Optional<Value> to, int at) {
        return switch (owner) {
            case Value.Items(List<Value> values) -> {
                int end = bound(to, values.size(), values.size(), at);
                yield new Value.Items(
                        values.subList(Math.min(bound(from, 0, values.size(), at), end), end));
            }
            case Value.Text(String text) -> {
                int size = text.length();
                int end = bound(to, size, size, at);
                yield Value.of(text.substring(Math.min(bound(from, 0, size, at), end), end));
            }
            default -> throw new ExprException("cannot slice " + owner.typeName(), at);
        };
    }

    private static int bound(Optional<Value> given, int otherwise, int size, int at) {
        if (given.isEmpty()) {
            return otherwise;
        }
        if (!(given.get() instanceof Value.Int(long wanted))) {
            throw new ExprException("non-integer slice index " + given.get().typeName(), at);
        }
        return (int) Math.clamp(wanted < 0 ? size + wanted : wanted, 0L, (long) size);
    }

    private static ExprException invalid(String operator, Value left, Value right, int at) {
        return new ExprException(
                "invalid operation: " + left.typeName() + " " + operator + " " + right.typeName(),
                at);
    }
}
