package dev.sluice.analysis.core.expr;

import dev.sluice.analysis.core.expr.TypeCheck.Kind;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.StringJoiner;

/// Functions of texts.
final class TextFunctions {
    static final List<Builtin> ALL =
            List.of(
                    Builtin.of(
                            "upper",
                            1,
                            1,
                            Kind.TEXT,
                            c -> c.made(c.text(0).toUpperCase(Locale.ROOT))),
                    Builtin.of(
                            "lower",
                            1,
                            1,
                            Kind.TEXT,
                            c -> c.made(c.text(0).toLowerCase(Locale.ROOT))),
                    Builtin.of("trim", 1, 2, Kind.TEXT, TextFunctions::trim),
                    Builtin.of("trimPrefix", 2, 2, Kind.TEXT, TextFunctions::trimPrefix),
                    Builtin.of("trimSuffix", 2, 2, Kind.TEXT, TextFunctions::trimSuffix),
                    Builtin.of(
                            "hasPrefix",
                            2,
                            2,
                            Kind.BOOL,
                            c -> Value.of(c.text(0).startsWith(c.text(1)))),
                    Builtin.of(
                            "hasSuffix",
                            2,
                            2,
                            Kind.BOOL,
                            c -> Value.of(c.text(0).endsWith(c.text(1)))),
                    Builtin.of(
                            "indexOf",
                            2,
                            2,
                            Kind.INT,
                            c -> Value.of((long) c.text(0).indexOf(c.text(1)))),
                    Builtin.of(
                            "lastIndexOf",
                            2,
                            2,
                            Kind.INT,
                            c -> Value.of((long) c.text(0).lastIndexOf(c.text(1)))),
                    Builtin.of("repeat", 2, 2, Kind.TEXT, TextFunctions::repeat),
                    Builtin.of("split", 2, 3, Kind.LIST, c -> c.made(split(c))),
                    Builtin.of("join", 1, 2, Kind.TEXT, TextFunctions::join),
                    Builtin.of("replace", 3, 4, Kind.TEXT, TextFunctions::replace));

    private TextFunctions() {}

    private static Value trim(Call call) {
        String text = call.text(0);
        return call.made(call.arguments().size() == 1 ? text.strip() : trim(text, call.text(1)));
    }

    private static String trim(String text, String cutset) {
        int from = 0;
        int to = text.length();
        while (from < to && cutset.indexOf(text.charAt(from)) >= 0) {
            from++;
        }
        while (to > from && cutset.indexOf(text.charAt(to - 1)) >= 0) {
            to--;
        }
        return text.substring(from, to);
    }

    private static Value trimPrefix(Call call) {
        String text = call.text(0);
        String prefix = call.text(1);
        return call.made(text.startsWith(prefix) ? text.substring(prefix.length()) : text);
    }

    private static Value trimSuffix(Call call) {
        String text = call.text(0);
        String suffix = call.text(1);
        return call.made(
                text.endsWith(suffix) ? text.substring(0, text.length() - suffix.length()) : text);
    }

    private static Value repeat(Call call) {
        long times = call.whole(1);
        if (times < 0) {
            throw call.failed("negative repeat count");
        }
        String text = call.text(0);
        call.evaluator().allocate(times * Math.max(1, text.length()), call.at());
        return call.made(text.repeat((int) times));
    }

    private static List<Value> split(Call call) {
        long limit = call.arguments().size() > 2 ? call.whole(2) : -1;
        if (limit == 0) {
            return List.of();
        }
        String rest = call.text(0);
        String separator = call.text(1);
        List<Value> parts = new ArrayList<>();
        while (limit < 0 || parts.size() + 1 < limit) {
            int cut =
                    separator.isEmpty()
                            ? (rest.length() > 1 ? rest.offsetByCodePoints(0, 1) : -1)
                            : rest.indexOf(separator);
            if (cut < 0) {
                break;
            }
            parts.add(Value.of(rest.substring(0, cut)));
            rest = rest.substring(cut + separator.length());
        }
        parts.add(Value.of(rest));
        return parts;
    }

    private static Value join(Call call) {
        StringJoiner joined = new StringJoiner(call.arguments().size() > 1 ? call.text(1) : "");
        for (Value item : call.items(call.first())) {
            if (!(item instanceof Value.Text(String part))) {
                throw call.failed("cannot join " + item.typeName());
            }
            joined.add(part);
        }
        return call.made(joined.toString());
    }

    private static Value replace(Call call) {
        String source = call.text(0);
        String old = call.text(1);
        String replacement = call.text(2);
        long limit = call.arguments().size() > 3 ? call.whole(3) : -1;
        call.evaluator()
                .allocate((long) source.length() * Math.max(1, replacement.length()), call.at());
        if (limit < 0) {
            return call.made(source.replace(old, replacement));
        }
        for (long i = 0, from = 0; i < limit && from >= 0 && from <= source.length(); i++) {
            int found = source.indexOf(old, (int) from);
            if (found < 0) {
                break;
            }
            source =
                    source.substring(0, found)
                            + replacement
                            + source.substring(found + old.length());
            from = (long) found + replacement.length();
        }
        return call.made(source);
    }
}
