package dev.sluice.analysis.core.expr;

import dev.sluice.analysis.core.GoDuration;
import dev.sluice.analysis.core.expr.TypeCheck.Kind;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeParseException;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Function;

/// Functions of time.
final class MomentFunctions {
    private static final DateTimeFormatter SPACED =
            DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm:ss", Locale.ROOT);

    /// Ways to write a date, tried in this order.
    private static final List<Function<String, Instant>> LAYOUTS =
            List.of(
                    text -> OffsetDateTime.parse(text).toInstant(),
                    text -> LocalDate.parse(text).atStartOfDay(ZoneOffset.UTC).toInstant(),
                    text -> LocalDateTime.parse(text, SPACED).toInstant(ZoneOffset.UTC));

    static final List<Builtin> ALL =
            List.of(
                    Builtin.of(
                            "now",
                            0,
                            0,
                            Kind.MOMENT,
                            c -> new Value.Moment(c.evaluator().environment().now())),
                    Builtin.of("date", 1, 1, Kind.MOMENT, MomentFunctions::date),
                    Builtin.of("duration", 1, 1, Kind.SPAN, MomentFunctions::duration));

    private MomentFunctions() {}

    private static Value date(Call call) {
        for (Function<String, Instant> layout : LAYOUTS) {
            try {
                return new Value.Moment(layout.apply(call.text(0)));
            } catch (DateTimeParseException _) {
                // the next layout
            }
        }
        throw call.failed("invalid date " + call.text(0));
    }

    private static Value duration(Call call) {
        try {
            return new Value.Span(GoDuration.parse(call.text(0)));
        } catch (IllegalArgumentException e) {
            throw call.failed(Optional.ofNullable(e.getMessage()).orElse("invalid duration"));
        }
    }
}
