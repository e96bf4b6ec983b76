package dev.sluice.rollout.core.policy;

import dev.sluice.rollout.core.Strategy.ReplicaThreshold;
import dev.sluice.rollout.core.policy.ReleasePolicy.Action;
import java.util.Arrays;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Reads the policy annotations of a Rollout. A value that cannot be used makes the Rollout
/// invalid: a policy that is misspelt must not be silently another one.
public final class PolicyReader {
    public static final String ON_FAILED = "sluice.dev/on-failed";
    public static final String ON_ERROR = "sluice.dev/on-error";
    public static final String ON_INCONCLUSIVE = "sluice.dev/on-inconclusive";
    public static final String ON_NO_DATA = "sluice.dev/on-no-data";
    public static final String THRESHOLD = "sluice.dev/availability-threshold";
    public static final String BYPASS_FREEZE = "sluice.dev/bypass-freeze";

    private static final Pattern AMOUNT = Pattern.compile("(\\d{1,6})(%?)");

    private PolicyReader() {}

    /// Either a policy, or what is wrong with the first annotation that cannot be used.
    public sealed interface Result {
        record Valid(ReleasePolicy policy) implements Result {}

        /// @param error in the form of a Kubernetes field error
        record Invalid(String error) implements Result {}
    }

    private static final class UnusableException extends RuntimeException {
        private static final long serialVersionUID = 1L;

        UnusableException(String key, String value, String detail) {
            super("metadata.annotations[" + key + "]: Invalid value: \"" + value + "\": " + detail);
        }
    }

    public static Result read(Map<String, String> annotations) {
        try {
            Action onError = action(annotations, ON_ERROR, ReleasePolicy.DEFAULT.onError());
            Map<Integer, ReplicaThreshold> steps = new TreeMap<>();
            Optional<ReplicaThreshold> general = thresholds(annotations, steps);
            return new Result.Valid(
                    new ReleasePolicy(
                            action(annotations, ON_FAILED, ReleasePolicy.DEFAULT.onFailed()),
                            onError,
                            action(
                                    annotations,
                                    ON_INCONCLUSIVE,
                                    ReleasePolicy.DEFAULT.onInconclusive()),
                            action(annotations, ON_NO_DATA, onError),
                            general,
                            steps,
                            bypass(annotations)));
        } catch (UnusableException e) {
            return new Result.Invalid(String.valueOf(e.getMessage()));
        }
    }

    private static Action action(Map<String, String> annotations, String key, Action byDefault) {
        String value = annotations.getOrDefault(key, "");
        if (value.isEmpty()) {
            return byDefault;
        }
        return Arrays.stream(Action.values())
                .filter(a -> a.name().toLowerCase(Locale.ROOT).equals(value))
                .findFirst()
                .orElseThrow(
                        () ->
                                new UnusableException(
                                        key, value, "must be abort, pause or continue"));
    }

    /// `90%`, `3`, or per step `0=50%,2=100%`; both may be mixed.
    private static Optional<ReplicaThreshold> thresholds(
            Map<String, String> annotations, Map<Integer, ReplicaThreshold> steps) {
        String value = annotations.getOrDefault(THRESHOLD, "");
        Optional<ReplicaThreshold> general = Optional.empty();
        if (value.isEmpty()) {
            return general;
        }
        for (String part : value.split(",", -1)) {
            String[] sides = part.strip().split("=", -1);
            ReplicaThreshold threshold = amount(sides[sides.length - 1].strip(), value);
            if (sides.length == 1) {
                general = Optional.of(threshold);
            } else if (sides.length == 2 && sides[0].strip().matches("\\d{1,4}")) {
                steps.put(Integer.parseInt(sides[0].strip()), threshold);
            } else {
                throw unusable(value);
            }
        }
        return general;
    }

    private static ReplicaThreshold amount(String text, String value) {
        Matcher m = AMOUNT.matcher(text);
        if (!m.matches()) {
            throw unusable(value);
        }
        int amount = Integer.parseInt(m.group(1));
        boolean percent = !m.group(2).isEmpty();
        if (amount < 1 || (percent && amount > 100)) {
            throw unusable(value);
        }
        return new ReplicaThreshold(percent, amount);
    }

    private static UnusableException unusable(String value) {
        return new UnusableException(
                THRESHOLD,
                value,
                "must be a percentage from 1% to 100% or a number of pods, for all steps or per"
                        + " step index, for example \"90%\" or \"0=50%,2=100%\"");
    }

    private static Optional<Long> bypass(Map<String, String> annotations) {
        String value = annotations.getOrDefault(BYPASS_FREEZE, "");
        if (value.isEmpty()) {
            return Optional.empty();
        }
        if (!value.matches("[1-9]\\d{0,17}")) {
            throw new UnusableException(
                    BYPASS_FREEZE, value, "must be the number of the revision that may pass");
        }
        return Optional.of(Long.valueOf(value));
    }
}
