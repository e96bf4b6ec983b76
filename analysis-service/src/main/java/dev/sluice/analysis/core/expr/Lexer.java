package dev.sluice.analysis.core.expr;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/// Text → tokens.
final class Lexer {
    /// Longer conditions are not conditions; the bound keeps every later stage small.
    static final int MAX_LENGTH = 65_536;

    private static final Set<String> WORD_OPERATORS =
            Set.of(
                    "not",
                    "in",
                    "or",
                    "and",
                    "matches",
                    "contains",
                    "startsWith",
                    "endsWith",
                    "let",
                    "if",
                    "else");

    private final String source;
    private int next;

    private Lexer(String source) {
        this.source = source;
    }

    static List<Token> tokens(String source) {
        if (source.length() > MAX_LENGTH) {
            throw new ExprException("expression is longer than " + MAX_LENGTH + " characters", 0);
        }
        return new Lexer(source).scan();
    }

    private List<Token> scan() {
        List<Token> tokens = new ArrayList<>();
        while (true) {
            skipBlanksAndComments();
            if (next >= source.length()) {
                tokens.add(new Token(Token.Kind.END, "", next));
                return tokens;
            }
            tokens.add(token());
        }
    }

    private void skipBlanksAndComments() {
        while (next < source.length()) {
            if (Character.isWhitespace(source.charAt(next))) {
                next++;
            } else if (source.startsWith("//", next)) {
                int end = source.indexOf('\n', next);
                next = end < 0 ? source.length() : end;
            } else if (source.startsWith("/*", next)) {
                int end = source.indexOf("*/", next + 2);
                if (end < 0) {
                    throw new ExprException("unclosed comment", next);
                }
                next = end + 2;
            } else {
                return;
            }
        }
    }

    private Token token() {
        int start = next;
        char c = source.charAt(next);
        if (isDigit(c) || (c == '.' && isDigit(peek(1)))) {
            return number();
        }
        if (c == '"' || c == '\'') {
            return quoted(c);
        }
        if (c == '`') {
            return raw();
        }
        if (isNameStart(c)) {
            while (next < source.length()
                    && (isNameStart(source.charAt(next)) || isDigit(source.charAt(next)))) {
                next++;
            }
            String word = source.substring(start, next);
            return new Token(
                    WORD_OPERATORS.contains(word) ? Token.Kind.OPERATOR : Token.Kind.NAME,
                    word,
                    start);
        }
        if ("([{)]}".indexOf(c) >= 0) {
            next++;
            return new Token(Token.Kind.BRACKET, String.valueOf(c), start);
        }
        return operator(start, c);
    }

    private Token operator(int start, char c) {
        String followers =
                switch (c) {
                    case '&', '!', '=', '*', '<', '>' -> "&=*";
                    case '?' -> ".?";
                    case '.' -> ".";
                    case ':' -> ":";
                    case '|' -> "|";
                    case ',', ';', '#', '%', '+', '-', '^', '/' -> "";
                    default ->
                            throw new ExprException(
                                    "unrecognized character: " + describe(start), start);
                };
        next++;
        if (next < source.length() && followers.indexOf(source.charAt(next)) >= 0) {
            next++;
        }
        return new Token(Token.Kind.OPERATOR, source.substring(start, next), start);
    }

    private String describe(int at) {
        int point = source.codePointAt(at);
        return String.format("U+%04X", point)
                + (Character.isISOControl(point) ? "" : " '" + Character.toString(point) + "'");
    }

    private Token number() {
        int start = next;
        if (source.charAt(next) == '0' && "xXbBoO".indexOf(peek(1)) >= 0) {
            next += 2;
            while (next < source.length()
                    && (Character.digit(source.charAt(next), 16) >= 0
                            || source.charAt(next) == '_')) {
                next++;
            }
        } else {
            digits();
            // "1..3" is a range of whole numbers, not the number "1."
            if (peek(0) == '.' && peek(1) != '.') {
                next++;
                digits();
            }
            if (peek(0) == 'e' || peek(0) == 'E') {
                next++;
                if (peek(0) == '+' || peek(0) == '-') {
                    next++;
                }
                digits();
            }
        }
        if (next < source.length() && isNameStart(source.charAt(next))) {
            throw new ExprException(
                    "bad number syntax: \"" + source.substring(start, next + 1) + "\"", start);
        }
        return new Token(Token.Kind.NUMBER, source.substring(start, next), start);
    }

    private void digits() {
        while (next < source.length()
                && (isDigit(source.charAt(next)) || source.charAt(next) == '_')) {
            next++;
        }
    }

    private Token raw() {
        int start = next;
        StringBuilder text = new StringBuilder();
        next++;
        while (true) {
            int end = source.indexOf('`', next);
            if (end < 0) {
                throw new ExprException("literal not terminated", start);
            }
            text.append(source, next, end);
            next = end + 1;
            if (peek(0) != '`') {
                return new Token(Token.Kind.TEXT, text.toString(), start);
            }
            text.append('`');
            next++;
        }
    }

    private Token quoted(char quote) {
        int start = next;
        StringBuilder text = new StringBuilder();
        next++;
        while (true) {
            char c = next < source.length() ? source.charAt(next) : '\n';
            if (c == '\n') {
                throw new ExprException("literal not terminated", start);
            }
            next++;
            if (c == quote) {
                return new Token(Token.Kind.TEXT, text.toString(), start);
            }
            if (c == '\\') {
                escape(text);
            } else {
                text.append(c);
            }
        }
    }

    private void escape(StringBuilder text) {
        int at = next - 1;
        char c = peek(0);
        next++;
        switch (c) {
            case 'a' -> text.append('\u0007');
            case 'b' -> text.append('\b');
            case 'f' -> text.append('\f');
            case 'n' -> text.append('\n');
            case 'r' -> text.append('\r');
            case 't' -> text.append('\t');
            case 'v' -> text.append('\u000b');
            case '\\', '\'', '"', '`', '?' -> text.append(c);
            case 'x' -> text.appendCodePoint(hex(2, at));
            case 'u' -> text.appendCodePoint(hex(4, at));
            case 'U' -> text.appendCodePoint(hex(8, at));
            case '0', '1', '2', '3' -> {
                next--;
                text.appendCodePoint(digits(3, 8, at));
            }
            default -> throw new ExprException("invalid escape sequence", at);
        }
    }

    private int hex(int length, int at) {
        return digits(length, 16, at);
    }

    private int digits(int length, int radix, int at) {
        int point = 0;
        for (int i = 0; i < length; i++) {
            int digit = Character.digit(peek(0), radix);
            if (digit < 0 || point > Character.MAX_CODE_POINT) {
                throw new ExprException("invalid escape sequence", at);
            }
            point = point * radix + digit;
            next++;
        }
        if (!Character.isValidCodePoint(point)) {
            throw new ExprException("invalid escape sequence", at);
        }
        return point;
    }

    private char peek(int ahead) {
        int at = next + ahead;
        return at < source.length() ? source.charAt(at) : '\0';
    }

    private static boolean isDigit(char c) {
        return c >= '0' && c <= '9';
    }

    private static boolean isNameStart(char c) {
        return c == '_' || c == '$' || Character.isLetter(c);
    }
}
