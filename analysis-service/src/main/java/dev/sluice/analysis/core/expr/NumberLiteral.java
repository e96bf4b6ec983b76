package dev.sluice.analysis.core.expr;

import java.math.BigInteger;

/// Numbers as a condition writes them: `1_000`, `0x1f`, `2.5e3`.
final class NumberLiteral {
    private NumberLiteral() {}

    static Value value(Token token) {
        String text = token.text().replace("_", "");
        try {
            if (text.length() > 1
                    && text.charAt(0) == '0'
                    && !Character.isDigit(text.charAt(1))
                    && text.charAt(1) != '.'
                    && text.charAt(1) != 'e'
                    && text.charAt(1) != 'E') {
                int radix =
                        switch (text.charAt(1)) {
                            case 'x', 'X' -> 16;
                            case 'b', 'B' -> 2;
                            default -> 8;
                        };
                return whole(new BigInteger(text.substring(2), radix), token);
            }
            if (text.contains(".") || text.contains("e") || text.contains("E")) {
                return Value.of(Double.parseDouble(text));
            }
            return whole(new BigInteger(text), token);
        } catch (NumberFormatException _) {
            throw new ExprException("bad number syntax: \"" + token.text() + "\"", token.at());
        }
    }

    private static Value whole(BigInteger value, Token token) {
        if (value.bitLength() > 63) {
            throw new ExprException("integer literal is too large", token.at());
        }
        return Value.of(value.longValueExact());
    }
}
