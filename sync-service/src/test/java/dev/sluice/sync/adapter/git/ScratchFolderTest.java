package dev.sluice.sync.adapter.git;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ScratchFolderTest {
    @TempDir private Path base;

    @Test
    void foldersOfKilledProcessesAreRemovedAndThoseInUseStay() throws Exception {
        Path abandoned = Files.createDirectory(base.resolve("sluice-sync-1"));
        Files.createFile(abandoned.resolve("lock"));
        Files.createDirectories(abandoned.resolve("git-1/objects"));
        Path foreign = Files.createDirectory(base.resolve("sluice-sync-of-another-kind"));
        Instant later = Instant.now().plus(Duration.ofMinutes(5));

        try (ScratchFolder first = ScratchFolder.below(base, later);
                ScratchFolder second = ScratchFolder.below(base, later)) {
            assertThat(abandoned).doesNotExist();
            assertThat(foreign).exists();
            assertThat(first.create("git-")).exists();
            assertThat(second.create("git-")).exists();
        }

        assertThat(base).isDirectoryNotContaining(path -> !path.equals(foreign));
    }

    @Test
    void aFolderThatWasJustMadeStays() throws Exception {
        Path young = Files.createDirectory(base.resolve("sluice-sync-1"));
        Files.createFile(young.resolve("lock"));

        try (ScratchFolder own = ScratchFolder.below(base, Instant.now())) {
            assertThat(own.create("git-")).exists();
        }

        assertThat(young).exists();
    }
}
