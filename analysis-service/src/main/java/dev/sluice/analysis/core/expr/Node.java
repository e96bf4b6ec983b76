package dev.sluice.analysis.core.expr;

import java.util.List;
import java.util.Optional;

/// The syntax tree. `at` is the offset in the source that an error points to.
sealed interface Node {
    int at();

    record Literal(Value value, int at) implements Node {}

    record Name(String name, int at) implements Node {}

    /// `#`, `#index`, `#acc` inside a closure.
    record Pointer(String name, int at) implements Node {}

    record Unary(String operator, Node operand, int at) implements Node {}

    record Binary(String operator, Node left, Node right, int at) implements Node {}

    record Conditional(Node condition, Node yes, Node no, int at) implements Node {}

    record Member(Node owner, Node property, boolean optional, int at) implements Node {}

    record Slice(Node owner, Optional<Node> from, Optional<Node> to, int at) implements Node {}

    /// The extent of a `?.`: a nil inside ends the whole chain with nil.
    record Chain(Node inner, int at) implements Node {}

    record Call(String function, List<Node> arguments, int at) implements Node {}

    record Closure(Node body, int at) implements Node {}

    record ListOf(List<Node> items, int at) implements Node {}

    record MapOf(List<Entry> entries, int at) implements Node {}

    record Entry(Node key, Node value) {}

    record Let(String name, Node value, Node body, int at) implements Node {}

    record Sequence(List<Node> parts, int at) implements Node {}
}
