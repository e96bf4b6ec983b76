package dev.sluice.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class StackFolderIT {

    /// Another program that starts a stack, and removes what it takes for left behind.
    static final class Other {
        private Other() {}

        public static void main(String[] arguments) {
            StackFolder.create("other").close();
        }
    }

    @Test
    void foldersOfOneJvmStayWhenAnotherOneStarts() {
        try (var first = StackFolder.create("first");
                var second = StackFolder.create("second")) {
            // When
            var result =
                    Commands.run(
                            Path.of("."),
                            Map.of(),
                            List.of(
                                    Path.of(System.getProperty("java.home"), "bin", "java")
                                            .toString(),
                                    "-cp",
                                    System.getProperty("java.class.path"),
                                    Other.class.getName()));

            // Then
            assertThat(result.code()).as(result.output()).isZero();
            assertThat(first.path()).exists();
            assertThat(second.path()).exists();
        }
    }
}
