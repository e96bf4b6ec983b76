package dev.sluice.analysis.core.expr;

import dev.sluice.analysis.core.expr.TypeCheck.Kind;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// Functions of lists and maps that take no closure.
final class ListFunctions {
    static final List<Builtin> ALL =
            List.of(
                    Builtin.of("len", 1, 1, Kind.INT, c -> Value.of(length(c))),
                    Builtin.of("keys", 1, 1, Kind.LIST, ListFunctions::keys),
                    Builtin.of("values", 1, 1, Kind.LIST, ListFunctions::values),
                    Builtin.of("toPairs", 1, 1, Kind.LIST, ListFunctions::toPairs),
                    Builtin.of("fromPairs", 1, 1, Kind.ANY, ListFunctions::fromPairs),
                    Builtin.of("get", 2, 2, Kind.ANY, ListFunctions::get),
                    Builtin.of("first", 1, 1, Kind.ANY, ListFunctions::first),
                    Builtin.of("last", 1, 1, Kind.ANY, ListFunctions::last),
                    Builtin.of("take", 2, 2, Kind.ANY, ListFunctions::take),
                    Builtin.of(
                            "reverse", 1, 1, Kind.LIST, c -> c.made(c.items(c.first()).reversed())),
                    Builtin.of("uniq", 1, 1, Kind.LIST, ListFunctions::uniq),
                    Builtin.of("concat", 1, Builtin.ANY_NUMBER, Kind.LIST, ListFunctions::concat),
                    Builtin.of("flatten", 1, 1, Kind.LIST, ListFunctions::flatten),
                    Builtin.of("sort", 1, 2, Kind.LIST, ListFunctions::sort));

    private ListFunctions() {}

    private static long length(Call call) {
        return switch (call.first()) {
            case Value.Items(List<Value> values) -> values.size();
            case Value.Fields(Map<String, Value> values) -> values.size();
            case Value.Text(String text) -> text.codePointCount(0, text.length());
            default -> throw call.invalid(call.first());
        };
    }

    private static Value keys(Call call) {
        return new Value.Items(call.fields(call.first()).keySet().stream().map(Value::of).toList());
    }

    private static Value values(Call call) {
        return new Value.Items(List.copyOf(call.fields(call.first()).values()));
    }

    private static Value toPairs(Call call) {
        return new Value.Items(
                call.fields(call.first()).entrySet().stream()
                        .<Value>map(
                                e -> new Value.Items(List.of(Value.of(e.getKey()), e.getValue())))
                        .toList());
    }

    private static Value fromPairs(Call call) {
        Map<String, Value> fields = new LinkedHashMap<>();
        for (Value pair : call.items(call.first())) {
            List<Value> two = call.items(pair);
            if (two.size() != 2 || !(two.getFirst() instanceof Value.Text(String key))) {
                throw call.failed("invalid pair " + Builtins.shown(pair));
            }
            fields.put(key, two.get(1));
        }
        return new Value.Fields(fields);
    }

    private static Value get(Call call) {
        Value owner = call.first();
        try {
            return Operations.fetch(owner, call.arguments().get(1), call.at());
        } catch (ExprException e) {
            if (owner == Value.Nil.NIL
                    || owner instanceof Value.Items
                    || owner instanceof Value.Fields) {
                return Value.Nil.NIL;
            }
            throw e;
        }
    }

    private static Value first(Call call) {
        List<Value> items = call.items(call.first());
        return items.isEmpty() ? Value.Nil.NIL : items.getFirst();
    }

    private static Value last(Call call) {
        List<Value> items = call.items(call.first());
        return items.isEmpty() ? Value.Nil.NIL : items.getLast();
    }

    private static Value take(Call call) {
        List<Value> items = call.items(call.first());
        return new Value.Items(
                items.subList(0, (int) Math.clamp(call.whole(1), 0L, (long) items.size())));
    }

    private static Value uniq(Call call) {
        List<Value> kept = new ArrayList<>();
        for (Value item : call.items(call.first())) {
            call.evaluator().allocate(kept.size(), call.at());
            if (kept.stream().noneMatch(other -> Operations.equal(other, item))) {
                kept.add(item);
            }
        }
        return new Value.Items(kept);
    }

    private static Value concat(Call call) {
        List<Value> all = new ArrayList<>();
        call.arguments().forEach(argument -> all.addAll(call.items(argument)));
        return call.made(all);
    }

    private static Value flatten(Call call) {
        List<Value> all = new ArrayList<>();
        flatten(call, call.first(), all);
        return call.made(all);
    }

    private static void flatten(Call call, Value value, List<Value> into) {
        for (Value item : call.items(value)) {
            if (item instanceof Value.Items) {
                flatten(call, item, into);
            } else {
                into.add(item);
            }
        }
    }

    private static Value sort(Call call) {
        boolean descending = call.arguments().size() > 1 && call.text(1).equals("desc");
        return call.made(
                Closures.sorted(call.items(call.first()), value -> value, descending, call.at()));
    }
}
