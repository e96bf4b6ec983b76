package dev.sluice.sync.core;

import java.math.BigDecimal;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Resource quantities: `1000m` equals `1`, `1Gi` equals `1024Mi`.
final class Quantity {
    private static final Pattern FORM =
            Pattern.compile(
                    "([+-]?\\d{1,18}(?:\\.\\d{0,12})?)(?:[eE]([+-]?\\d{1,2})|([numkMGTPE]|[KMGTPE]i))?");
    private static final Map<String, BigDecimal> SUFFIX =
            Map.ofEntries(
                    Map.entry("n", new BigDecimal("1e-9")),
                    Map.entry("u", new BigDecimal("1e-6")),
                    Map.entry("m", new BigDecimal("1e-3")),
                    Map.entry("k", new BigDecimal("1e3")),
                    Map.entry("M", new BigDecimal("1e6")),
                    Map.entry("G", new BigDecimal("1e9")),
                    Map.entry("T", new BigDecimal("1e12")),
                    Map.entry("P", new BigDecimal("1e15")),
                    Map.entry("E", new BigDecimal("1e18")),
                    Map.entry("Ki", BigDecimal.valueOf(1L << 10)),
                    Map.entry("Mi", BigDecimal.valueOf(1L << 20)),
                    Map.entry("Gi", BigDecimal.valueOf(1L << 30)),
                    Map.entry("Ti", BigDecimal.valueOf(1L << 40)),
                    Map.entry("Pi", BigDecimal.valueOf(1L << 50)),
                    Map.entry("Ei", BigDecimal.valueOf(1L << 60)));

    private Quantity() {}

    static Optional<BigDecimal> parse(String text) {
        Matcher form = FORM.matcher(text.strip());
        if (!form.matches()) {
            return Optional.empty();
        }
        BigDecimal number = new BigDecimal(form.group(1));
        if (form.group(2) != null) {
            return Optional.of(number.scaleByPowerOfTen(Integer.parseInt(form.group(2))));
        }
        BigDecimal factor =
                form.group(3) == null
                        ? BigDecimal.ONE
                        : SUFFIX.getOrDefault(form.group(3), BigDecimal.ONE);
        return Optional.of(number.multiply(factor));
    }

    static boolean same(String left, String right) {
        Optional<BigDecimal> a = parse(left);
        Optional<BigDecimal> b = parse(right);
        return a.isPresent() && b.isPresent() && a.get().compareTo(b.get()) == 0;
    }
}
