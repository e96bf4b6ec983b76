package dev.sluice.router;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.time.Instant;
import java.util.Random;
import java.util.UUID;
import org.jspecify.annotations.NullMarked;
import org.junit.jupiter.api.Test;

class ArchitectureTest {

    private static final JavaClasses CLASSES =
            new ClassFileImporter()
                    .withImportOption(new ImportOption.DoNotIncludeTests())
                    .importPackages("dev.sluice.router");

    @Test
    void coreIsPure() {
        // JSON trees: routing objects are mostly not ours to model, and must survive untouched
        classes()
                .that()
                .resideInAPackage("..router.core..")
                .should()
                .onlyDependOnClassesThat()
                .resideInAnyPackage(
                        "java..",
                        "dev.sluice.events..",
                        "dev.sluice.router.core..",
                        "org.jspecify..",
                        "com.fasterxml.jackson.core..",
                        "com.fasterxml.jackson.databind..")
                .check(CLASSES);
    }

    @Test
    void coreHasNoClockAndNoChance() {
        noClasses()
                .that()
                .resideInAPackage("..router.core..")
                .should()
                .callMethod(Instant.class, "now")
                .orShould()
                .callMethod(UUID.class, "randomUUID")
                .orShould()
                .callConstructor(Random.class)
                .check(CLASSES);
    }

    @Test
    void appDoesNotKnowItsAdapters() {
        noClasses()
                .that()
                .resideInAPackage("..router.app..")
                .should()
                .dependOnClassesThat()
                .resideInAPackage("..router.adapter..")
                .check(CLASSES);
    }

    @Test
    void adaptersDoNotKnowEachOther() {
        slices().matching("dev.sluice.router.adapter.(*)..")
                .should()
                .notDependOnEachOther()
                .check(CLASSES);
    }

    @Test
    void everyPackageIsNullMarked() {
        assertThat(CLASSES.stream().map(c -> c.getPackage()).distinct())
                .allSatisfy(
                        p ->
                                assertThat(p.isAnnotatedWith(NullMarked.class))
                                        .as(p.getName())
                                        .isTrue());
    }
}
