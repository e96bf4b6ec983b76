package dev.sluice.analysis.core.jsonpath;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// Text → blocks of steps. Text outside braces is a block of its own, as in the original.
final class PathParser {
    private static final List<String> OPERATORS = List.of("==", "!=", "<=", ">=", "<", ">");

    private final String text;
    private int next;

    PathParser(String text) {
        this.text = text;
    }

    List<List<Step>> blocks() {
        List<List<Step>> blocks = new ArrayList<>();
        while (next < text.length()) {
            int open = text.indexOf('{', next);
            int end = open < 0 ? text.length() : open;
            if (end > next) {
                blocks.add(List.of(new Step.Literal(JsonPath.text(text.substring(next, end)))));
            }
            if (open < 0) {
                break;
            }
            next = open + 1;
            blocks.add(path("}"));
            expect('}');
        }
        return blocks;
    }

    private List<Step> path(String terminators) {
        List<Step> steps = new ArrayList<>();
        blanks();
        while (next < text.length() && terminators.indexOf(peek()) < 0) {
            char c = peek();
            switch (c) {
                case '$' -> {
                    next++;
                    steps.add(new Step.Root());
                }
                case '@' -> next++;
                case '.' -> dot(steps);
                case '[' -> steps.add(bracket());
                case '\'', '"' -> steps.add(new Step.Literal(JsonPath.text(quoted())));
                default -> {
                    if (Character.isDigit(c) || c == '-') {
                        steps.add(new Step.Literal(JsonNodeFactory.instance.numberNode(number())));
                    } else if (Character.isLetter(c) || c == '_') {
                        steps.add(word());
                    } else {
                        throw bad("unrecognized character in action: '" + c + "'");
                    }
                }
            }
            blanks();
            if (!terminators.equals("}") && next < text.length() && operator().isPresent()) {
                return steps;
            }
        }
        return steps;
    }

    private Step word() {
        String word = name();
        return switch (word) {
            case "true", "false" ->
                    new Step.Literal(JsonNodeFactory.instance.booleanNode(word.equals("true")));
            case "range", "end" -> throw bad("range is not supported: only the first match counts");
            default -> new Step.Field(word);
        };
    }

    private void dot(List<Step> steps) {
        next++;
        if (next < text.length() && peek() == '.') {
            next++;
            boolean named = next < text.length() && peek() != '[' && peek() != '*';
            steps.add(new Step.Descent(named ? Optional.of(name()) : Optional.empty()));
            return;
        }
        if (next < text.length() && peek() == '*') {
            next++;
            steps.add(new Step.Wildcard());
            return;
        }
        if (next < text.length() && "}[ )".indexOf(peek()) < 0) {
            steps.add(new Step.Field(name()));
        }
    }

    /// A field's name; a backslash takes the next character as it is (`kubernetes\.io`).
    private String name() {
        StringBuilder name = new StringBuilder();
        while (next < text.length() && ".[]{}()<>=!, \t\n'\"?@$|".indexOf(peek()) < 0) {
            if (peek() == '\\') {
                next++;
            }
            if (next < text.length()) {
                name.append(peek());
                next++;
            }
        }
        if (name.isEmpty()) {
            throw bad("a name is missing");
        }
        return name.toString();
    }

    private Step bracket() {
        expect('[');
        blanks();
        if (next < text.length() && peek() == '?') {
            return filter();
        }
        List<List<Step>> parts = new ArrayList<>();
        do {
            blanks();
            parts.add(List.of(element()));
            blanks();
        } while (accept(','));
        expect(']');
        return parts.size() == 1 ? parts.getFirst().getFirst() : new Step.Union(parts);
    }

    private Step element() {
        if (next >= text.length()) {
            throw bad("unterminated array");
        }
        char c = peek();
        if (c == '*') {
            next++;
            return new Step.Wildcard();
        }
        if (c == '\'' || c == '"') {
            return new Step.Field(quoted());
        }
        Optional<Integer> from = index();
        if (!accept(':')) {
            if (from.isEmpty()) {
                throw bad(
                        "invalid array index "
                                + text.substring(next, Math.min(text.length(), next + 20)));
            }
            return new Step.Slice(from, Optional.empty(), 1, /* single= */ true);
        }
        Optional<Integer> to = index();
        int step = accept(':') ? index().orElse(1) : 1;
        if (step <= 0) {
            throw bad("step must be > 0");
        }
        return new Step.Slice(from, to, step, /* single= */ false);
    }

    private Step filter() {
        expect('?');
        expect('(');
        List<Step> left = path(")");
        Optional<String> operator = operator();
        List<Step> right = List.of();
        if (operator.isPresent()) {
            next += operator.get().length();
            right = path(")");
        }
        expect(')');
        blanks();
        expect(']');
        return new Step.Filter(left, operator.orElse(""), right);
    }

    private Optional<String> operator() {
        return OPERATORS.stream().filter(operator -> text.startsWith(operator, next)).findFirst();
    }

    private Optional<Integer> index() {
        int start = next;
        if (next < text.length() && peek() == '-') {
            next++;
        }
        while (next < text.length() && Character.isDigit(peek())) {
            next++;
        }
        if (start == next) {
            return Optional.empty();
        }
        try {
            return Optional.of(Integer.parseInt(text.substring(start, next)));
        } catch (NumberFormatException _) {
            throw bad("invalid array index " + text.substring(start, next));
        }
    }

    private double number() {
        int start = next;
        while (next < text.length() && "+-.eE0123456789".indexOf(peek()) >= 0) {
            next++;
        }
        try {
            return Double.parseDouble(text.substring(start, next));
        } catch (NumberFormatException _) {
            throw bad("cannot parse number " + text.substring(start, next));
        }
    }

    private String quoted() {
        char quote = peek();
        next++;
        StringBuilder value = new StringBuilder();
        while (next < text.length() && peek() != quote) {
            if (peek() == '\\' && next + 1 < text.length()) {
                next++;
            }
            value.append(peek());
            next++;
        }
        expect(quote);
        return value.toString();
    }

    private void blanks() {
        while (next < text.length() && Character.isWhitespace(peek())) {
            next++;
        }
    }

    private boolean accept(char wanted) {
        if (next < text.length() && peek() == wanted) {
            next++;
            return true;
        }
        return false;
    }

    private void expect(char wanted) {
        if (!accept(wanted)) {
            throw bad("'" + wanted + "' expected at character " + (next + 1));
        }
    }

    private char peek() {
        return text.charAt(next);
    }

    private static JsonPathException bad(String message) {
        return new JsonPathException("invalid jsonPath: " + message);
    }
}
