package dev.sluice.runtime.schedule;

import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneId;
import java.time.ZonedDateTime;
import java.time.temporal.ChronoUnit;
import java.util.BitSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/// Five fields of cron: minute, hour, day of the month, month, day of the week.
public final class CronSchedule {
    private static final Map<String, String> SHORTHANDS =
            Map.of(
                    "@yearly", "0 0 1 1 *",
                    "@annually", "0 0 1 1 *",
                    "@monthly", "0 0 1 * *",
                    "@weekly", "0 0 * * 0",
                    "@daily", "0 0 * * *",
                    "@midnight", "0 0 * * *",
                    "@hourly", "0 * * * *");
    private static final List<String> MONTHS =
            List.of(
                    "", "jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov",
                    "dec");
    private static final List<String> DAYS =
            List.of("sun", "mon", "tue", "wed", "thu", "fri", "sat");

    private final BitSet minutes;
    private final BitSet hours;
    private final BitSet daysOfMonth;
    private final BitSet months;
    private final BitSet daysOfWeek;
    private final boolean eitherDay;

    private CronSchedule(
            BitSet minutes,
            BitSet hours,
            BitSet daysOfMonth,
            BitSet months,
            BitSet daysOfWeek,
            boolean eitherDay) {
        this.minutes = minutes;
        this.hours = hours;
        this.daysOfMonth = daysOfMonth;
        this.months = months;
        this.daysOfWeek = daysOfWeek;
        this.eitherDay = eitherDay;
    }

    /// Empty when the text is not a schedule.
    public static Optional<CronSchedule> parse(String text) {
        String stripped = text.strip();
        String[] fields = SHORTHANDS.getOrDefault(stripped, stripped).split("\\s+");
        if (fields.length != 5) {
            return Optional.empty();
        }
        Optional<BitSet> minutes = field(fields[0], 0, 59, List.of());
        Optional<BitSet> hours = field(fields[1], 0, 23, List.of());
        Optional<BitSet> daysOfMonth = field(fields[2], 1, 31, List.of());
        Optional<BitSet> months = field(fields[3], 1, 12, MONTHS);
        Optional<BitSet> daysOfWeek = field(fields[4], 0, 7, DAYS);
        if (minutes.isEmpty()
                || hours.isEmpty()
                || daysOfMonth.isEmpty()
                || months.isEmpty()
                || daysOfWeek.isEmpty()) {
            return Optional.empty();
        }
        if (daysOfWeek.get().get(7)) {
            daysOfWeek.get().set(0);
        }
        return Optional.of(
                new CronSchedule(
                        minutes.get(),
                        hours.get(),
                        daysOfMonth.get(),
                        months.get(),
                        daysOfWeek.get(),
                        !isAny(fields[2]) && !isAny(fields[4])));
    }

    private static boolean isAny(String field) {
        return field.startsWith("*") || field.startsWith("?");
    }

    private static Optional<BitSet> field(String text, int first, int last, List<String> names) {
        BitSet bits = new BitSet(last + 1);
        for (String part : text.toLowerCase(Locale.ROOT).split(",", -1)) {
            String[] stepped = part.split("/", -1);
            String[] range = stepped[0].split("-", -1);
            int step = stepped.length == 2 ? value(stepped[1], List.of()) : 1;
            boolean any = stepped[0].equals("*") || stepped[0].equals("?");
            int from = any ? first : value(range[0], names);
            int to =
                    any
                            ? last
                            : range.length == 2
                                    ? value(range[1], names)
                                    : stepped.length == 2 ? last : from;
            boolean fits = from >= first && to <= last && from <= to && step > 0;
            if (!fits || stepped.length > 2 || range.length > 2) {
                return Optional.empty();
            }
            for (int i = from; i <= to; i += step) {
                bits.set(i);
            }
        }
        return Optional.of(bits);
    }

    private static int value(String text, List<String> names) {
        int named = text.isEmpty() ? -1 : names.indexOf(text);
        return named >= 0 ? named : text.matches("\\d{1,4}") ? Integer.parseInt(text) : -1;
    }

    /// When it last fired within the time that ends now; empty when it did not.
    public Optional<Instant> lastFired(Duration length, Instant now, ZoneId zone) {
        Instant start = now.minus(length);
        ZonedDateTime minute = now.truncatedTo(ChronoUnit.MINUTES).atZone(zone);
        while (minute.toInstant().isAfter(start)) {
            if (!isDay(minute.toLocalDate())) {
                minute = minute.truncatedTo(ChronoUnit.DAYS).minusMinutes(1);
            } else if (!hours.get(minute.getHour())) {
                minute = minute.truncatedTo(ChronoUnit.HOURS).minusMinutes(1);
            } else if (minutes.get(minute.getMinute())) {
                return Optional.of(minute.toInstant());
            } else {
                minute = minute.minusMinutes(1);
            }
        }
        return Optional.empty();
    }

    private boolean isDay(LocalDate day) {
        boolean ofMonth = daysOfMonth.get(day.getDayOfMonth());
        boolean ofWeek = daysOfWeek.get(day.getDayOfWeek().getValue() % 7);
        return months.get(day.getMonthValue())
                && (eitherDay ? ofMonth || ofWeek : ofMonth && ofWeek);
    }
}
