package dev.sluice.analysis;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import org.junit.jupiter.api.Test;

class ArchitectureTest {
    private static final JavaClasses CLASSES =
            new ClassFileImporter()
                    .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
                    .importPackages("dev.sluice.analysis");

    /// Besides the JDK the core may use Jackson's tree, since metrics carry opaque JSON, and RE2,
    /// whose time is bounded.
    @Test
    void keepsTheCorePure() {
        classes()
                .that()
                .resideInAPackage("dev.sluice.analysis.core..")
                .should()
                .onlyDependOnClassesThat()
                .resideInAnyPackage(
                        "dev.sluice.analysis.core..",
                        "dev.sluice.events..",
                        "java.lang..",
                        "java.math..",
                        "java.nio.charset..",
                        "java.time..",
                        "java.util..",
                        "org.jspecify..",
                        "com.fasterxml.jackson.databind",
                        "com.fasterxml.jackson.databind.node",
                        "com.google.re2j..")
                .check(CLASSES);
    }

    @Test
    void keepsClockAndChanceOutOfTheCore() {
        noClasses()
                .that()
                .resideInAPackage("dev.sluice.analysis.core..")
                .should()
                .callMethod(java.time.Instant.class, "now")
                .orShould()
                .callMethod(java.util.UUID.class, "randomUUID")
                .orShould()
                .dependOnClassesThat()
                .areAssignableTo(java.util.Random.class)
                .check(CLASSES);
    }

    @Test
    void pointsInward() {
        noClasses()
                .that()
                .resideInAPackage("dev.sluice.analysis.app..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("dev.sluice.analysis.adapter..", "io.fabric8..", "io.quarkus..")
                .check(CLASSES);
        slices().matching("dev.sluice.analysis.adapter.(*)..")
                .should()
                .notDependOnEachOther()
                .check(CLASSES);
    }

    @Test
    void marksEveryPackageForNullChecks() {
        assertThat(CLASSES.stream().map(type -> type.getPackage()).distinct().toList())
                .allSatisfy(
                        each ->
                                assertThat(
                                                each.isAnnotatedWith(
                                                        org.jspecify.annotations.NullMarked.class))
                                        .as(each.getName())
                                        .isTrue());
    }
}
