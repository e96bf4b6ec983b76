package dev.sluice.analysis.core.expr;

import java.util.List;
import java.util.Map;

/// One call of a function without a closure: its arguments, as what the function takes them for.
record Call(String name, List<Value> arguments, int at, Evaluator evaluator) {
    Value first() {
        return arguments.getFirst();
    }

    /// What the analysis measured; nil where there is nothing.
    Value result() {
        return evaluator.environment().result().orElse(Value.Nil.NIL);
    }

    String text(int index) {
        if (arguments.get(index) instanceof Value.Text(String text)) {
            return text;
        }
        throw invalid(arguments.get(index));
    }

    long whole(int index) {
        if (arguments.get(index) instanceof Value.Int(long whole)) {
            return whole;
        }
        throw invalid(arguments.get(index));
    }

    List<Value> items(Value value) {
        if (value instanceof Value.Items(List<Value> items)) {
            return items;
        }
        throw invalid(value);
    }

    Map<String, Value> fields(Value value) {
        if (value instanceof Value.Fields(Map<String, Value> fields)) {
            return fields;
        }
        throw invalid(value);
    }

    /// A new text, against the budget.
    Value made(String text) {
        evaluator.allocate(text.length(), at);
        return Value.of(text);
    }

    /// A new list, against the budget.
    Value made(List<Value> values) {
        evaluator.allocate(values.size(), at);
        return new Value.Items(values);
    }

    ExprException failed(String message) {
        return new ExprException(message, at);
    }

    ExprException invalid(Value value) {
        return failed("invalid argument for " + name + " (type " + value.typeName() + ")");
    }
}
