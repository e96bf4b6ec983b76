package dev.sluice.analysis.core.expr;

import java.util.ArrayDeque;
import java.util.Deque;

/// What can be said before evaluation: unknown names and functions, operators on kinds that never
/// fit.
final class TypeCheck {
    enum Kind {
        ANY("unknown"),
        NIL("nil"),
        BOOL("bool"),
        INT("int"),
        REAL("float64"),
        TEXT("string"),
        LIST("[]interface {}"),
        MAP("map[string]interface {}"),
        MOMENT("time.Time"),
        SPAN("time.Duration");

        private final String shown;

        Kind(String shown) {
            this.shown = shown;
        }

        boolean isNumber() {
            return this == INT || this == REAL;
        }
    }

    private record Binding(String name, Kind kind) {}

    private final Environment environment;
    private final Deque<Binding> bindings = new ArrayDeque<>();

    private TypeCheck(Environment environment) {
        this.environment = environment;
    }

    static void check(Node root, Environment environment) {
        new TypeCheck(environment).kind(root);
    }

    static Kind of(Value value) {
        return switch (value) {
            case Value.Nil _ -> Kind.NIL;
            case Value.Bool _ -> Kind.BOOL;
            case Value.Int _ -> Kind.INT;
            case Value.Real _ -> Kind.REAL;
            case Value.Text _ -> Kind.TEXT;
            case Value.Items _ -> Kind.LIST;
            case Value.Fields _ -> Kind.MAP;
            case Value.Moment _ -> Kind.MOMENT;
            case Value.Span _ -> Kind.SPAN;
        };
    }

    private Kind kind(Node node) {
        return switch (node) {
            case Node.Literal literal -> of(literal.value());
            case Node.Name name -> name(name);
            case Node.Pointer _ -> Kind.ANY;
            case Node.Unary unary -> unary(unary);
            case Node.Binary binary -> binary(binary);
            case Node.Conditional conditional -> conditional(conditional);
            case Node.Member member -> member(member);
            case Node.Slice slice -> slice(slice);
            case Node.Chain chain -> {
                kind(chain.inner());
                yield Kind.ANY;
            }
            case Node.Call call -> call(call);
            case Node.Closure closure -> kind(closure.body());
            case Node.ListOf list -> {
                list.items().forEach(this::kind);
                yield Kind.LIST;
            }
            case Node.MapOf map -> {
                for (Node.Entry entry : map.entries()) {
                    kind(entry.key());
                    kind(entry.value());
                }
                yield Kind.MAP;
            }
            case Node.Let let -> let(let);
            case Node.Sequence sequence -> {
                Kind last = Kind.NIL;
                for (Node part : sequence.parts()) {
                    last = kind(part);
                }
                yield last;
            }
        };
    }

    private Kind let(Node.Let let) {
        bindings.push(new Binding(let.name(), kind(let.value())));
        try {
            return kind(let.body());
        } finally {
            bindings.pop();
        }
    }

    private Kind name(Node.Name name) {
        for (Binding binding : bindings) {
            if (binding.name().equals(name.name())) {
                return binding.kind();
            }
        }
        if (name.name().equals("result") && environment.result().isPresent()) {
            Kind kind = of(environment.result().get());
            // A nil result has no type to the original's compiler: whatever is done with it fails
            // at run time only.
            return kind == Kind.NIL ? Kind.ANY : kind;
        }
        throw new ExprException("unknown name " + name.name(), name.at());
    }

    private Kind unary(Node.Unary unary) {
        Kind operand = kind(unary.operand());
        boolean not = unary.operator().equals("not") || unary.operator().equals("!");
        if (operand != Kind.ANY && (not ? operand != Kind.BOOL : !operand.isNumber())) {
            throw new ExprException(
                    "invalid operation: "
                            + unary.operator()
                            + " (mismatched type "
                            + operand.shown
                            + ")",
                    unary.at());
        }
        return not ? Kind.BOOL : operand;
    }

    private Kind conditional(Node.Conditional conditional) {
        Kind condition = kind(conditional.condition());
        if (condition != Kind.ANY && condition != Kind.BOOL) {
            throw new ExprException(
                    "non-bool expression (type " + condition.shown + ") used as condition",
                    conditional.condition().at());
        }
        Kind yes = kind(conditional.yes());
        Kind no = kind(conditional.no());
        return yes == no ? yes : Kind.ANY;
    }

    private Kind member(Node.Member member) {
        Kind owner = kind(member.owner());
        Kind property = kind(member.property());
        boolean fits =
                switch (owner) {
                    case ANY -> true;
                    case LIST, TEXT -> property == Kind.ANY || property == Kind.INT;
                    case MAP -> property == Kind.ANY || property == Kind.TEXT;
                    case NIL, BOOL, INT, REAL, MOMENT, SPAN -> false;
                };
        if (!fits) {
            throw new ExprException(
                    "type " + owner.shown + " has no field or element of type " + property.shown,
                    member.at());
        }
        return Kind.ANY;
    }

    private Kind slice(Node.Slice slice) {
        Kind owner = kind(slice.owner());
        slice.from().ifPresent(this::kind);
        slice.to().ifPresent(this::kind);
        if (owner != Kind.ANY && owner != Kind.LIST && owner != Kind.TEXT) {
            throw new ExprException("cannot slice " + owner.shown, slice.at());
        }
        return owner;
    }

    private Kind call(Node.Call call) {
        Builtin function = Builtins.check(call, environment);
        for (Node argument : call.arguments()) {
            kind(argument);
        }
        return function.kind();
    }

    private Kind binary(Node.Binary binary) {
        Kind left = kind(binary.left());
        Kind right = kind(binary.right());
        String operator = binary.operator();
        boolean open = left == Kind.ANY || right == Kind.ANY;
        boolean numbers = left.isNumber() && right.isNumber();
        boolean fits =
                switch (operator) {
                    case "==", "!=" ->
                            open
                                    || numbers
                                    || left == right
                                    || left == Kind.NIL
                                    || right == Kind.NIL;
                    case "&&", "and", "||", "or" -> each(left, right, Kind.BOOL);
                    case "<", "<=", ">", ">=" ->
                            open
                                    || numbers
                                    || (left == right
                                            && (left == Kind.TEXT
                                                    || left == Kind.MOMENT
                                                    || left == Kind.SPAN));
                    case "+", "-" -> open || numbers || sum(left, right, operator.equals("+"));
                    case "*" ->
                            open
                                    || numbers
                                    || (left == Kind.SPAN && right.isNumber())
                                    || (left.isNumber() && right == Kind.SPAN);
                    case "/", "**", "^" -> number(left) && number(right);
                    case "%", ".." -> each(left, right, Kind.INT);
                    case "contains", "startsWith", "endsWith", "matches" ->
                            each(left, right, Kind.TEXT);
                    case "in" -> right == Kind.ANY || right == Kind.LIST || right == Kind.MAP;
                    default -> true;
                };
        if (!fits) {
            throw new ExprException(
                    "invalid operation: "
                            + operator
                            + " (mismatched types "
                            + left.shown
                            + " and "
                            + right.shown
                            + ")",
                    binary.at());
        }
        return result(operator, left, right, open);
    }

    private static Kind result(String operator, Kind left, Kind right, boolean open) {
        return switch (operator) {
            case "+", "-", "*" ->
                    open
                            ? Kind.ANY
                            : left == Kind.REAL || right == Kind.REAL
                                    ? Kind.REAL
                                    : left == right && operator.equals("-") && left == Kind.MOMENT
                                            ? Kind.SPAN
                                            : wider(left, right);
            case "/", "**", "^" -> Kind.REAL;
            case "%" -> Kind.INT;
            case ".." -> Kind.LIST;
            case "??" -> left == right ? left : Kind.ANY;
            default -> Kind.BOOL;
        };
    }

    private static Kind wider(Kind left, Kind right) {
        return left == Kind.MOMENT || right == Kind.MOMENT
                ? Kind.MOMENT
                : left == Kind.INT ? right : left;
    }

    private static boolean sum(Kind left, Kind right, boolean plus) {
        if (left == Kind.TEXT || right == Kind.TEXT) {
            return plus && left == right;
        }
        if (left == Kind.MOMENT) {
            return right == Kind.SPAN || (!plus && right == Kind.MOMENT);
        }
        return left == Kind.SPAN && (right == Kind.SPAN || (plus && right == Kind.MOMENT));
    }

    private static boolean number(Kind kind) {
        return kind == Kind.ANY || kind.isNumber();
    }

    private static boolean each(Kind left, Kind right, Kind wanted) {
        return (left == Kind.ANY || left == wanted) && (right == Kind.ANY || right == wanted);
    }
}
