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
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A number given twice makes receivers drop a new event as the repeat of a lost one. */
class NumberFileTest {

    @TempDir
    Path directory;

    private final RecordingAlarms alarms = new RecordingAlarms();
    private InMemoryEventLog log = new InMemoryEventLog();
    private String bootId = "boot-1";
    private Outbox outbox;

    @BeforeEach
    void openOutbox() {
        outbox = open();
    }

    private Outbox open() {
        return new Outbox(
                log,
                new StoreId(1, 1),
                OutboxSettings.defaults(),
                InstantSource.system(),
                alarms,
                new NumberFile(TextFile.at(directory.resolve("outbox.numbers")), bootId));
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

        var numbers = new NumberFile(TextFile.at(directory.resolve("outbox.numbers")), bootId);
        numbers.resume(NumberFile.BLOCK, false);
        numbers.cover(NumberFile.BLOCK + 1);
        assertThat(directory.resolve("outbox.numbers")).content().contains("reserved " + (NumberFile.BLOCK + 1));
        numbers.cover(NumberFile.BLOCK + 2);
        assertThat(directory.resolve("outbox.numbers")).content().contains("reserved " + (2 * NumberFile.BLOCK + 2));
    }

    @Test
    void outboxThatNeverTookAnythingLeavesNoFile() {
        outbox.close();
        assertThat(directory.resolve("outbox.numbers")).doesNotExist();
    }

    @Test
    void s28_damagedOrNewerFileIsRefused() throws IOException {
        for (var text : List.of("", "syncline-numbers 2\nreserved 5\n", "syncline-numbers 1\nreserved x\n")) {
            Files.writeString(directory.resolve("outbox.numbers"), text);
            assertThatThrownBy(this::open)
                    .isInstanceOf(OutboxException.class)
                    .hasMessageContaining("outbox.numbers")
                    .hasMessageContaining("restore it");
        }
    }
}
