package dev.sluice.runtime.wiring;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.runtime.RuntimeConfig;
import io.quarkus.runtime.configuration.ConfigurationException;
import io.quarkus.runtime.configuration.DurationConverter;
import io.smallrye.config.SmallRyeConfigBuilder;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ConfigCheckTest {
    private static RuntimeConfig config(String key, String value) {
        return new SmallRyeConfigBuilder()
                .withConverter(Duration.class, 200, new DurationConverter())
                .withMapping(RuntimeConfig.class)
                .withDefaultValue("sluice.service", "rollout")
                .withDefaultValue(key, value)
                .build()
                .getConfigMapping(RuntimeConfig.class);
    }

    @Test
    void theDefaultsAreFine() {
        assertThatCode(() -> ConfigCheck.check(config("sluice.cluster", "here")))
                .doesNotThrowAnyException();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "sluice.service                  | scheduler  | one of sync, rollout, analysis, router",
                "sluice.kafka.topic-prefix       | a/b        | letters, digits",
                "sluice.kafka.partitions         | 0          | 1 to 1000",
                "sluice.kafka.replication-factor | 0          | -1",
                "sluice.outbox.sweep-interval    | 0s         | a duration above zero",
                "sluice.outbox.memory-limit      | 0          | at least 1",
                "sluice.namespace                | A B        | the name of one namespace",
            })
    void aSettingThatMakesNoSenseIsNamedWithItsValueAndWhatIsAllowed(
            String key, String value, String allowed) {
        assertThatThrownBy(() -> ConfigCheck.check(config(key, value)))
                .isInstanceOf(ConfigurationException.class)
                .hasMessageContaining(key + " is '")
                .hasMessageContaining(allowed);
    }
}
