package dev.sluice.rollout;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.lang.syntax.ArchRuleDefinition;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Random;
import java.util.UUID;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class ArchitectureTest {
    private static final JavaClasses CLASSES =
            new ClassFileImporter()
                    .withImportOption(new ImportOption.DoNotIncludeTests())
                    .importPackages("dev.sluice.rollout");

    /// Jackson trees are allowed in the core because pod templates, selectors and analysis metrics
    /// are carried opaque.
    @Test
    void theCoreKnowsOnlyTheJdkEventsAndJsonTrees() {
        ArchRuleDefinition.classes()
                .that()
                .resideInAPackage("dev.sluice.rollout.core..")
                .should()
                .onlyDependOnClassesThat()
                .resideInAnyPackage(
                        "java..",
                        "dev.sluice.rollout.core..",
                        "dev.sluice.events..",
                        "dev.sluice.runtime.schedule..",
                        "org.jspecify..",
                        "com.fasterxml.jackson.core..",
                        "com.fasterxml.jackson.databind..")
                .check(CLASSES);
    }

    @Test
    void theCoreAsksNeitherClockNorChance() {
        noClasses()
                .that()
                .resideInAPackage("dev.sluice.rollout.core..")
                .should()
                .callMethod(Instant.class, "now")
                .orShould()
                .callMethod(UUID.class, "randomUUID")
                .orShould()
                .callConstructor(Random.class)
                .check(CLASSES);
    }

    @Test
    void dependenciesPointInward() {
        noClasses()
                .that()
                .resideInAPackage("dev.sluice.rollout.app..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(
                        "dev.sluice.rollout.adapter..",
                        "io.fabric8..",
                        "io.javaoperatorsdk..",
                        "org.apache.kafka..",
                        "io.quarkus..",
                        "jakarta..")
                .check(CLASSES);
    }

    @Test
    void adaptersDoNotSeeEachOther() {
        slices().matching("dev.sluice.rollout.adapter.(*)..")
                .should()
                .notDependOnEachOther()
                .check(CLASSES);
    }

    @Test
    void onlyTheKubernetesAdapterTalksToTheCluster() {
        noClasses()
                .that()
                .resideOutsideOfPackages(
                        "dev.sluice.rollout.adapter.k8s..",
                        "dev.sluice.rollout.adapter.kafka..",
                        "dev.sluice.rollout")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("io.fabric8.kubernetes.client..", "io.javaoperatorsdk..")
                .check(CLASSES);
    }

    @Test
    void everyPackageSaysItsPurposeAndIsNullMarked() throws IOException {
        Path root = Path.of("src/main/java/dev/sluice/rollout");
        List<Path> packages;
        try (Stream<Path> files = Files.walk(root)) {
            packages =
                    files.filter(file -> file.toString().endsWith(".java"))
                            .map(Path::getParent)
                            .distinct()
                            .sorted()
                            .toList();
        }
        for (Path folder : packages) {
            assertThat(folder.resolve("package-info.java"))
                    .content()
                    .contains("@NullMarked")
                    .startsWith("///");
        }
    }
}
