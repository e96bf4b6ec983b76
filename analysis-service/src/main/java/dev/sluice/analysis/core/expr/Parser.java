package dev.sluice.analysis.core.expr;

import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// Operator-precedence parser with the original's table, and a bound on depth and on the number of
/// nodes.
final class Parser {
    static final int MAX_DEPTH = 120;
    static final int MAX_NODES = 10_000;

    private static final Map<String, Integer> BINARY =
            Map.ofEntries(
                    Map.entry("|", 0),
                    Map.entry("or", 10),
                    Map.entry("||", 10),
                    Map.entry("and", 15),
                    Map.entry("&&", 15),
                    Map.entry("==", 20),
                    Map.entry("!=", 20),
                    Map.entry("<", 20),
                    Map.entry(">", 20),
                    Map.entry(">=", 20),
                    Map.entry("<=", 20),
                    Map.entry("in", 20),
                    Map.entry("matches", 20),
                    Map.entry("contains", 20),
                    Map.entry("startsWith", 20),
                    Map.entry("endsWith", 20),
                    Map.entry("..", 25),
                    Map.entry("+", 30),
                    Map.entry("-", 30),
                    Map.entry("*", 60),
                    Map.entry("/", 60),
                    Map.entry("%", 60),
                    Map.entry("**", 100),
                    Map.entry("^", 100),
                    Map.entry("??", 500));
    private static final Map<String, Integer> UNARY = Map.of("not", 50, "!", 50, "-", 90, "+", 90);
    private static final Set<String> RIGHT_ASSOCIATIVE = Set.of("**", "^");
    private static final Set<String> ORDERING = Set.of("<", ">", "<=", ">=");
    private static final Set<String> NEGATABLE =
            Set.of("in", "matches", "contains", "startsWith", "endsWith");

    private final List<Token> tokens;
    private int next;
    private int depth;
    private int closures;
    private int nodes;

    private Parser(List<Token> tokens) {
        this.tokens = tokens;
    }

    static Node parse(String source) {
        Parser parser = new Parser(Lexer.tokens(source));
        Node root = parser.sequence();
        Token rest = parser.current();
        if (rest.kind() != Token.Kind.END) {
            throw unexpected(rest);
        }
        return root;
    }

    private Node sequence() {
        Token start = current();
        List<Node> parts = new ArrayList<>();
        parts.add(expression(0));
        while (current().isOperator(";")) {
            next++;
            if (current().kind() == Token.Kind.END) {
                break;
            }
            parts.add(expression(0));
        }
        return parts.size() == 1 ? parts.getFirst() : made(new Node.Sequence(parts, start.at()));
    }

    private Node expression(int precedence) {
        if (++depth > MAX_DEPTH) {
            throw new ExprException(
                    "expression is nested deeper than " + MAX_DEPTH + " levels", current().at());
        }
        try {
            if (precedence == 0 && current().isOperator("let")) {
                return let();
            }
            if (precedence == 0 && current().isOperator("if")) {
                return ifElse();
            }
            Node left = binaries(primary(), precedence);
            return precedence == 0 ? conditional(left) : left;
        } finally {
            depth--;
        }
    }

    private Node let() {
        Token start = advance();
        Token name = expect(Token.Kind.NAME, "");
        expect(Token.Kind.OPERATOR, "=");
        Node value = expression(0);
        expect(Token.Kind.OPERATOR, ";");
        return made(new Node.Let(name.text(), value, sequence(), start.at()));
    }

    private Node ifElse() {
        Token start = advance();
        Node condition = expression(0);
        Node yes = block();
        expect(Token.Kind.OPERATOR, "else");
        Node no = current().isOperator("if") ? expression(0) : block();
        return made(new Node.Conditional(condition, yes, no, start.at()));
    }

    private Node block() {
        expect(Token.Kind.BRACKET, "{");
        Node body = sequence();
        expect(Token.Kind.BRACKET, "}");
        return body;
    }

    private Node binaries(Node first, int precedence) {
        Node left = first;
        String previous = "";
        while (current().kind() == Token.Kind.OPERATOR) {
            Token operator = current();
            boolean negated = operator.isOperator("not");
            if (negated) {
                Token after = tokens.get(Math.min(next + 1, tokens.size() - 1));
                if (!NEGATABLE.contains(after.text()) || after.kind() != Token.Kind.OPERATOR) {
                    throw unexpected(after);
                }
                operator = after;
            }
            Integer power = BINARY.get(operator.text());
            if (power == null || power < precedence) {
                return left;
            }
            next += negated ? 2 : 1;
            if (previous.equals("??") && !operator.text().equals("??")) {
                throw new ExprException(
                        "Operator ("
                                + operator.text()
                                + ") and coalesce expressions (??) cannot be mixed. Wrap either by parentheses.",
                        operator.at());
            }
            left = combine(left, operator, power);
            if (negated) {
                left = made(new Node.Unary("not", left, operator.at()));
            }
            previous = operator.text();
        }
        return left;
    }

    private Node combine(Node left, Token operator, int power) {
        if (operator.text().equals("|")) {
            Token function = expect(Token.Kind.NAME, "");
            return postfix(call(function, List.of(left)));
        }
        if (ORDERING.contains(operator.text())) {
            return comparison(left, operator, power);
        }
        Node right = expression(RIGHT_ASSOCIATIVE.contains(operator.text()) ? power : power + 1);
        return made(new Node.Binary(operator.text(), left, right, operator.at()));
    }

    /// `1 < x < 3` means `1 < x && x < 3`.
    private Node comparison(Node first, Token firstOperator, int power) {
        Node left = first;
        Token operator = firstOperator;
        Optional<Node> all = Optional.empty();
        while (true) {
            Node right = expression(power + 1);
            Node one = made(new Node.Binary(operator.text(), left, right, operator.at()));
            int at = operator.at();
            Node joined = all.isEmpty() ? one : made(new Node.Binary("&&", all.get(), one, at));
            if (current().kind() != Token.Kind.OPERATOR || !ORDERING.contains(current().text())) {
                return joined;
            }
            all = Optional.of(joined);
            left = right;
            operator = advance();
        }
    }

    private Node conditional(Node condition) {
        Node result = condition;
        while (current().isOperator("?")) {
            Token mark = advance();
            Node yes = result;
            if (current().isOperator(":")) {
                next++;
            } else {
                yes = expression(0);
                expect(Token.Kind.OPERATOR, ":");
            }
            result = made(new Node.Conditional(result, yes, expression(0), mark.at()));
        }
        return result;
    }

    private Node primary() {
        Token token = current();
        if (token.kind() == Token.Kind.OPERATOR) {
            Integer power = UNARY.get(token.text());
            if (power != null) {
                next++;
                return postfix(made(new Node.Unary(token.text(), expression(power), token.at())));
            }
            if (token.text().equals("::")) {
                next++;
                return postfix(call(expect(Token.Kind.NAME, ""), List.of()));
            }
            if (closures > 0 && token.text().equals("#")) {
                next++;
                String name = "";
                // Only "#index" and "#acc" written without a blank are named pointers.
                if (current().kind() == Token.Kind.NAME && current().at() == token.at() + 1) {
                    name = advance().text();
                }
                return postfix(made(new Node.Pointer(name, token.at())));
            }
            if (closures > 0 && token.text().equals(".")) {
                return postfix(made(new Node.Pointer("", token.at())));
            }
            throw unexpected(token);
        }
        if (token.isBracket("(")) {
            next++;
            Node inner = sequence();
            expect(Token.Kind.BRACKET, ")");
            return postfix(inner);
        }
        return postfix(secondary());
    }

    private Node secondary() {
        Token token = current();
        if (token.isBracket("[")) {
            return list();
        }
        if (token.isBracket("{")) {
            return map();
        }
        next++;
        return switch (token.kind()) {
            case NUMBER -> made(new Node.Literal(number(token), token.at()));
            case TEXT -> made(new Node.Literal(Value.of(token.text()), token.at()));
            case NAME ->
                    switch (token.text()) {
                        case "true" -> made(new Node.Literal(Value.of(true), token.at()));
                        case "false" -> made(new Node.Literal(Value.of(false), token.at()));
                        case "nil" -> made(new Node.Literal(Value.Nil.NIL, token.at()));
                        default ->
                                current().isBracket("(")
                                        ? call(token, List.of())
                                        : made(new Node.Name(token.text(), token.at()));
                    };
            case OPERATOR, BRACKET, END -> throw unexpected(token);
        };
    }

    private Node call(Token function, List<Node> piped) {
        List<Node> arguments = new ArrayList<>(piped);
        expect(Token.Kind.BRACKET, "(");
        boolean takesClosure = Builtins.takesClosure(function.text());
        while (!current().isBracket(")")) {
            if (arguments.size() > piped.size()) {
                expect(Token.Kind.OPERATOR, ",");
                if (current().isBracket(")")) {
                    break;
                }
            }
            arguments.add(takesClosure && arguments.size() == 1 ? closure() : expression(0));
        }
        expect(Token.Kind.BRACKET, ")");
        return made(new Node.Call(function.text(), arguments, function.at()));
    }

    private Node closure() {
        Token start = current();
        boolean braces = start.isBracket("{");
        if (braces) {
            next++;
        }
        closures++;
        Node body = braces ? sequence() : expression(0);
        closures--;
        if (braces) {
            expect(Token.Kind.BRACKET, "}");
        }
        return made(new Node.Closure(body, start.at()));
    }

    private Node list() {
        Token start = advance();
        List<Node> items = new ArrayList<>();
        while (!current().isBracket("]")) {
            if (!items.isEmpty()) {
                expect(Token.Kind.OPERATOR, ",");
                if (current().isBracket("]")) {
                    break;
                }
            }
            items.add(expression(0));
        }
        expect(Token.Kind.BRACKET, "]");
        return made(new Node.ListOf(items, start.at()));
    }

    private Node map() {
        Token start = advance();
        List<Node.Entry> entries = new ArrayList<>();
        while (!current().isBracket("}")) {
            if (!entries.isEmpty()) {
                expect(Token.Kind.OPERATOR, ",");
                if (current().isBracket("}")) {
                    break;
                }
            }
            Token key = current();
            Node keyNode;
            if (key.isBracket("(")) {
                keyNode = expression(0);
            } else if (key.kind() == Token.Kind.NAME
                    || key.kind() == Token.Kind.TEXT
                    || key.kind() == Token.Kind.NUMBER) {
                next++;
                keyNode = made(new Node.Literal(Value.of(key.text()), key.at()));
            } else {
                throw new ExprException(
                        "a map key must be a quoted string, a number, a identifier, or an expression enclosed in"
                                + " parentheses (unexpected token "
                                + key.shown()
                                + ")",
                        key.at());
            }
            expect(Token.Kind.OPERATOR, ":");
            entries.add(new Node.Entry(keyNode, expression(0)));
        }
        expect(Token.Kind.BRACKET, "}");
        return made(new Node.MapOf(entries, start.at()));
    }

    private Node postfix(Node first) {
        Node node = first;
        while (true) {
            Token token = current();
            boolean optional = token.isOperator("?.");
            if (token.isOperator(".") || optional) {
                next++;
                if (optional && current().isBracket("[")) {
                    node = bracket(node, true);
                } else {
                    node = member(node, optional);
                }
            } else if (token.isBracket("[")) {
                node = bracket(node, false);
            } else {
                return node;
            }
        }
    }

    private Node member(Node owner, boolean optional) {
        Token property = advance();
        boolean word =
                property.kind() == Token.Kind.OPERATOR
                        && Character.isLetter(property.text().charAt(0));
        if (property.kind() != Token.Kind.NAME && !word) {
            throw new ExprException("expected name", property.at());
        }
        if (current().isBracket("(")) {
            throw new ExprException(
                    "method " + property.text() + " is not available in a condition",
                    property.at());
        }
        return chained(
                owner,
                made(new Node.Literal(Value.of(property.text()), property.at())),
                optional,
                property.at());
    }

    private Node bracket(Node owner, boolean optional) {
        Token open = advance();
        Optional<Node> from =
                current().isOperator(":") ? Optional.empty() : Optional.of(expression(0));
        if (from.isPresent() && !current().isOperator(":")) {
            expect(Token.Kind.BRACKET, "]");
            return chained(owner, from.get(), optional, open.at());
        }
        expect(Token.Kind.OPERATOR, ":");
        Optional<Node> to =
                current().isBracket("]") ? Optional.empty() : Optional.of(expression(0));
        expect(Token.Kind.BRACKET, "]");
        return made(new Node.Slice(owner, from, to, open.at()));
    }

    /// A chain grows: what follows `a?.b` belongs to the same short circuit.
    private Node chained(Node owner, Node property, boolean optional, int at) {
        if (owner instanceof Node.Chain(Node inner, int start)) {
            return made(
                    new Node.Chain(made(new Node.Member(inner, property, optional, at)), start));
        }
        Node member = made(new Node.Member(owner, property, optional, at));
        return optional ? made(new Node.Chain(member, at)) : member;
    }

    private static Value number(Token token) {
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

    private <N extends Node> N made(N node) {
        if (++nodes > MAX_NODES) {
            throw new ExprException(
                    "compilation failed: expression exceeds maximum allowed nodes", node.at());
        }
        return node;
    }

    private Token current() {
        return tokens.get(Math.min(next, tokens.size() - 1));
    }

    private Token advance() {
        Token token = current();
        next++;
        return token;
    }

    private Token expect(Token.Kind kind, String text) {
        Token token = current();
        if (token.kind() != kind || (!text.isEmpty() && !token.text().equals(text))) {
            throw unexpected(token);
        }
        next++;
        return token;
    }

    private static ExprException unexpected(Token token) {
        return new ExprException("unexpected token " + token.shown(), token.at());
    }
}
