package dev.sluice.explorer;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.explorer.drive.Breakage;
import dev.sluice.explorer.drive.World;
import dev.sluice.explorer.engine.Play;
import dev.sluice.explorer.engine.Play.Ending;
import dev.sluice.explorer.engine.Schedule;
import dev.sluice.explorer.scenario.Stories;
import dev.sluice.explorer.scenario.Story;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Predicate;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// The outages that others had, played to us.
class StoriesTest {

    @BeforeAll
    static void quiet() {
        Exploration.quiet();
    }

    static List<Story> stories() {
        return Stories.all();
    }

    @ParameterizedTest
    @MethodSource("stories")
    void thisOutageDoesNotHappenThoughItsSituationDoes(Story story) {
        Predicate<World> situation = Situations.OF_STORIES.getOrDefault(story.name(), _ -> false);
        AtomicBoolean reached = new AtomicBoolean();

        Ending ending =
                Play.play(
                        Schedule.parse(story.schedule()),
                        Breakage.NONE,
                        world -> {
                            if (situation.test(world)) {
                                reached.set(true);
                            }
                        });

        assertThat(ending.violation()).as(story.name() + ": " + story.cause()).isEmpty();
        assertThat(reached).as("the situation of " + story.name()).isTrue();
    }

    @Test
    void everyStoryHasANameOfItsOwn() {
        assertThat(Stories.all()).extracting(Story::name).doesNotHaveDuplicates();
    }
}
