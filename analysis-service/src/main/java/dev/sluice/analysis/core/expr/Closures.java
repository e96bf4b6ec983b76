package dev.sluice.analysis.core.expr;

import dev.sluice.analysis.core.expr.TypeCheck.Kind;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.function.Function;

/// The functions that take a closure.
final class Closures {
    static final List<Builtin> ALL =
            List.of(
                    Builtin.withClosure("all", 2, 2, Kind.BOOL),
                    Builtin.withClosure("none", 2, 2, Kind.BOOL),
                    Builtin.withClosure("any", 2, 2, Kind.BOOL),
                    Builtin.withClosure("one", 2, 2, Kind.BOOL),
                    Builtin.withClosure("filter", 2, 2, Kind.LIST),
                    Builtin.withClosure("map", 2, 2, Kind.LIST),
                    Builtin.withClosure("count", 1, 2, Kind.INT),
                    Builtin.withClosure("sum", 1, 2, Kind.ANY),
                    Builtin.withClosure("find", 2, 2, Kind.ANY),
                    Builtin.withClosure("findIndex", 2, 2, Kind.INT),
                    Builtin.withClosure("findLast", 2, 2, Kind.ANY),
                    Builtin.withClosure("findLastIndex", 2, 2, Kind.INT),
                    Builtin.withClosure("sortBy", 2, 3, Kind.LIST),
                    Builtin.withClosure("reduce", 2, 3, Kind.ANY));

    private Closures() {}

    static Value call(Node.Call call, Evaluator evaluator) {
        Value subject = evaluator.evaluate(call.arguments().getFirst());
        if (!(subject instanceof Value.Items(List<Value> items))) {
            throw new ExprException(
                    "builtin "
                            + call.function()
                            + " takes only array (got "
                            + subject.typeName()
                            + ")",
                    call.at());
        }
        if (call.arguments().size() == 1) {
            return call.function().equals("count")
                    ? Value.of(
                            items.stream().filter(item -> Evaluator.truth(item, call.at())).count())
                    : sum(items, call.at());
        }
        return new Run(call, evaluator, items, call.arguments().get(1)).value();
    }

    private record Run(Node.Call call, Evaluator evaluator, List<Value> items, Node closure) {
        Value value() {
            return switch (call.function()) {
                case "all" -> Value.of(matching(items.size()) == items.size());
                case "none" -> Value.of(index(false) < 0);
                case "any" -> Value.of(index(false) >= 0);
                case "one" -> Value.of(matching(items.size()) == 1);
                case "count" -> Value.of(matching(items.size()));
                case "filter" -> filter();
                case "map" -> new Value.Items(mapped());
                case "sum" -> sum(mapped(), call.at());
                case "find" -> at(index(false));
                case "findIndex" -> position(index(false));
                case "findLast" -> at(index(true));
                case "findLastIndex" -> position(index(true));
                case "sortBy" -> sortBy();
                default -> reduce();
            };
        }

        private Value at(int index) {
            return index < 0 ? Value.Nil.NIL : items.get(index);
        }

        private static Value position(int index) {
            return index < 0 ? Value.Nil.NIL : Value.of((long) index);
        }

        private boolean matches(int index) {
            Value outcome = evaluator.inClosure(closure, items.get(index), index, Value.Nil.NIL);
            return Evaluator.truth(outcome, closure.at());
        }

        private long matching(int size) {
            long count = 0;
            boolean all = call.function().equals("all");
            for (int i = 0; i < size; i++) {
                if (matches(i)) {
                    count++;
                } else if (all) {
                    return count;
                }
            }
            return count;
        }

        private int index(boolean fromEnd) {
            for (int i = 0; i < items.size(); i++) {
                int index = fromEnd ? items.size() - 1 - i : i;
                if (matches(index)) {
                    return index;
                }
            }
            return -1;
        }

        private Value filter() {
            List<Value> kept = new ArrayList<>();
            for (int i = 0; i < items.size(); i++) {
                if (matches(i)) {
                    kept.add(items.get(i));
                }
            }
            evaluator.allocate(kept.size(), call.at());
            return new Value.Items(kept);
        }

        private List<Value> mapped() {
            evaluator.allocate(items.size(), call.at());
            List<Value> mapped = new ArrayList<>();
            for (int i = 0; i < items.size(); i++) {
                mapped.add(evaluator.inClosure(closure, items.get(i), i, Value.Nil.NIL));
            }
            return mapped;
        }

        private Value sortBy() {
            List<Value> keys = mapped();
            List<Value> indexes = new ArrayList<>();
            for (long i = 0; i < items.size(); i++) {
                indexes.add(Value.of(i));
            }
            boolean descending =
                    call.arguments().size() > 2
                            && evaluator.evaluate(call.arguments().get(2)).equals(Value.of("desc"));
            Function<Value, Value> key =
                    index -> Operations.fetch(new Value.Items(keys), index, call.at());
            return new Value.Items(
                    sorted(indexes, key, descending, call.at()).stream()
                            .map(
                                    index ->
                                            Operations.fetch(
                                                    new Value.Items(items), index, call.at()))
                            .toList());
        }

        private Value reduce() {
            boolean seeded = call.arguments().size() > 2;
            if (!seeded && items.isEmpty()) {
                throw new ExprException("reduce of empty array with no initial value", call.at());
            }
            Value accumulator =
                    seeded ? evaluator.evaluate(call.arguments().get(2)) : items.getFirst();
            for (int i = seeded ? 0 : 1; i < items.size(); i++) {
                accumulator = evaluator.inClosure(closure, items.get(i), i, accumulator);
            }
            return accumulator;
        }
    }

    static List<Value> sorted(
            List<Value> items, Function<Value, Value> key, boolean descending, int at) {
        Comparator<Value> order = Comparator.comparing(key, Builtins.order(at));
        try {
            return items.stream().sorted(descending ? order.reversed() : order).toList();
        } catch (IllegalArgumentException _) {
            // NaN among the keys has no place in an order.
            throw new ExprException("cannot sort these values", at);
        }
    }

    private static Value sum(List<Value> items, int at) {
        Value sum = Value.of(0L);
        for (Value item : items) {
            if (!Operations.isNumber(item)) {
                throw new ExprException("invalid operation: int + " + item.typeName(), at);
            }
            sum = Operations.arithmetic("+", sum, item, at);
        }
        return sum;
    }
}
