package dev.sluice.analysis.core.expr;

/// One lexical unit. `text` of a `TEXT` token is the decoded content, not its source.
record Token(Kind kind, String text, int at) {
    enum Kind {
        NAME,
        NUMBER,
        TEXT,
        OPERATOR,
        BRACKET,
        END
    }

    boolean isOperator(String operator) {
        return kind == Kind.OPERATOR && text.equals(operator);
    }

    boolean isBracket(String bracket) {
        return kind == Kind.BRACKET && text.equals(bracket);
    }

    /// How an error message calls it.
    String shown() {
        return switch (kind) {
            case NAME -> "Identifier(\"" + text + "\")";
            case NUMBER -> "Number(\"" + text + "\")";
            case TEXT -> "String(\"" + text + "\")";
            case OPERATOR -> "Operator(\"" + text + "\")";
            case BRACKET -> "Bracket(\"" + text + "\")";
            case END -> "EOF";
        };
    }
}
