package dev.sluice.analysis.core.expr;

import dev.sluice.analysis.core.GoDuration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.StringJoiner;
import java.util.TreeMap;
import java.util.function.DoubleUnaryOperator;
import java.util.stream.Collectors;

/// The functions that a condition can call, with the number of arguments that each takes.
final class Builtins {
    private record Arity(int least, int most) {}

    private static final int ANY_NUMBER = 100;

    private static final Map<String, Arity> FUNCTIONS = new LinkedHashMap<>();
    private static final Set<String> CLOSURES =
            Set.of(
                    "all",
                    "none",
                    "any",
                    "one",
                    "filter",
                    "map",
                    "count",
                    "sum",
                    "find",
                    "findIndex",
                    "findLast",
                    "findLastIndex",
                    "sortBy",
                    "reduce");
    /// Functions of the analysis itself: they exist only where there is a result.
    private static final Set<String> OF_RESULT =
            Set.of("asInt", "asFloat", "isNaN", "isInf", "isNil", "default");

    static {
        for (String name : CLOSURES) {
            FUNCTIONS.put(name, new Arity(2, 2));
        }
        FUNCTIONS.put("count", new Arity(1, 2));
        FUNCTIONS.put("sum", new Arity(1, 2));
        FUNCTIONS.put("sortBy", new Arity(2, 3));
        FUNCTIONS.put("reduce", new Arity(2, 3));
        for (String name :
                List.of(
                        "len",
                        "type",
                        "abs",
                        "ceil",
                        "floor",
                        "round",
                        "int",
                        "float",
                        "string",
                        "upper",
                        "lower",
                        "first",
                        "last",
                        "keys",
                        "values",
                        "reverse",
                        "uniq",
                        "flatten",
                        "toPairs",
                        "fromPairs",
                        "duration",
                        "asInt",
                        "asFloat",
                        "isNaN",
                        "isInf",
                        "isNil")) {
            FUNCTIONS.put(name, new Arity(1, 1));
        }
        for (String name : List.of("max", "min", "mean", "median", "concat")) {
            FUNCTIONS.put(name, new Arity(1, ANY_NUMBER));
        }
        for (String name :
                List.of(
                        "get",
                        "take",
                        "trimPrefix",
                        "trimSuffix",
                        "hasPrefix",
                        "hasSuffix",
                        "indexOf",
                        "lastIndexOf",
                        "default",
                        "repeat")) {
            FUNCTIONS.put(name, new Arity(2, 2));
        }
        FUNCTIONS.put("now", new Arity(0, 0));
        FUNCTIONS.put("trim", new Arity(1, 2));
        FUNCTIONS.put("join", new Arity(1, 2));
        FUNCTIONS.put("sort", new Arity(1, 2));
        FUNCTIONS.put("split", new Arity(2, 3));
        FUNCTIONS.put("replace", new Arity(3, 4));
        FUNCTIONS.put("date", new Arity(1, 1));
    }

    private Builtins() {}

    static boolean takesClosure(String function) {
        return CLOSURES.contains(function);
    }

    static void checkCall(Node.Call call, Environment environment) {
        String name = call.function();
        Arity arity = FUNCTIONS.get(name);
        if (arity == null || (OF_RESULT.contains(name) && environment.result().isEmpty())) {
            throw new ExprException("unknown name " + name, call.at());
        }
        int given = call.arguments().size();
        if (given < arity.least()) {
            throw new ExprException("not enough arguments to call " + name, call.at());
        }
        if (given > arity.most()) {
            throw new ExprException("too many arguments to call " + name, call.at());
        }
    }

    static TypeCheck.Kind resultKind(String function) {
        return switch (function) {
            case "all", "none", "any", "one", "isNaN", "isInf", "isNil", "hasPrefix", "hasSuffix" ->
                    TypeCheck.Kind.BOOL;
            case "count",
                    "len",
                    "int",
                    "asInt",
                    "findIndex",
                    "findLastIndex",
                    "indexOf",
                    "lastIndexOf" ->
                    TypeCheck.Kind.INT;
            case "float", "asFloat", "ceil", "floor", "round", "mean", "median" ->
                    TypeCheck.Kind.REAL;
            case "string",
                    "type",
                    "upper",
                    "lower",
                    "trim",
                    "trimPrefix",
                    "trimSuffix",
                    "join",
                    "replace",
                    "repeat" ->
                    TypeCheck.Kind.TEXT;
            case "filter",
                    "map",
                    "keys",
                    "values",
                    "split",
                    "reverse",
                    "uniq",
                    "concat",
                    "flatten",
                    "sort",
                    "sortBy",
                    "toPairs" ->
                    TypeCheck.Kind.LIST;
            case "now", "date" -> TypeCheck.Kind.MOMENT;
            case "duration" -> TypeCheck.Kind.SPAN;
            default -> TypeCheck.Kind.ANY;
        };
    }

    static Value call(Node.Call call, Evaluator evaluator) {
        if (takesClosure(call.function())) {
            return Closures.call(call, evaluator);
        }
        List<Value> arguments = new ArrayList<>();
        for (Node argument : call.arguments()) {
            arguments.add(evaluator.evaluate(argument));
        }
        return new Call(call.function(), arguments, call.at(), evaluator).value();
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

    /// One call of a function without a closure.
    private record Call(String name, List<Value> arguments, int at, Evaluator evaluator) {
        Value value() {
            Value first = arguments.isEmpty() ? Value.Nil.NIL : arguments.getFirst();
            return switch (name) {
                case "len" -> Value.of(length(first));
                case "type" -> Value.of(type(first));
                case "abs" -> abs(first);
                case "ceil" -> real(first, Math::ceil);
                case "floor" -> real(first, Math::floor);
                case "round" ->
                        real(
                                first,
                                value -> Math.copySign(Math.floor(Math.abs(value) + 0.5), value));
                case "int" -> toInt(first);
                case "float" -> toReal(first);
                case "string" -> text(shown(first));
                case "max", "min" -> extreme();
                case "mean" -> mean();
                case "median" -> median();
                case "now" -> new Value.Moment(evaluator.environment().now());
                case "duration" -> duration(text(0));
                case "date" -> date(text(0));
                case "asInt" -> asInt(first);
                case "asFloat" -> asFloat(first);
                case "isNaN" -> Value.of(Double.isNaN(Operations.real(first, at)));
                case "isInf" -> Value.of(Double.isInfinite(Operations.real(first, at)));
                // The original tests the result, whatever the argument is.
                case "isNil" -> Value.of(result() == Value.Nil.NIL);
                case "default" -> result() == Value.Nil.NIL ? arguments.get(1) : result();
                case "keys",
                        "values",
                        "toPairs",
                        "fromPairs",
                        "get",
                        "first",
                        "last",
                        "take",
                        "reverse",
                        "uniq",
                        "concat",
                        "flatten",
                        "sort" ->
                        list(first);
                default -> string();
            };
        }

        private Value result() {
            return evaluator.environment().result().orElse(Value.Nil.NIL);
        }

        private long length(Value value) {
            return switch (value) {
                case Value.Items(List<Value> values) -> values.size();
                case Value.Fields(Map<String, Value> values) -> values.size();
                case Value.Text(String text) -> text.codePointCount(0, text.length());
                default -> throw invalid(value);
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

        private Value abs(Value value) {
            return switch (value) {
                case Value.Int(long whole) -> Value.of(Math.abs(whole));
                case Value.Real(double real) -> Value.of(Math.abs(real));
                default -> throw invalid(value);
            };
        }

        private Value real(Value value, DoubleUnaryOperator rounding) {
            if (!Operations.isNumber(value)) {
                throw invalid(value);
            }
            return Value.of(rounding.applyAsDouble(Operations.real(value, at)));
        }

        private Value toInt(Value value) {
            return switch (value) {
                case Value.Int _ -> value;
                case Value.Real(double real) -> Value.of((long) real);
                case Value.Text(String text) -> {
                    try {
                        yield Value.of(Long.parseLong(text));
                    } catch (NumberFormatException _) {
                        throw new ExprException("invalid operation: int(" + text + ")", at);
                    }
                }
                default -> throw invalid(value);
            };
        }

        private Value toReal(Value value) {
            return switch (value) {
                case Value.Int(long whole) -> Value.of((double) whole);
                case Value.Real _ -> value;
                case Value.Text(String text) ->
                        Value.of(
                                parseReal(text)
                                        .orElseThrow(
                                                () ->
                                                        new ExprException(
                                                                "invalid operation: float("
                                                                        + text
                                                                        + ")",
                                                                at)));
                default -> throw invalid(value);
            };
        }

        private Value asInt(Value value) {
            return switch (value) {
                case Value.Int _ -> value;
                case Value.Real(double real) -> Value.of((long) real);
                case Value.Text(String text) -> {
                    try {
                        yield Value.of(Long.parseLong(text));
                    } catch (NumberFormatException _) {
                        throw new ExprException(
                                "strconv.ParseInt: parsing \"" + text + "\": invalid syntax", at);
                    }
                }
                default -> throw notSupported(value);
            };
        }

        private Value asFloat(Value value) {
            return switch (value) {
                case Value.Int(long whole) -> Value.of((double) whole);
                case Value.Real _ -> value;
                case Value.Text(String text) ->
                        Value.of(
                                parseReal(text)
                                        .orElseThrow(
                                                () ->
                                                        new ExprException(
                                                                "strconv.ParseFloat: parsing \""
                                                                        + text
                                                                        + "\": invalid syntax",
                                                                at)));
                default -> throw notSupported(value);
            };
        }

        private ExprException notSupported(Value value) {
            return new ExprException(
                    name + "() not supported on type " + value.typeName() + " " + shown(value), at);
        }

        /// Go's syntax: no suffix `f` or `d`, no blanks, `inf` and `nan` in any case.
        private static Optional<Double> parseReal(String text) {
            String lower = text.toLowerCase(java.util.Locale.ROOT);
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
                                    .allMatch(
                                            c -> (c >= '0' && c <= '9') || ".+-e".indexOf(c) >= 0);
                    try {
                        return plain ? Optional.of(Double.parseDouble(lower)) : Optional.empty();
                    } catch (NumberFormatException _) {
                        return Optional.empty();
                    }
                }
            }
        }

        private List<Value> numbers() {
            List<Value> numbers = new ArrayList<>();
            for (Value argument : arguments) {
                collect(argument, numbers);
            }
            return numbers;
        }

        private void collect(Value value, List<Value> into) {
            if (value instanceof Value.Items(List<Value> values)) {
                values.forEach(item -> collect(item, into));
            } else if (Operations.isNumber(value)) {
                into.add(value);
                evaluator.allocate(1, at);
            } else {
                throw new ExprException(
                        "invalid argument for " + name + " (type " + value.typeName() + ")", at);
            }
        }

        private Value extreme() {
            List<Value> numbers = numbers();
            if (numbers.isEmpty()) {
                throw new ExprException("not enough arguments to call " + name, at);
            }
            String operator = name.equals("max") ? ">" : "<";
            Value best = numbers.getFirst();
            for (Value number : numbers) {
                if (Operations.ordered(operator, number, best, at)) {
                    best = number;
                }
            }
            return best;
        }

        private Value mean() {
            List<Value> numbers = numbers();
            double sum = 0;
            for (Value number : numbers) {
                sum += Operations.real(number, at);
            }
            return Value.of(numbers.isEmpty() ? 0.0 : sum / numbers.size());
        }

        private Value median() {
            double[] sorted =
                    numbers().stream()
                            .mapToDouble(number -> Operations.real(number, at))
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

        private Value duration(String text) {
            try {
                return new Value.Span(GoDuration.parse(text));
            } catch (IllegalArgumentException e) {
                throw new ExprException(
                        Optional.ofNullable(e.getMessage()).orElse("invalid duration"), at);
            }
        }

        private Value date(String text) {
            try {
                return new Value.Moment(OffsetDateTime.parse(text).toInstant());
            } catch (DateTimeParseException _) {
                // the next layout
            }
            try {
                return new Value.Moment(
                        LocalDate.parse(text).atStartOfDay(ZoneOffset.UTC).toInstant());
            } catch (DateTimeParseException _) {
                // the next layout
            }
            try {
                DateTimeFormatter spaced =
                        DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm:ss", java.util.Locale.ROOT);
                return new Value.Moment(
                        LocalDateTime.parse(text, spaced).toInstant(ZoneOffset.UTC));
            } catch (DateTimeParseException _) {
                throw new ExprException("invalid date " + text, at);
            }
        }

        private Value list(Value first) {
            return switch (name) {
                case "keys" ->
                        new Value.Items(fields(first).keySet().stream().map(Value::of).toList());
                case "values" -> new Value.Items(List.copyOf(fields(first).values()));
                case "toPairs" ->
                        new Value.Items(
                                fields(first).entrySet().stream()
                                        .<Value>map(
                                                e ->
                                                        new Value.Items(
                                                                List.of(
                                                                        Value.of(e.getKey()),
                                                                        e.getValue())))
                                        .toList());
                case "fromPairs" -> fromPairs(items(first));
                case "get" -> get(first, arguments.get(1));
                case "first" -> items(first).isEmpty() ? Value.Nil.NIL : items(first).getFirst();
                case "last" -> items(first).isEmpty() ? Value.Nil.NIL : items(first).getLast();
                case "take" -> {
                    List<Value> items = items(first);
                    yield new Value.Items(
                            items.subList(0, (int) Math.clamp(whole(1), 0L, (long) items.size())));
                }
                case "reverse" -> made(items(first).reversed());
                case "uniq" -> uniq(items(first));
                case "concat" -> {
                    List<Value> all = new ArrayList<>();
                    arguments.forEach(argument -> all.addAll(items(argument)));
                    yield made(all);
                }
                case "flatten" -> {
                    List<Value> all = new ArrayList<>();
                    flatten(first, all);
                    yield made(all);
                }
                default -> {
                    boolean descending = arguments.size() > 1 && text(1).equals("desc");
                    yield made(Closures.sorted(items(first), value -> value, descending, at));
                }
            };
        }

        private Value made(List<Value> values) {
            evaluator.allocate(values.size(), at);
            return new Value.Items(values);
        }

        private void flatten(Value value, List<Value> into) {
            for (Value item : items(value)) {
                if (item instanceof Value.Items) {
                    flatten(item, into);
                } else {
                    into.add(item);
                }
            }
        }

        private Value uniq(List<Value> items) {
            List<Value> kept = new ArrayList<>();
            for (Value item : items) {
                evaluator.allocate(kept.size(), at);
                if (kept.stream().noneMatch(other -> Operations.equal(other, item))) {
                    kept.add(item);
                }
            }
            return new Value.Items(kept);
        }

        private Value fromPairs(List<Value> pairs) {
            Map<String, Value> fields = new LinkedHashMap<>();
            for (Value pair : pairs) {
                List<Value> two = items(pair);
                if (two.size() != 2 || !(two.getFirst() instanceof Value.Text(String key))) {
                    throw new ExprException("invalid pair " + shown(pair), at);
                }
                fields.put(key, two.get(1));
            }
            return new Value.Fields(fields);
        }

        private Value get(Value owner, Value key) {
            try {
                return Operations.fetch(owner, key, at);
            } catch (ExprException e) {
                if (owner == Value.Nil.NIL
                        || owner instanceof Value.Items
                        || owner instanceof Value.Fields) {
                    return Value.Nil.NIL;
                }
                throw e;
            }
        }

        private Value string() {
            return switch (name) {
                case "upper" -> text(text(0).toUpperCase(java.util.Locale.ROOT));
                case "lower" -> text(text(0).toLowerCase(java.util.Locale.ROOT));
                case "trim" ->
                        text(arguments.size() == 1 ? text(0).strip() : trim(text(0), text(1)));
                case "trimPrefix" ->
                        text(
                                text(0).startsWith(text(1))
                                        ? text(0).substring(text(1).length())
                                        : text(0));
                case "trimSuffix" ->
                        text(
                                text(0).endsWith(text(1))
                                        ? text(0).substring(0, text(0).length() - text(1).length())
                                        : text(0));
                case "hasPrefix" -> Value.of(text(0).startsWith(text(1)));
                case "hasSuffix" -> Value.of(text(0).endsWith(text(1)));
                case "indexOf" -> Value.of((long) text(0).indexOf(text(1)));
                case "lastIndexOf" -> Value.of((long) text(0).lastIndexOf(text(1)));
                case "repeat" -> {
                    long times = whole(1);
                    if (times < 0) {
                        throw new ExprException("negative repeat count", at);
                    }
                    evaluator.allocate(times * Math.max(1, text(0).length()), at);
                    yield text(text(0).repeat((int) times));
                }
                case "split" -> made(split());
                case "join" -> join();
                case "replace" -> replace();
                default -> throw new ExprException("unknown name " + name, at);
            };
        }

        private List<Value> split() {
            long limit = arguments.size() > 2 ? whole(2) : -1;
            if (limit == 0) {
                return List.of();
            }
            String rest = text(0);
            String separator = text(1);
            List<Value> parts = new ArrayList<>();
            while (limit < 0 || parts.size() + 1 < limit) {
                int cut =
                        separator.isEmpty()
                                ? (rest.length() > 1 ? rest.offsetByCodePoints(0, 1) : -1)
                                : rest.indexOf(separator);
                if (cut < 0) {
                    break;
                }
                parts.add(Value.of(rest.substring(0, cut)));
                rest = rest.substring(cut + separator.length());
            }
            parts.add(Value.of(rest));
            return parts;
        }

        private Value join() {
            String separator = arguments.size() > 1 ? text(1) : "";
            StringJoiner joined = new StringJoiner(separator);
            for (Value item : items(arguments.getFirst())) {
                if (!(item instanceof Value.Text(String part))) {
                    throw new ExprException("cannot join " + item.typeName(), at);
                }
                joined.add(part);
            }
            return text(joined.toString());
        }

        private Value replace() {
            String source = text(0);
            long limit = arguments.size() > 3 ? whole(3) : -1;
            evaluator.allocate((long) source.length() * Math.max(1, text(2).length()), at);
            if (limit < 0) {
                return text(source.replace(text(1), text(2)));
            }
            for (long i = 0, from = 0; i < limit && from >= 0 && from <= source.length(); i++) {
                int found = source.indexOf(text(1), (int) from);
                if (found < 0) {
                    break;
                }
                source =
                        source.substring(0, found)
                                + text(2)
                                + source.substring(found + text(1).length());
                from = (long) found + text(2).length();
            }
            return text(source);
        }

        private static String trim(String text, String cutset) {
            int from = 0;
            int to = text.length();
            while (from < to && cutset.indexOf(text.charAt(from)) >= 0) {
                from++;
            }
            while (to > from && cutset.indexOf(text.charAt(to - 1)) >= 0) {
                to--;
            }
            return text.substring(from, to);
        }

        private Value text(String text) {
            evaluator.allocate(text.length(), at);
            return Value.of(text);
        }

        private String text(int index) {
            if (arguments.get(index) instanceof Value.Text(String text)) {
                return text;
            }
            throw invalid(arguments.get(index));
        }

        private long whole(int index) {
            if (arguments.get(index) instanceof Value.Int(long whole)) {
                return whole;
            }
            throw invalid(arguments.get(index));
        }

        private List<Value> items(Value value) {
            if (value instanceof Value.Items(List<Value> items)) {
                return items;
            }
            throw invalid(value);
        }

        private Map<String, Value> fields(Value value) {
            if (value instanceof Value.Fields(Map<String, Value> fields)) {
                return fields;
            }
            throw invalid(value);
        }

        private ExprException invalid(Value value) {
            return new ExprException(
                    "invalid argument for " + name + " (type " + value.typeName() + ")", at);
        }
    }

    static Comparator<Value> order(int at) {
        return (a, b) ->
                Operations.ordered("<", a, b, at) ? -1 : Operations.ordered(">", a, b, at) ? 1 : 0;
    }
}
