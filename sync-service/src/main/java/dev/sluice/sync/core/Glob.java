package dev.sluice.sync.core;

import java.util.regex.Pattern;

/// Globs in which `*` crosses separators unless one is given; `**`, `?`, `[…]` and `{a,b}` as users
/// know them.
public final class Glob {
    private Glob() {}

    public static boolean matches(String glob, String text) {
        return matches(glob, text, '\0');
    }

    /// `*` does not cross `separator`.
    public static boolean matches(String glob, String text, char separator) {
        StringBuilder regex = new StringBuilder();
        int depth = 0;
        for (int i = 0; i < glob.length(); i++) {
            char c = glob.charAt(i);
            switch (c) {
                case '*' -> {
                    boolean twice = i + 1 < glob.length() && glob.charAt(i + 1) == '*';
                    regex.append(
                            twice || separator == '\0'
                                    ? ".*"
                                    : "[^" + Pattern.quote(String.valueOf(separator)) + "]*");
                    i += twice ? 1 : 0;
                }
                case '?' -> regex.append('.');
                case '{' -> {
                    regex.append("(?:");
                    depth++;
                }
                case '}' -> {
                    regex.append(depth > 0 ? ")" : "\\}");
                    depth = Math.max(0, depth - 1);
                }
                case ',' -> regex.append(depth > 0 ? "|" : ",");
                default -> regex.append(Pattern.quote(String.valueOf(c)));
            }
        }
        regex.append(")".repeat(depth));
        return text.matches("(?s)" + regex);
    }
}
