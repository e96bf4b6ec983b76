package dev.sluice.sync.core;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Version constraints as users of the original write them: `1.2.*`, `^1`, `~1.4`, `>=1.0 <2`, `1.x
/// || 2.x`, `1.2 - 1.4`.
/// An exact version is no constraint: it names a tag.
public final class SemverConstraint {
    private static final Pattern VERSION =
            Pattern.compile(
                    "v?(\\d{1,9})(?:\\.(\\d{1,9}))?(?:\\.(\\d{1,9}))?(?:-([0-9A-Za-z.-]+))?(?:\\+[0-9A-Za-z.-]+)?");
    private static final Pattern TERM =
            Pattern.compile(
                    "(=|!=|>=|<=|=>|=<|>|<|\\^|~>|~)?\\s*v?(\\d{1,9}|[xX*])(?:\\.(\\d{1,9}|[xX*]))?(?:\\.(\\d{1,9}|[xX*]))?(?:-([0-9A-Za-z.-]+))?");

    /// A version; a pre-release sorts before its release.
    public record Version(long major, long minor, long patch, String pre)
            implements Comparable<Version> {
        @Override
        public int compareTo(Version other) {
            int numbers = compareNumbers(other);
            if (numbers != 0 || pre.equals(other.pre)) {
                return numbers;
            }
            if (pre.isEmpty() || other.pre.isEmpty()) {
                return pre.isEmpty() ? 1 : -1;
            }
            return comparePre(pre.split("\\.", -1), other.pre.split("\\.", -1));
        }

        private int compareNumbers(Version other) {
            int first = Long.compare(major, other.major);
            int second = first != 0 ? first : Long.compare(minor, other.minor);
            return second != 0 ? second : Long.compare(patch, other.patch);
        }

        private static int comparePre(String[] left, String[] right) {
            for (int i = 0; i < Math.min(left.length, right.length); i++) {
                boolean leftNumber = left[i].matches("\\d{1,18}");
                boolean rightNumber = right[i].matches("\\d{1,18}");
                int order;
                if (leftNumber && rightNumber) {
                    order = Long.compare(Long.parseLong(left[i]), Long.parseLong(right[i]));
                } else if (leftNumber != rightNumber) {
                    order = leftNumber ? -1 : 1;
                } else {
                    order = left[i].compareTo(right[i]);
                }
                if (order != 0) {
                    return order;
                }
            }
            return Integer.compare(left.length, right.length);
        }
    }

    private record Bound(String operator, Version version) {
        boolean accepts(Version candidate) {
            int order = candidate.compareTo(version);
            return switch (operator) {
                case ">=" -> order >= 0;
                case ">" -> order > 0;
                case "<=" -> order <= 0;
                case "<" -> order < 0;
                case "!=" -> order != 0;
                default -> order == 0;
            };
        }
    }

    private final List<List<Bound>> alternatives;
    private final boolean allowsPre;

    private SemverConstraint(List<List<Bound>> alternatives, boolean allowsPre) {
        this.alternatives = alternatives;
        this.allowsPre = allowsPre;
    }

    public static Optional<Version> version(String text) {
        Matcher match = VERSION.matcher(text);
        if (!match.matches()) {
            return Optional.empty();
        }
        return Optional.of(
                new Version(
                        num(match.group(1)),
                        num(match.group(2)),
                        num(match.group(3)),
                        match.group(4) == null ? "" : match.group(4)));
    }

    /// Empty when the text is no constraint (a branch, an exact version, a commit).
    public static Optional<SemverConstraint> parse(String text) {
        String stripped = text.strip();
        if (stripped.isEmpty() || VERSION.matcher(stripped).matches()) {
            return Optional.empty();
        }
        List<List<Bound>> alternatives = new ArrayList<>();
        for (String part : stripped.split("\\|\\|", -1)) {
            Optional<List<Bound>> bounds = bounds(part.strip());
            if (bounds.isEmpty()) {
                return Optional.empty();
            }
            alternatives.add(bounds.get());
        }
        return Optional.of(
                new SemverConstraint(
                        alternatives, Pattern.compile("\\d-[0-9A-Za-z]").matcher(stripped).find()));
    }

    public boolean accepts(Version version) {
        return (version.pre().isEmpty() || allowsPre)
                && alternatives.stream()
                        .anyMatch(all -> all.stream().allMatch(bound -> bound.accepts(version)));
    }

    private static Optional<List<Bound>> bounds(String text) {
        String joined = text.replaceAll("(\\S+)\\s+-\\s+(\\S+)", ">=$1 <=$2");
        List<Bound> bounds = new ArrayList<>();
        Matcher term = TERM.matcher(joined);
        int position = 0;
        while (position < joined.length()) {
            char here = joined.charAt(position);
            if (here == ',' || Character.isWhitespace(here)) {
                position++;
                continue;
            }
            term.region(position, joined.length());
            if (!term.lookingAt()) {
                return Optional.empty();
            }
            position = term.end();
            if (position < joined.length()
                    && joined.charAt(position) != ','
                    && !Character.isWhitespace(joined.charAt(position))) {
                return Optional.empty();
            }
            bounds.addAll(expand(term));
        }
        return bounds.isEmpty() ? Optional.empty() : Optional.of(bounds);
    }

    private static List<Bound> expand(Matcher term) {
        String operator =
                term.group(1) == null ? "" : term.group(1).replace("=>", ">=").replace("=<", "<=");
        int given =
                isNumber(term.group(2))
                        ? isNumber(term.group(3)) ? isNumber(term.group(4)) ? 3 : 2 : 1
                        : 0;
        long major = num(term.group(2));
        long minor = num(term.group(3));
        Version low =
                new Version(
                        major,
                        minor,
                        num(term.group(4)),
                        term.group(5) == null ? "" : term.group(5));
        if (given == 0) {
            return List.of(new Bound(">=", new Version(0, 0, 0, "")));
        }
        Version next =
                given == 1
                        ? new Version(major + 1, 0, 0, "")
                        : new Version(major, minor + 1, 0, "");
        return switch (operator) {
            case "^" -> List.of(new Bound(">=", low), new Bound("<", caret(low, given)));
            case "~", "~>" -> List.of(new Bound(">=", low), new Bound("<", next));
            case ">" -> given == 3 ? List.of(new Bound(">", low)) : List.of(new Bound(">=", next));
            case "<=" -> given == 3 ? List.of(new Bound("<=", low)) : List.of(new Bound("<", next));
            case ">=", "<", "!=" -> List.of(new Bound(operator, low));
            default ->
                    given == 3
                            ? List.of(new Bound("=", low))
                            : List.of(new Bound(">=", low), new Bound("<", next));
        };
    }

    private static Version caret(Version low, int given) {
        if (low.major() > 0 || given == 1) {
            return new Version(low.major() + 1, 0, 0, "");
        }
        return low.minor() > 0 || given == 2
                ? new Version(0, low.minor() + 1, 0, "")
                : new Version(0, 0, low.patch() + 1, "");
    }

    private static boolean isNumber(String group) {
        return group != null && !group.isEmpty() && Character.isDigit(group.charAt(0));
    }

    private static long num(String group) {
        return isNumber(group) ? Long.parseLong(group) : 0;
    }
}
