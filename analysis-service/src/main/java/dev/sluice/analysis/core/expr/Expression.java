package dev.sluice.analysis.core.expr;

/// A parsed condition. Parsing and evaluation throw nothing but `ExprException`.
public final class Expression {
    private final Node root;

    private Expression(Node root) {
        this.root = root;
    }

    public static Expression parse(String source) {
        return new Expression(Parser.parse(source));
    }

    /// Checks names and types first, as the original's compiler does: a fault in a branch that is
    /// not taken is a fault all the same.
    public Value evaluate(Environment environment) {
        TypeCheck.check(root, environment);
        return new Evaluator(environment).evaluate(root);
    }
}
