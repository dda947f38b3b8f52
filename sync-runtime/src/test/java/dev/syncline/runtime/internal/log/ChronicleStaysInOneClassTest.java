package dev.syncline.runtime.internal.log;

import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.belongToAnyOf;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import org.junit.jupiter.api.Test;

/** One day another log will be needed; and nothing of Chronicle may load before the JDK is open for it. */
class ChronicleStaysInOneClassTest {

    @Test
    void onlyTheWriterNamesChronicle() {
        var classes = new ClassFileImporter()
                .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
                .importPackages("dev.syncline.runtime");

        noClasses()
                .that(not(belongToAnyOf(ChronicleWriter.class)))
                .should()
                .dependOnClassesThat()
                .resideInAPackage("net.openhft..")
                .check(classes);
    }
}
