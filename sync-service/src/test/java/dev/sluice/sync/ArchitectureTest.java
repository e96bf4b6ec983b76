package dev.sluice.sync;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.time.Instant;
import java.util.Random;
import java.util.UUID;
import org.junit.jupiter.api.Test;

class ArchitectureTest {
    private static final JavaClasses SERVICE =
            new ClassFileImporter()
                    .withImportOption(new ImportOption.DoNotIncludeTests())
                    .importPackages("dev.sluice.sync");

    @Test
    void coreIsPure() {
        // Jackson trees carry opaque manifests through the core
        classes()
                .that()
                .resideInAPackage("..sync.core..")
                .should()
                .onlyDependOnClassesThat()
                .resideInAnyPackage(
                        "java..",
                        "dev.sluice.events..",
                        "dev.sluice.runtime.schedule..",
                        "dev.sluice.sync.core..",
                        "org.jspecify..",
                        "com.fasterxml.jackson.databind..")
                .check(SERVICE);
        noClasses()
                .that()
                .resideInAPackage("..sync.core..")
                .should()
                .callMethod(Instant.class, "now")
                .orShould()
                .callMethod(UUID.class, "randomUUID")
                .orShould()
                .callConstructor(Random.class)
                .check(SERVICE);
    }

    @Test
    void dependenciesPointInwards() {
        noClasses()
                .that()
                .resideInAPackage("..sync.app..")
                .should()
                .dependOnClassesThat()
                .resideInAPackage("..sync.adapter..")
                .check(SERVICE);
    }

    @Test
    void adaptersDoNotSeeEachOther() {
        slices().matching("dev.sluice.sync.adapter.(*)..")
                .should()
                .notDependOnEachOther()
                .check(SERVICE);
    }
}
