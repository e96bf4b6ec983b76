package dev.sluice.rollout.core.hash;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.RoundingMode;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Resource quantities in their canonical form: the suffix family stays, the largest suffix
/// without a fraction is used.
final class Quantities {
    private static final Pattern FORM =
            Pattern.compile(
                    "([+-]?(?:\\d{1,40}\\.?\\d{0,40}|\\.\\d{1,40}))(n|u|m|k|M|G|T|P|E|Ki|Mi|Gi|Ti|Pi|Ei|[eE][+-]?\\d{1,2})?");
    private static final List<String> DECIMAL =
            List.of("n", "u", "m", "", "k", "M", "G", "T", "P", "E");
    private static final List<String> BINARY = List.of("", "Ki", "Mi", "Gi", "Ti", "Pi", "Ei");
    private static final BigDecimal KIBI = BigDecimal.valueOf(1024);

    private Quantities() {}

    static boolean isQuantity(String text) {
        return FORM.matcher(text.trim()).matches();
    }

    /// Text that is no quantity is kept as it is.
    static String canonical(String text) {
        Matcher m = FORM.matcher(text.trim());
        if (!m.matches()) {
            return text;
        }
        String suffix = m.group(2) == null ? "" : m.group(2);
        BigDecimal number =
                new BigDecimal(m.group(1).endsWith(".") ? m.group(1) + "0" : m.group(1));
        if (suffix.length() > 1 && suffix.endsWith("i")) {
            BigDecimal value = number.multiply(KIBI.pow(BINARY.indexOf(suffix)));
            return value.abs().compareTo(KIBI) < 0 ? decimal(value) : binary(value);
        }
        if (!suffix.isEmpty()
                && suffix.toLowerCase(Locale.ROOT).charAt(0) == 'e'
                && suffix.length() > 1) {
            return exponent(number.scaleByPowerOfTen(Integer.parseInt(suffix.substring(1))));
        }
        return decimal(number.scaleByPowerOfTen(3 * (DECIMAL.indexOf(suffix) - 3)));
    }

    private static BigDecimal toNano(BigDecimal value) {
        return value.setScale(9, RoundingMode.UP);
    }

    private static String decimal(BigDecimal exact) {
        BigDecimal value = toNano(exact);
        if (value.signum() == 0) {
            return "0";
        }
        int exponent = exponentOf(value, 18);
        return integer(value.scaleByPowerOfTen(-exponent)) + DECIMAL.get(exponent / 3 + 3);
    }

    private static String exponent(BigDecimal exact) {
        BigDecimal value = toNano(exact);
        if (value.signum() == 0) {
            return "0";
        }
        int exponent = exponentOf(value, 96);
        return integer(value.scaleByPowerOfTen(-exponent)) + (exponent == 0 ? "" : "e" + exponent);
    }

    /// The largest multiple of three that leaves no fraction.
    private static int exponentOf(BigDecimal value, int largest) {
        int zeros = -value.stripTrailingZeros().scale();
        return Math.min(largest, Math.floorDiv(zeros, 3) * 3);
    }

    private static String binary(BigDecimal exact) {
        BigInteger value = exact.setScale(0, RoundingMode.UP).toBigInteger();
        int power = Math.min(6, value.getLowestSetBit() / 10);
        return value.shiftRight(10 * power) + BINARY.get(power);
    }

    private static String integer(BigDecimal value) {
        return value.setScale(0, RoundingMode.UP).toBigInteger().toString();
    }
}
