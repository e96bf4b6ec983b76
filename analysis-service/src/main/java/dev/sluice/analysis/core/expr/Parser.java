package dev.sluice.analysis.core.expr;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// Operator-precedence parser with a bound on depth and on the number of nodes.
final class Parser {
    static final int MAX_DEPTH = 120;
    static final int MAX_NODES = 10_000;

    private final Tokens tokens;
    private int depth;
    private int closures;
    private int nodes;

    private Parser(Tokens tokens) {
        this.tokens = tokens;
    }

    static Node parse(String source) {
        Parser parser = new Parser(new Tokens(Lexer.tokens(source)));
        Node root = parser.sequence();
        Token rest = parser.tokens.current();
        if (rest.kind() != Token.Kind.END) {
            throw Tokens.unexpected(rest);
        }
        return root;
    }

    private Node sequence() {
        Token start = tokens.current();
        List<Node> parts = new ArrayList<>();
        parts.add(expression(0));
        while (tokens.current().isOperator(";")) {
            tokens.skip();
            if (tokens.current().kind() == Token.Kind.END) {
                break;
            }
            parts.add(expression(0));
        }
        return parts.size() == 1 ? parts.getFirst() : made(new Node.Sequence(parts, start.at()));
    }

    private Node expression(int precedence) {
        if (++depth > MAX_DEPTH) {
            throw new ExprException(
                    "expression is nested deeper than " + MAX_DEPTH + " levels",
                    tokens.current().at());
        }
        try {
            if (precedence == 0 && tokens.current().isOperator("let")) {
                return let();
            }
            if (precedence == 0 && tokens.current().isOperator("if")) {
                return ifElse();
            }
            Node left = binaries(primary(), precedence);
            return precedence == 0 ? conditional(left) : left;
        } finally {
            depth--;
        }
    }

    private Node let() {
        Token start = tokens.advance();
        Token name = tokens.expect(Token.Kind.NAME, "");
        tokens.expect(Token.Kind.OPERATOR, "=");
        Node value = expression(0);
        tokens.expect(Token.Kind.OPERATOR, ";");
        return made(new Node.Let(name.text(), value, sequence(), start.at()));
    }

    private Node ifElse() {
        Token start = tokens.advance();
        Node condition = expression(0);
        Node yes = block();
        tokens.expect(Token.Kind.OPERATOR, "else");
        Node no = tokens.current().isOperator("if") ? expression(0) : block();
        return made(new Node.Conditional(condition, yes, no, start.at()));
    }

    private Node block() {
        tokens.expect(Token.Kind.BRACKET, "{");
        Node body = sequence();
        tokens.expect(Token.Kind.BRACKET, "}");
        return body;
    }

    private Node binaries(Node first, int precedence) {
        Node left = first;
        String previous = "";
        while (tokens.current().kind() == Token.Kind.OPERATOR) {
            Token operator = tokens.current();
            boolean negated = operator.isOperator("not");
            if (negated) {
                Token after = tokens.ahead(1);
                if (!OperatorTable.NEGATABLE.contains(after.text())
                        || after.kind() != Token.Kind.OPERATOR) {
                    throw Tokens.unexpected(after);
                }
                operator = after;
            }
            Integer power = OperatorTable.BINARY.get(operator.text());
            if (power == null || power < precedence) {
                return left;
            }
            tokens.skip();
            if (negated) {
                tokens.skip();
            }
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
            Token function = tokens.expect(Token.Kind.NAME, "");
            return postfix(call(function, List.of(left)));
        }
        if (OperatorTable.ORDERING.contains(operator.text())) {
            return comparison(left, operator, power);
        }
        Node right =
                expression(
                        OperatorTable.RIGHT_ASSOCIATIVE.contains(operator.text())
                                ? power
                                : power + 1);
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
            if (tokens.current().kind() != Token.Kind.OPERATOR
                    || !OperatorTable.ORDERING.contains(tokens.current().text())) {
                return joined;
            }
            all = Optional.of(joined);
            left = right;
            operator = tokens.advance();
        }
    }

    private Node conditional(Node condition) {
        Node result = condition;
        while (tokens.current().isOperator("?")) {
            Token mark = tokens.advance();
            Node yes = result;
            if (tokens.current().isOperator(":")) {
                tokens.skip();
            } else {
                yes = expression(0);
                tokens.expect(Token.Kind.OPERATOR, ":");
            }
            result = made(new Node.Conditional(result, yes, expression(0), mark.at()));
        }
        return result;
    }

    private Node primary() {
        Token token = tokens.current();
        if (token.kind() == Token.Kind.OPERATOR) {
            Integer power = OperatorTable.UNARY.get(token.text());
            if (power != null) {
                tokens.skip();
                return postfix(made(new Node.Unary(token.text(), expression(power), token.at())));
            }
            if (token.text().equals("::")) {
                tokens.skip();
                return postfix(call(tokens.expect(Token.Kind.NAME, ""), List.of()));
            }
            if (closures > 0 && token.text().equals("#")) {
                tokens.skip();
                String name = "";
                // Only "#index" and "#acc" written without a blank are named pointers.
                if (tokens.current().kind() == Token.Kind.NAME
                        && tokens.current().at() == token.at() + 1) {
                    name = tokens.advance().text();
                }
                return postfix(made(new Node.Pointer(name, token.at())));
            }
            if (closures > 0 && token.text().equals(".")) {
                return postfix(made(new Node.Pointer("", token.at())));
            }
            throw Tokens.unexpected(token);
        }
        if (token.isBracket("(")) {
            tokens.skip();
            Node inner = sequence();
            tokens.expect(Token.Kind.BRACKET, ")");
            return postfix(inner);
        }
        return postfix(secondary());
    }

    private Node secondary() {
        Token token = tokens.current();
        if (token.isBracket("[")) {
            return list();
        }
        if (token.isBracket("{")) {
            return map();
        }
        tokens.skip();
        return switch (token.kind()) {
            case NUMBER -> made(new Node.Literal(NumberLiteral.value(token), token.at()));
            case TEXT -> made(new Node.Literal(Value.of(token.text()), token.at()));
            case NAME ->
                    switch (token.text()) {
                        case "true" -> made(new Node.Literal(Value.of(true), token.at()));
                        case "false" -> made(new Node.Literal(Value.of(false), token.at()));
                        case "nil" -> made(new Node.Literal(Value.Nil.NIL, token.at()));
                        default ->
                                tokens.current().isBracket("(")
                                        ? call(token, List.of())
                                        : made(new Node.Name(token.text(), token.at()));
                    };
            case OPERATOR, BRACKET, END -> throw Tokens.unexpected(token);
        };
    }

    private Node call(Token function, List<Node> piped) {
        List<Node> arguments = new ArrayList<>(piped);
        tokens.expect(Token.Kind.BRACKET, "(");
        boolean takesClosure = Builtins.takesClosure(function.text());
        separated(
                ")",
                () ->
                        arguments.add(
                                takesClosure && arguments.size() == 1 ? closure() : expression(0)));
        return made(new Node.Call(function.text(), arguments, function.at()));
    }

    private Node closure() {
        Token start = tokens.current();
        boolean braces = start.isBracket("{");
        if (braces) {
            tokens.skip();
        }
        closures++;
        Node body = braces ? sequence() : expression(0);
        closures--;
        if (braces) {
            tokens.expect(Token.Kind.BRACKET, "}");
        }
        return made(new Node.Closure(body, start.at()));
    }

    private Node list() {
        Token start = tokens.advance();
        List<Node> items = new ArrayList<>();
        separated("]", () -> items.add(expression(0)));
        return made(new Node.ListOf(items, start.at()));
    }

    private Node map() {
        Token start = tokens.advance();
        List<Node.Entry> entries = new ArrayList<>();
        separated("}", () -> entries.add(entry()));
        return made(new Node.MapOf(entries, start.at()));
    }

    private Node.Entry entry() {
        Token key = tokens.current();
        Node keyNode;
        if (key.isBracket("(")) {
            keyNode = expression(0);
        } else if (key.kind() == Token.Kind.NAME
                || key.kind() == Token.Kind.TEXT
                || key.kind() == Token.Kind.NUMBER) {
            tokens.skip();
            keyNode = made(new Node.Literal(Value.of(key.text()), key.at()));
        } else {
            throw new ExprException(
                    "a map key must be a quoted string, a number, a identifier, or an expression enclosed in"
                            + " parentheses (unexpected token "
                            + key.shown()
                            + ")",
                    key.at());
        }
        tokens.expect(Token.Kind.OPERATOR, ":");
        return new Node.Entry(keyNode, expression(0));
    }

    /// Items between commas and the closing bracket; a comma may stand before it, too.
    private void separated(String close, Runnable item) {
        boolean isFirst = true;
        while (!tokens.current().isBracket(close)) {
            if (!isFirst) {
                tokens.expect(Token.Kind.OPERATOR, ",");
                if (tokens.current().isBracket(close)) {
                    break;
                }
            }
            item.run();
            isFirst = false;
        }
        tokens.expect(Token.Kind.BRACKET, close);
    }

    private Node postfix(Node first) {
        Node node = first;
        while (true) {
            Token token = tokens.current();
            boolean optional = token.isOperator("?.");
            if (token.isOperator(".") || optional) {
                tokens.skip();
                if (optional && tokens.current().isBracket("[")) {
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
        Token property = tokens.advance();
        boolean word =
                property.kind() == Token.Kind.OPERATOR
                        && Character.isLetter(property.text().charAt(0));
        if (property.kind() != Token.Kind.NAME && !word) {
            throw new ExprException("expected name", property.at());
        }
        if (tokens.current().isBracket("(")) {
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
        Token open = tokens.advance();
        Optional<Node> from =
                tokens.current().isOperator(":") ? Optional.empty() : Optional.of(expression(0));
        if (from.isPresent() && !tokens.current().isOperator(":")) {
            tokens.expect(Token.Kind.BRACKET, "]");
            return chained(owner, from.get(), optional, open.at());
        }
        tokens.expect(Token.Kind.OPERATOR, ":");
        Optional<Node> to =
                tokens.current().isBracket("]") ? Optional.empty() : Optional.of(expression(0));
        tokens.expect(Token.Kind.BRACKET, "]");
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

    private <N extends Node> N made(N node) {
        if (++nodes > MAX_NODES) {
            throw new ExprException(
                    "compilation failed: expression exceeds maximum allowed nodes", node.at());
        }
        return node;
    }
}
