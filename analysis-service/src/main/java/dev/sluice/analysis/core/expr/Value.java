package dev.sluice.analysis.core.expr;

import java.time.Duration;
import java.time.Instant;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// A value of the expression language. The names that users see in errors are those of the
/// original's types.
public sealed interface Value {

    /// The type's name as the original prints it (`float64`, `[]interface {}`, …).
    String typeName();

    /// Nothing.
    enum Nil implements Value {
        NIL;

        @Override
        public String typeName() {
            return "<nil>";
        }
    }

    record Bool(boolean value) implements Value {
        @Override
        public String typeName() {
            return "bool";
        }
    }

    /// A whole number. Arithmetic wraps at 64 bits, as in the original.
    record Int(long value) implements Value {
        @Override
        public String typeName() {
            return "int";
        }
    }

    record Real(double value) implements Value {
        @Override
        public String typeName() {
            return "float64";
        }
    }

    record Text(String value) implements Value {
        @Override
        public String typeName() {
            return "string";
        }
    }

    record Items(List<Value> values) implements Value {
        public Items {
            values = List.copyOf(values);
        }

        @Override
        public String typeName() {
            return "[]interface {}";
        }
    }

    /// Keys keep the order in which they were given.
    record Fields(Map<String, Value> values) implements Value {
        public Fields {
            values = Collections.unmodifiableMap(new LinkedHashMap<>(values));
        }

        @Override
        public String typeName() {
            return "map[string]interface {}";
        }
    }

    record Moment(Instant at) implements Value {
        @Override
        public String typeName() {
            return "time.Time";
        }
    }

    record Span(Duration length) implements Value {
        @Override
        public String typeName() {
            return "time.Duration";
        }
    }

    static Value of(boolean value) {
        return new Bool(value);
    }

    static Value of(long value) {
        return new Int(value);
    }

    static Value of(double value) {
        return new Real(value);
    }

    static Value of(String value) {
        return new Text(value);
    }
}
