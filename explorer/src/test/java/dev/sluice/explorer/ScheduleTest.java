package dev.sluice.explorer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.explorer.engine.Schedule;
import org.junit.jupiter.api.Test;

class ScheduleTest {

    @Test
    void aScheduleIsReadAsItWasWritten() {
        String text = "canary-nginx@fresh: image1 rollout0.look rollout0.write*3 time1000";

        Schedule schedule = Schedule.parse(text);

        assertThat(schedule.fresh()).isTrue();
        assertThat(schedule.actions()).hasSize(6);
        assertThat(schedule.text()).isEqualTo(text);
    }

    @Test
    void whatMakesNoSenseIsNamed() {
        assertThatThrownBy(() -> Schedule.parse("canary-nginx: image1 sing"))
                .hasMessageContaining("no action 'sing'");
        assertThatThrownBy(() -> Schedule.parse("canary-paper: image1"))
                .hasMessageContaining("no scenario 'canary-paper'");
        assertThatThrownBy(() -> Schedule.parse("image1 image2"))
                .hasMessageContaining("scenario: action");
    }
}
