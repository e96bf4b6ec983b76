package dev.sluice.analysis.core.expr;

import dev.sluice.analysis.core.expr.TypeCheck.Kind;
import java.util.Optional;
import java.util.function.Function;

/// One function that a condition can call.
///
/// @param least fewest arguments
/// @param most most arguments
/// @param kind what it gives, as far as that is known before it runs
/// @param body empty for one that takes a closure; [Closures] has those
record Builtin(String name, int least, int most, Kind kind, Optional<Function<Call, Value>> body) {
    static final int ANY_NUMBER = 100;

    static Builtin of(String name, int least, int most, Kind kind, Function<Call, Value> body) {
        return new Builtin(name, least, most, kind, Optional.of(body));
    }

    static Builtin withClosure(String name, int least, int most, Kind kind) {
        return new Builtin(name, least, most, kind, Optional.empty());
    }
}
