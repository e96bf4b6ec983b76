package dev.sluice.sync.core;

import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Repository addresses: one form for comparing them, tolerant of scheme, user, port, case and
/// `.git`.
public final class RepoUrl {
    private static final Pattern FORM =
            Pattern.compile(
                    "(?:[a-z][a-z+.-]*://)?(?:[^@/]*@)?(?:ssh\\.|altssh\\.)?([^:/]+)(?::\\d+(?=/))?[:/]+(.*)");

    private RepoUrl() {}

    public static String comparable(String url) {
        String lower = url.strip().toLowerCase(Locale.ROOT);
        Matcher form = FORM.matcher(lower);
        String joined = form.matches() ? form.group(1) + "/" + form.group(2) : lower;
        String trimmed = joined.replaceAll("/+$", "");
        return trimmed.endsWith(".git") ? trimmed.substring(0, trimmed.length() - 4) : trimmed;
    }

    public static boolean same(String left, String right) {
        return comparable(left).equals(comparable(right));
    }

    /// The address without a user or password, fit for messages, events and logs.
    public static String shown(String url) {
        return url.replaceFirst("(?<=://)[^@/]*@", "");
    }
}
