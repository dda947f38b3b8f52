package dev.syncline.examples.architecture;

import static com.tngtech.archunit.base.DescribedPredicate.describe;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaCodeUnit;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.lang.ArchCondition;
import com.tngtech.archunit.lang.ConditionEvents;
import com.tngtech.archunit.lang.SimpleConditionEvent;
import dev.syncline.runtime.SyncModule;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.time.Instant;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.Executors;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;
import org.jspecify.annotations.NullMarked;
import org.junit.jupiter.api.Test;

/** The walls between modules and rooms. This module sees all others, so the rules of all stand here. */
class ArchitectureTest {

    private static final JavaClasses PRODUCT = new ClassFileImporter()
            .withImportOption(new ImportOption.DoNotIncludeTests())
            .importPackages("dev.syncline.api", "dev.syncline.spi", "dev.syncline.runtime", "dev.syncline.broker");

    private static final DescribedPredicate<JavaClass> FOREIGN_LIBRARY = resideInAnyPackage(
            "com.google..",
            "com.lmax..",
            "net.openhft..",
            "tools.jackson..",
            "com.fasterxml..",
            "com.networknt..",
            "org.apache.kafka..",
            "io.lettuce..",
            "io.micrometer..",
            "org.slf4j..");

    @Test
    void theApiKnowsNeitherTheSpiNorWhatIsBehindIt() {
        noClasses()
                .that()
                .resideInAPackage("dev.syncline.api..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("dev.syncline.spi..", "dev.syncline.runtime..", "dev.syncline.broker..")
                .check(PRODUCT);
    }

    @Test
    void apiAndSpiNeedNothingButAnnotations() {
        classes()
                .that()
                .resideInAnyPackage("dev.syncline.api..", "dev.syncline.spi..")
                .should()
                .onlyDependOnClassesThat(
                        resideInAnyPackage("dev.syncline.api..", "dev.syncline.spi..", "java..", "org.jspecify.."))
                .check(PRODUCT);
    }

    @Test
    void anAdapterNeverImportsTheRuntimeNorTheRuntimeAnAdapter() {
        noClasses()
                .that()
                .resideInAPackage("dev.syncline.broker..")
                .should()
                .dependOnClassesThat()
                .resideInAPackage("dev.syncline.runtime..")
                .check(PRODUCT);
        noClasses()
                .that()
                .resideInAPackage("dev.syncline.runtime..")
                .should()
                .dependOnClassesThat()
                .resideInAPackage("dev.syncline.broker..")
                .check(PRODUCT);
    }

    @Test
    void noForeignTypeStandsInAPublicSignature() {
        classes()
                .that()
                .arePublic()
                .and(describe("are not internal", type -> !type.getPackageName().contains(".internal")))
                .and(describe("are not inside of others that are hidden", ArchitectureTest::isInTheOpen))
                .and(describe("are not SyncModule", type -> !type.isEquivalentTo(SyncModule.class)))
                .should(new ArchCondition<>("show only Java's types and our own") {
                    @Override
                    public void check(JavaClass type, ConditionEvents events) {
                        foreignTypes(type)
                                .forEach(foreign -> events.add(SimpleConditionEvent.violated(
                                        type, type.getName() + " shows " + foreign.getName())));
                    }
                })
                .check(PRODUCT);
    }

    private static boolean isInTheOpen(JavaClass type) {
        return type.getEnclosingClass()
                .map(outer -> outer.getModifiers().contains(JavaModifier.PUBLIC) && isInTheOpen(outer))
                .orElse(true);
    }

    private static Stream<JavaClass> foreignTypes(JavaClass type) {
        var ofUnits = type.getCodeUnits().stream()
                .filter(unit -> isVisible(unit.getModifiers()))
                .flatMap(ArchitectureTest::typesOf);
        var ofFields = type.getFields().stream()
                .filter(field -> isVisible(field.getModifiers()))
                .map(field -> field.getRawType());
        return Stream.concat(ofUnits, ofFields).filter(FOREIGN_LIBRARY);
    }

    private static Stream<JavaClass> typesOf(JavaCodeUnit unit) {
        return Stream.concat(Stream.of(unit.getRawReturnType()), unit.getRawParameterTypes().stream());
    }

    private static boolean isVisible(Set<JavaModifier> modifiers) {
        return modifiers.contains(JavaModifier.PUBLIC) || modifiers.contains(JavaModifier.PROTECTED);
    }

    @Test
    void dataMovesFromLeftToRight() {
        noClasses()
                .that()
                .resideInAnyPackage("..internal.handling..", "..internal.publish..", "..internal.outbox..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("..internal.ingest..", "..internal.dispatch..", "..internal.assembly..")
                .check(PRODUCT);
        noClasses()
                .that()
                .resideInAnyPackage("..internal.log..", "..internal.outbox..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("..internal.relay..", "..internal.local..", "..internal.handling..")
                .check(PRODUCT);
    }

    /**
     * What runs under simulation is told the time and what is random, and is given its turns and its files; it looks for
     * none of them. The drivers, which do, are named here.
     */
    @Test
    void coresReadNoClockStartNoThreadAndOpenNoFile() {
        noClasses()
                .that()
                .resideInAnyPackage(
                        "..internal.publish..",
                        "..internal.outbox..",
                        "..internal.relay..",
                        "..internal.ingest..",
                        "..internal.dispatch..",
                        "..internal.handling..",
                        "..internal.settle..",
                        "..internal.inbox..",
                        "..internal.park..",
                        "..internal.envelope..",
                        "..internal.assembly..")
                .and(describe("are not drivers", type -> !DRIVERS.contains(outermost(type))))
                .should()
                .callMethod(System.class, "nanoTime")
                .orShould()
                .callMethod(System.class, "currentTimeMillis")
                .orShould()
                .callMethod(Instant.class, "now")
                .orShould()
                .callMethod(UUID.class, "randomUUID")
                .orShould()
                .callMethod(Thread.class, "sleep", long.class)
                .orShould()
                .callConstructorWhere(describe(
                        "makes threads or chance",
                        call -> MAKERS.contains(call.getTargetOwner().getName())))
                .orShould()
                .dependOnClassesThat(describe("are files or executors", ArchitectureTest::isOutside))
                .check(PRODUCT);
    }

    private static final Set<String> MAKERS = Set.of(
            "java.lang.Thread",
            "java.util.Random",
            "java.util.SplittableRandom",
            "java.security.SecureRandom",
            "java.util.concurrent.ThreadPoolExecutor",
            "java.util.concurrent.ScheduledThreadPoolExecutor");

    /** Files of a data directory; a thread that waits for its signal. */
    private static final Set<String> DRIVERS = Set.of(
            "dev.syncline.runtime.internal.assembly.FileStorage",
            "dev.syncline.runtime.internal.dispatch.LaneSignal",
            "dev.syncline.runtime.internal.inbox.InboxDirectory",
            "dev.syncline.runtime.internal.inbox.MarkFile",
            "dev.syncline.runtime.internal.ingest.Ingest",
            "dev.syncline.runtime.internal.outbox.NumberFile",
            "dev.syncline.runtime.internal.relay.CursorFile");

    private static boolean isOutside(JavaClass type) {
        return type.getPackageName().equals("java.nio.channels")
                || type.isEquivalentTo(Files.class)
                || type.isEquivalentTo(RandomAccessFile.class)
                || type.isEquivalentTo(ThreadLocalRandom.class)
                || type.isEquivalentTo(LockSupport.class)
                || type.isEquivalentTo(Executors.class);
    }

    private static String outermost(JavaClass type) {
        var name = type.getName();
        int nested = name.indexOf('$');
        return nested < 0 ? name : name.substring(0, nested);
    }

    @Test
    void everyPackageSaysWhatItIsForAndIsNullMarked() {
        classes()
                .that(resideInAPackage("dev.syncline.."))
                .should(new ArchCondition<>("live in a package that is null-marked") {
                    @Override
                    public void check(JavaClass type, ConditionEvents events) {
                        if (!type.getPackage().isAnnotatedWith(NullMarked.class)) {
                            events.add(SimpleConditionEvent.violated(
                                    type, type.getPackageName() + " has no package-info with @NullMarked"));
                        }
                    }
                })
                .check(PRODUCT);
    }
}
