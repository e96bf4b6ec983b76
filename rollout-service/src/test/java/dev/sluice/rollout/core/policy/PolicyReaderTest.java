package dev.sluice.rollout.core.policy;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.rollout.core.Strategy.ReplicaThreshold;
import dev.sluice.rollout.core.policy.ReleasePolicy.Action;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PolicyReaderTest {
    private static final String NO_DATA =
            "Metric \"m\" assessed Error due to consecutiveErrors (5) > consecutiveErrorLimit (4):"
                    + " \"Error Message: metric result is nil or empty: no data returned from the"
                    + " metric provider\"";

    private static ReleasePolicy valid(Map<String, String> annotations) {
        return switch (PolicyReader.read(annotations)) {
            case PolicyReader.Result.Valid(ReleasePolicy policy) -> policy;
            case PolicyReader.Result.Invalid(String error) -> throw new AssertionError(error);
        };
    }

    @Test
    void withoutAnnotationsEveryVerdictDoesWhatItDoesInTheOriginal() {
        assertThat(valid(Map.of("other", "x"))).isEqualTo(ReleasePolicy.DEFAULT);
        assertThat(ReleasePolicy.DEFAULT.actionFor("Failed", "")).contains(Action.ABORT);
        assertThat(ReleasePolicy.DEFAULT.actionFor("Error", NO_DATA)).contains(Action.ABORT);
        assertThat(ReleasePolicy.DEFAULT.actionFor("Inconclusive", "")).contains(Action.PAUSE);
        assertThat(ReleasePolicy.DEFAULT.actionFor("Running", "")).isEmpty();
        assertThat(ReleasePolicy.DEFAULT.isPassed("Successful", "")).isTrue();
        assertThat(ReleasePolicy.DEFAULT.isPassed("Pending", "")).isFalse();
    }

    @Test
    void anErrorWithoutDataMayBeTreatedOtherwiseThanABrokenProvider() {
        ReleasePolicy policy =
                valid(Map.of("sluice.dev/on-error", "pause", "sluice.dev/on-no-data", "continue"));
        assertThat(policy.actionFor("Error", "connection refused")).contains(Action.PAUSE);
        assertThat(policy.isPassed("Error", NO_DATA)).isTrue();
        assertThat(valid(Map.of("sluice.dev/on-error", "pause")).actionFor("Error", NO_DATA))
                .contains(Action.PAUSE);
    }

    @Test
    void thresholdsAreForAllStepsOrForSingleOnes() {
        ReleasePolicy policy =
                valid(Map.of("sluice.dev/availability-threshold", "90%, 0=50%, 2=3"));
        assertThat(policy.thresholdAt(0)).contains(new ReplicaThreshold(true, 50));
        assertThat(policy.thresholdAt(1)).contains(new ReplicaThreshold(true, 90));
        assertThat(policy.thresholdAt(2)).contains(new ReplicaThreshold(false, 3));
    }

    @ParameterizedTest
    @CsvSource({
        "sluice.dev/on-failed, ignore",
        "sluice.dev/on-error, Abort",
        "sluice.dev/on-inconclusive, yes",
        "sluice.dev/on-no-data, pass",
        "sluice.dev/availability-threshold, 0%",
        "sluice.dev/availability-threshold, 101%",
        "sluice.dev/availability-threshold, a=50%",
        "sluice.dev/bypass-freeze, hotfix"
    })
    void aPolicyThatCannotBeReadIsAnErrorOfItsAnnotation(String key, String value) {
        assertThat(PolicyReader.read(Map.of(key, value)))
                .isInstanceOfSatisfying(
                        PolicyReader.Result.Invalid.class,
                        invalid ->
                                assertThat(invalid.error())
                                        .startsWith(
                                                "metadata.annotations["
                                                        + key
                                                        + "]: Invalid value: \""
                                                        + value
                                                        + "\": must be "));
    }
}
