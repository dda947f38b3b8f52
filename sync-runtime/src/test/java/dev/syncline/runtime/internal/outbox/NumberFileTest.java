package dev.syncline.runtime.internal.outbox;

import static dev.syncline.runtime.internal.outbox.Messages.one;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.syncline.api.OutboxException;
import dev.syncline.runtime.internal.log.InMemoryEventLog;
import dev.syncline.runtime.internal.log.StoreId;
import dev.syncline.runtime.internal.log.TextFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A number given twice makes receivers drop a new event as the repeat of a lost one. */
class NumberFileTest {

    private static final StoreId STORE = new StoreId(1, 1);

    @TempDir
    Path directory;

    private final RecordingAlarms alarms = new RecordingAlarms();
    private InMemoryEventLog log = new InMemoryEventLog();
    private String bootId = "boot-1";
    private boolean isNewStore = true;
    private int newIds;
    private Instant now = Instant.parse("2026-05-04T10:00:00Z");
    private Outbox outbox;

    @BeforeEach
    void openOutbox() {
        outbox = open();
    }

    private Outbox open() {
        return new Outbox(log, STORE, OutboxSettings.defaults(), () -> now, alarms, file());
    }

    private NumberFile file() {
        return new NumberFile(
                TextFile.at(directory.resolve("outbox.numbers")),
                bootId,
                STORE,
                isNewStore,
                () -> new StoreId(2, ++newIds),
                () -> now);
    }

    private long append() {
        return outbox.append(one("a")).firstN();
    }

    private List<Long> numbers() {
        var numbers = new ArrayList<Long>();
        try (var reader = outbox.newReader()) {
            while (reader.next()) {
                numbers.add(reader.n());
            }
        }
        return numbers;
    }

    @Test
    void afterAKillNumbersGoOnWithoutAGap() {
        append();
        append();
        log = log.afterKill();
        outbox = open();

        assertThat(append()).isEqualTo(3);
        assertThat(numbers()).containsExactly(1L, 2L, 3L);
        assertThat(alarms.told).isEmpty();
    }

    @Test
    void afterAnOrderlyEndNumbersGoOnWithoutAGapEvenOnAnotherDay() {
        append();
        append();
        outbox.close();
        bootId = "boot-2";
        log = log.afterKill();
        outbox = open();

        assertThat(append()).isEqualTo(3);
        outbox.close();
        log = log.afterKill();
        outbox = open();
        assertThat(append()).isEqualTo(4);
        assertThat(alarms.told).isEmpty();
    }

    @Test
    void s27_afterAPowerFailureNoNumberIsGivenAgainAndTheJumpIsNoAlarm() {
        append();
        log.force();
        append();
        append(); // shipped perhaps, then lost with the page cache
        log = log.afterPowerLoss();
        bootId = "boot-2";
        outbox = open();

        long next = append();

        assertThat(next).isGreaterThan(3);
        assertThat(append()).isEqualTo(next + 1);
        assertThat(numbers()).containsExactly(1L, next, next + 1);
        assertThat(alarms.told).isEmpty();
    }

    @Test
    void s27_machineWithoutABootIdCountsEveryCrashAsPowerFailure() {
        bootId = "";
        outbox = open();
        append();
        log = log.afterKill();
        outbox = open();

        assertThat(append()).isGreaterThan(2);
    }

    @Test
    void s27_lostLogStartsAboveWhatItGave() {
        append();
        append();
        log = new InMemoryEventLog();
        outbox = open();

        assertThat(append()).isGreaterThan(2);
    }

    @Test
    void s27_damagedTailStartsAboveWhatItMayHaveHeld() {
        append();
        append();
        log.damage(outbox.lastIndex());
        log = log.afterKill();
        outbox = open();

        assertThat(append()).isGreaterThan(2);
        assertThat(alarms.told).containsExactly("damaged");
    }

    @Test
    void entriesMissingAfterAnOrderlyEndAreAnAlarm() {
        append();
        log.force();
        append();
        outbox.close();
        log = log.afterPowerLoss();
        outbox = open();

        assertThat(alarms.told).containsExactly("gap 2 3");
        assertThat(append()).isEqualTo(3);
    }

    /** The simulation of the whole pipeline found this: the second start gave 2 and 3 again. */
    @Test
    void s27_orderlyEndWithoutAnyEventDoesNotForgetTheNumbersThatWereLost() {
        append();
        log.force();
        append();
        append(); // shipped, then lost with the page cache
        outbox.close();
        log = log.afterPowerLoss();
        bootId = "boot-2";
        outbox = open();
        outbox.close();
        log = log.afterKill();
        outbox = open();

        assertThat(append()).isEqualTo(4);
        assertThat(alarms.told).containsExactly("gap 2 4", "gap 2 4");
    }

    @Test
    void s27_orderlyEndWithoutAnyEventAfterACrashKeepsTheJumpAndIsNoAlarm() {
        append();
        log.force();
        append();
        log = log.afterPowerLoss();
        bootId = "boot-2";
        outbox = open();
        outbox.close();
        log = log.afterKill();
        outbox = open();

        assertThat(append()).isGreaterThan(2);
        assertThat(alarms.told).isEmpty();
    }

    @Test
    void s27_numberThatTheDiskRefusedAfterAPowerFailureIsNotTakenForTheLogsNext() {
        append();
        append(); // lost
        bootId = "boot-2";
        var afterPowerFailure = file();
        long next = afterPowerFailure.resume(1, false);
        afterPowerFailure.cover(next); // and then the log had no room, and the process was killed

        assertThat(file().resume(1, false)).isGreaterThanOrEqualTo(next);
    }

    @Test
    void s27_deletedFileStartsFarAboveTheLog() throws IOException {
        append();
        Files.delete(directory.resolve("outbox.numbers"));
        log = log.afterKill();
        outbox = open();

        assertThat(append()).isGreaterThan(NumberFile.BLOCK);
    }

    @Test
    void blockIsOnTheDiskBeforeItsFirstNumberIsGiven() throws IOException {
        append();
        assertThat(directory.resolve("outbox.numbers")).content().contains("reserved " + (NumberFile.BLOCK + 1));

        var numbers = file();
        numbers.resume(NumberFile.BLOCK, false);
        numbers.cover(NumberFile.BLOCK + 1);
        assertThat(directory.resolve("outbox.numbers")).content().contains("reserved " + (NumberFile.BLOCK + 1));
        numbers.cover(NumberFile.BLOCK + 2);
        assertThat(directory.resolve("outbox.numbers")).content().contains("reserved " + (2 * NumberFile.BLOCK + 2));
    }

    @Test
    void outboxThatNeverTookAnythingGoesOnUnderItsId() {
        outbox.close();
        log = log.afterKill();
        outbox = open();

        assertThat(outbox.whyNewId()).isEmpty();
        assertThat(append()).isEqualTo(1);
        assertThat(sequences()).containsExactly(STORE + ":1");
    }

    @Test
    void s28_fileOfANewerReleaseIsRefused() throws IOException {
        Files.writeString(directory.resolve("outbox.numbers"), "syncline-numbers 3\nreserved 5\n");

        assertThatThrownBy(this::open)
                .isInstanceOf(OutboxException.class)
                .hasMessageContaining("outbox.numbers")
                .hasMessageContaining("version 3")
                .hasMessageContaining("newer release");
    }

    private List<String> sequences() {
        var sequences = new ArrayList<String>();
        try (var reader = outbox.newReader()) {
            while (reader.next()) {
                sequences.add(reader.message().attribute("outboxseq"));
            }
        }
        return sequences;
    }

    /** The log loses its end twice: what the first loss taught must not be forgotten by a start without events. */
    @Test
    void s27_aStartWithoutEventsForgetsNoLoss() {
        append();
        log.force();
        append();
        append();
        log = log.afterPowerLoss();
        bootId = "boot-2";
        outbox = open();
        log = log.afterKill();
        outbox = open();

        assertThat(append()).isGreaterThan(3);
    }

    /** Files of the log alone were put back. */
    @Test
    void s27_aLogThatEndsBelowWhatWasGivenStartsAboveWhatItGave() {
        append();
        log.force();
        append();
        append();
        now = now.plusSeconds(90);
        outbox.noteInUse();
        log = log.afterPowerLoss();
        outbox = open();

        assertThat(append()).isGreaterThan(3);
    }

    /** An id under which no number was given: then no receiver can take anything for a repeat. */
    @Nested
    class WhatMayBeACopy {

        private Path file;

        @BeforeEach
        void nameFile() {
            file = directory.resolve("outbox.numbers");
        }

        private void reopen() {
            log = log.afterKill();
            isNewStore = false;
            outbox = open();
        }

        @Test
        void s27_copiedFileMeansAnotherId() throws IOException {
            append();
            var copy = Files.copy(file, directory.resolve("copy"), StandardCopyOption.COPY_ATTRIBUTES);
            Files.delete(file);
            Files.move(copy, file);
            reopen();
            append();

            assertThat(outbox.whyNewId())
                    .hasValueSatisfying(why -> assertThat(why).contains("is a copy"));
            assertThat(sequences())
                    .as("what was there keeps its number")
                    .containsExactly(STORE + ":1", new StoreId(2, 1) + ":2");
        }

        /** As {@code cp -a} does where the file is already: the inode stays, the contents are older. */
        @Test
        void s27_contentsPutBackIntoTheFileThatIsThereMeanAnotherId() throws IOException {
            append();
            var backup = Files.readAllBytes(file);
            now = now.plusSeconds(60);
            outbox.noteInUse();
            Files.write(file, backup);
            reopen();

            assertThat(outbox.outboxId()).isEqualTo(new StoreId(2, 1));
        }

        @Test
        void s27_anIdIsTakenOnceNotWithEveryStart() throws IOException {
            append();
            var backup = Files.readAllBytes(file);
            now = now.plusSeconds(60);
            outbox.noteInUse();
            Files.write(file, backup);
            reopen();
            reopen();
            append();
            outbox.close();
            reopen();

            assertThat(outbox.outboxId()).isEqualTo(new StoreId(2, 1));
            assertThat(outbox.whyNewId()).isEmpty();
        }

        @Test
        void s27_missingFileOfADirectoryThatIsNotNewMeansAnotherId() throws IOException {
            append();
            Files.delete(file);
            log = new InMemoryEventLog();
            reopen();

            assertThat(outbox.outboxId()).isEqualTo(new StoreId(2, 1));
        }

        @Test
        void s27_damagedFileMeansAnotherIdFarAboveTheLog() throws IOException {
            append();
            var text = Files.readString(file);
            for (var damaged : List.of("", text.substring(0, 60), text.replace("reserved 1", "reserved 0"))) {
                Files.writeString(file, damaged);
                int before = newIds;
                reopen();

                assertThat(outbox.outboxId()).as(damaged).isEqualTo(new StoreId(2, before + 1));
                assertThat(append()).isGreaterThan(NumberFile.BLOCK);
            }
        }

        @Test
        void s28_fileOfTheFirstVersionIsReadAndMeansAnotherId() throws IOException {
            append();
            Files.writeString(file, "syncline-numbers 1\nreserved 77\nboot other\nclosed false\n");
            reopen();

            assertThat(outbox.outboxId()).isEqualTo(new StoreId(2, 1));
            assertThat(append()).isEqualTo(78);
        }

        /** The snapshot of a volume keeps inode and birth; only its age tells. */
        @Test
        void s27_longPauseWithoutAnOrderlyEndMeansAnotherId() {
            append();
            now = now.plus(NumberFile.PAUSE).plusSeconds(1);
            reopen();

            assertThat(outbox.outboxId()).isEqualTo(new StoreId(2, 1));
        }

        @Test
        void s27_longPauseAfterAnOrderlyEndOnAnotherMachineMeansAnotherId() {
            append();
            outbox.close();
            now = now.plus(NumberFile.PAUSE).plusSeconds(1);
            bootId = "boot-2";
            reopen();

            assertThat(outbox.outboxId()).isEqualTo(new StoreId(2, 1));
        }

        /** What is started each night costs receivers nothing. */
        @Test
        void pauseAfterAnOrderlyEndOfTheSameMachineChangesNothing() {
            append();
            outbox.close();
            now = now.plus(Duration.ofDays(3));
            reopen();

            assertThat(outbox.outboxId()).isEqualTo(STORE);
        }

        @Test
        void restartAfterAKillChangesNothingHoweverLongItRan() {
            for (int hours = 0; hours < 3; hours++) {
                append();
                for (int minutes = 0; minutes < 60; minutes++) {
                    now = now.plusSeconds(60);
                    outbox.noteInUse();
                }
                reopen();
            }
            assertThat(outbox.outboxId()).isEqualTo(STORE);
        }

        @Test
        void movedDirectoryIsNoCopy() throws IOException {
            append();
            Files.move(file, directory.resolve("elsewhere"));
            Files.move(directory.resolve("elsewhere"), file);
            reopen();

            assertThat(outbox.outboxId()).isEqualTo(STORE);
        }
    }
}
