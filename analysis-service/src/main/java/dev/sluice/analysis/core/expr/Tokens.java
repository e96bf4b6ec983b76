package dev.sluice.analysis.core.expr;

import java.util.List;

/// The tokens of a condition, and how far they are read. Behind the end there is only the end.
final class Tokens {
    private final List<Token> all;
    private int next;

    Tokens(List<Token> all) {
        this.all = all;
    }

    Token current() {
        return ahead(0);
    }

    Token ahead(int count) {
        return all.get(Math.min(next + count, all.size() - 1));
    }

    void skip() {
        next++;
    }

    Token advance() {
        Token token = current();
        next++;
        return token;
    }

    /// @param text empty: any
    Token expect(Token.Kind kind, String text) {
        Token token = current();
        if (token.kind() != kind || (!text.isEmpty() && !token.text().equals(text))) {
            throw unexpected(token);
        }
        return advance();
    }

    static ExprException unexpected(Token token) {
        return new ExprException("unexpected token " + token.shown(), token.at());
    }
}
