package dev.sluice.analysis.core.expr;

import java.math.BigDecimal;

/// Numbers as Go prints them; they reach statuses and messages that users compare.
public final class GoNumbers {
    private GoNumbers() {}

    /// Shortest decimal without an exponent (`strconv` format `f`).
    public static String plain(double value) {
        if (Double.isNaN(value)) {
            return "NaN";
        }
        if (Double.isInfinite(value)) {
            return value > 0 ? "+Inf" : "-Inf";
        }
        if (value == 0) {
            return 1 / value < 0 ? "-0" : "0";
        }
        return new BigDecimal(Double.toString(value)).stripTrailingZeros().toPlainString();
    }

    /// As the verb `%v` prints it: with an exponent below 1e-4 and from 1e21.
    public static String general(double value) {
        double size = Math.abs(value);
        boolean plain =
                size == 0
                        || Double.isNaN(value)
                        || Double.isInfinite(value)
                        || (size >= 1e-4 && size < 1e21);
        return plain ? plain(value) : exponent(value, 2);
    }

    /// As encoding/json prints it.
    public static String json(double value) {
        double size = Math.abs(value);
        return size == 0 || (size >= 1e-6 && size < 1e21) ? plain(value) : exponent(value, 1);
    }

    private static String exponent(double value, int minimumDigits) {
        BigDecimal number = new BigDecimal(Double.toString(value)).stripTrailingZeros();
        String digits = number.unscaledValue().abs().toString();
        int exponent = digits.length() - 1 - number.scale();
        String mantissa =
                digits.length() == 1 ? digits : digits.charAt(0) + "." + digits.substring(1);
        String power = Integer.toString(Math.abs(exponent));
        return (value < 0 ? "-" : "")
                + mantissa
                + (exponent < 0 ? "e-" : "e+")
                + "0".repeat(Math.max(0, minimumDigits - power.length()))
                + power;
    }
}
