package dev.syncline.runtime.internal.log;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.syncline.api.OutboxException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What every log does. */
abstract class EventLogContract {

    /** So many entries of {@link #entry} fill more than one segment. */
    private static final int SEVERAL_SEGMENTS = 2_000;

    private static final int ENTRY_BYTES = 200;

    EventLog log;

    /** An empty log whose segments hold 100 to 1,000 entries of {@value #ENTRY_BYTES} bytes. */
    abstract EventLog open();

    /** The log as the next process finds it after this one was killed. */
    abstract EventLog afterKill();

    @BeforeEach
    void openLog() {
        log = open();
    }

    @AfterEach
    void closeLog() {
        log.close();
    }

    static byte[] entry(int i) {
        var entry = new byte[ENTRY_BYTES];
        for (int b = 0; b < entry.length; b++) {
            entry[b] = (byte) (i * 31 + b);
        }
        entry[0] = (byte) i;
        entry[1] = (byte) (i >> 8);
        return entry;
    }

    long append(int i) {
        var entry = entry(i);
        return log.append(entry, 0, entry.length);
    }

    List<Long> appendAll(int from, int to) {
        var indexes = new ArrayList<Long>();
        for (int i = from; i < to; i++) {
            indexes.add(append(i));
        }
        return indexes;
    }

    static byte[] current(LogReader reader) {
        return Arrays.copyOfRange(reader.array(), reader.offset(), reader.offset() + reader.length());
    }

    /** Reads to the end, checking that each entry is the one appended as number i, i + 1, … */
    static List<Long> readAll(LogReader reader, int firstNumber) {
        var indexes = new ArrayList<Long>();
        int number = firstNumber;
        for (var step = reader.next(); step != LogReader.Step.NOTHING; step = reader.next()) {
            assertThat(step).isEqualTo(LogReader.Step.ENTRY);
            assertThat(current(reader)).isEqualTo(entry(number++));
            indexes.add(reader.index());
        }
        return indexes;
    }

    List<Long> readAll(int firstNumber) {
        try (var reader = log.newReader()) {
            return readAll(reader, firstNumber);
        }
    }

    @Test
    void emptyLogHasNoEntry() {
        assertThat(log.lastIndex()).isEqualTo(EventLog.NONE);
        assertThat(log.forcedIndex()).isEqualTo(EventLog.NONE);
        assertThat(log.firstIndex()).isZero();
        assertThat(log.segments()).isEmpty();
        assertThat(log.tailDamage()).isEmpty();
        try (var reader = log.newReader()) {
            assertThat(reader.next()).isEqualTo(LogReader.Step.NOTHING);
            reader.moveToEnd();
            assertThat(reader.next()).isEqualTo(LogReader.Step.NOTHING);
            reader.moveTo(7);
            assertThat(reader.next()).isEqualTo(LogReader.Step.NOTHING);
        }
    }

    @Test
    void entriesAreReadAsAppendedInOrderOfGrowingIndexes() {
        var indexes = appendAll(0, SEVERAL_SEGMENTS);

        assertThat(indexes).isSorted().doesNotHaveDuplicates().allMatch(index -> index >= 0);
        assertThat(readAll(0)).isEqualTo(indexes);
        assertThat(log.lastIndex()).isEqualTo(indexes.get(indexes.size() - 1));
    }

    @Test
    void readerThatWaitsAtTheEndSeesWhatComesOverEverySegment() {
        try (var reader = log.newReader()) {
            for (int i = 0; i < SEVERAL_SEGMENTS; i++) {
                assertThat(reader.next()).isEqualTo(LogReader.Step.NOTHING);
                long index = append(i);
                assertThat(reader.next()).isEqualTo(LogReader.Step.ENTRY);
                assertThat(reader.index()).isEqualTo(index);
                assertThat(current(reader)).isEqualTo(entry(i));
            }
        }
    }

    @Test
    void entryReadStaysWhatItIsUntilTheNextCall() {
        appendAll(0, 1);
        try (var reader = log.newReader()) {
            reader.next();
            appendAll(1, 600);
            log.dropBefore(log.lastIndex());
            assertThat(current(reader)).isEqualTo(entry(0));
        }
    }

    @Test
    void emptyAndLargestEntryAreEntries() {
        var largest = new byte[log.maxEntryBytes() + 1];
        Arrays.fill(largest, (byte) 7);

        log.append(largest, 0, 0);
        log.append(largest, 1, largest.length - 1);
        log.append(largest, 0, 0);

        try (var reader = log.newReader()) {
            assertThat(reader.next()).isEqualTo(LogReader.Step.ENTRY);
            assertThat(reader.length()).isZero();
            assertThat(reader.next()).isEqualTo(LogReader.Step.ENTRY);
            assertThat(reader.length()).isEqualTo(log.maxEntryBytes());
            assertThat(reader.next()).isEqualTo(LogReader.Step.ENTRY);
            assertThat(reader.length()).isZero();
            assertThat(reader.next()).isEqualTo(LogReader.Step.NOTHING);
        }
    }

    @Test
    void tooLargeAnEntryIsRefusedAndLeavesNothing() {
        append(0);
        var tooLarge = new byte[log.maxEntryBytes() + 1];

        assertThatThrownBy(() -> log.append(tooLarge, 0, tooLarge.length))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("" + log.maxEntryBytes());

        append(1);
        assertThat(readAll(0)).hasSize(2);
    }

    @Test
    void readerMovesToAnyIndexAndToWhatFollowsAMissingOne() {
        var indexes = appendAll(0, SEVERAL_SEGMENTS);
        try (var reader = log.newReader()) {
            for (int i = SEVERAL_SEGMENTS - 1; i >= 0; i -= 37) {
                reader.moveTo(indexes.get(i));
                assertThat(reader.next()).isEqualTo(LogReader.Step.ENTRY);
                assertThat(reader.index()).isEqualTo(indexes.get(i));
                assertThat(current(reader)).isEqualTo(entry(i));
                assertThat(reader.next())
                        .isEqualTo(i + 1 < SEVERAL_SEGMENTS ? LogReader.Step.ENTRY : LogReader.Step.NOTHING);
            }

            reader.moveTo(0);
            reader.next();
            assertThat(reader.index()).isEqualTo(indexes.get(0));

            var gap = gapIn(indexes);
            reader.moveTo(gap + 1);
            assertThat(reader.next()).isEqualTo(LogReader.Step.ENTRY);
            assertThat(reader.index()).isEqualTo(indexes.get(indexes.indexOf(gap) + 1));

            reader.moveTo(log.lastIndex() + 1);
            assertThat(reader.next()).isEqualTo(LogReader.Step.NOTHING);
            long next = append(5);
            reader.next();
            assertThat(reader.index()).isEqualTo(next);

            reader.moveToEnd();
            assertThat(reader.next()).isEqualTo(LogReader.Step.NOTHING);
            append(6);
            assertThat(reader.next()).isEqualTo(LogReader.Step.ENTRY);
            assertThat(current(reader)).isEqualTo(entry(6));
        }
    }

    private static long gapIn(List<Long> indexes) {
        for (int i = 1; i < indexes.size(); i++) {
            if (indexes.get(i) > indexes.get(i - 1) + 1) {
                return indexes.get(i - 1);
            }
        }
        throw new AssertionError("the log has not gone on to another segment");
    }

    @Test
    void segmentsCoverAllEntriesWithoutOverlap() {
        var indexes = appendAll(0, SEVERAL_SEGMENTS);

        var segments = log.segments();

        assertThat(segments).hasSizeBetween(3, 20);
        assertThat(log.firstIndex()).isEqualTo(segments.get(0).firstIndex());
        for (long index : indexes) {
            assertThat(segments)
                    .filteredOn(s -> s.firstIndex() <= index && index < s.endIndex())
                    .hasSize(1);
        }
        for (int i = 1; i < segments.size(); i++) {
            assertThat(segments.get(i).firstIndex())
                    .isGreaterThanOrEqualTo(segments.get(i - 1).endIndex());
        }
        long bytes = segments.stream().mapToLong(EventLog.Segment::bytes).sum();
        assertThat(bytes).isBetween(SEVERAL_SEGMENTS * 200L, SEVERAL_SEGMENTS * 300L + segments.size() * 50_000L);
    }

    @Test
    void s26_dropBeforeDeletesWholeSegmentsAndNothingAtOrAboveTheIndex() {
        var indexes = appendAll(0, SEVERAL_SEGMENTS);
        int before = log.segments().size();

        assertThat(log.dropBefore(log.segments().get(0).endIndex() - 1)).isZero();
        long index = indexes.get(SEVERAL_SEGMENTS / 2);
        int dropped = log.dropBefore(index);

        assertThat(dropped).isBetween(1, before - 1);
        assertThat(log.segments()).hasSize(before - dropped);
        var left = readAll(SEVERAL_SEGMENTS - countFrom(log.firstIndex(), indexes));
        assertThat(left).contains(index).isEqualTo(indexes.subList(indexes.indexOf(left.get(0)), indexes.size()));
        assertThat(log.dropBefore(index)).isZero();
    }

    private static int countFrom(long index, List<Long> indexes) {
        return (int) indexes.stream().filter(each -> each >= index).count();
    }

    @Test
    void newestEntryIsNeverDropped() {
        appendAll(0, SEVERAL_SEGMENTS);

        log.dropBefore(Long.MAX_VALUE);

        assertThat(log.segments()).hasSize(1);
        long last = log.lastIndex();
        try (var reader = log.newReader()) {
            reader.moveTo(last);
            assertThat(reader.next()).isEqualTo(LogReader.Step.ENTRY);
        }
        assertThat(append(0)).isGreaterThan(last);
    }

    @Test
    void readerInADroppedSegmentGoesOnWithWhatIsThere() {
        var indexes = appendAll(0, SEVERAL_SEGMENTS);
        try (var reader = log.newReader()) {
            reader.next();
            log.dropBefore(Long.MAX_VALUE);
            long last = reader.index();
            while (reader.next() == LogReader.Step.ENTRY) {
                assertThat(reader.index()).isGreaterThan(last);
                last = reader.index();
            }
            assertThat(last).isEqualTo(indexes.get(indexes.size() - 1));
        }
    }

    @Test
    void s2_forceCoversWhatWasAppendedBefore() {
        long first = append(0);
        assertThat(log.forcedIndex()).isEqualTo(EventLog.NONE);

        log.force();
        assertThat(log.forcedIndex()).isEqualTo(first);

        appendAll(1, SEVERAL_SEGMENTS);
        assertThat(log.forcedIndex()).isEqualTo(first);
        log.force();
        assertThat(log.forcedIndex()).isEqualTo(log.lastIndex());
    }

    @Test
    void s1_everythingIsThereAfterAKillAndIndexesGoOnGrowing() {
        var indexes = appendAll(0, SEVERAL_SEGMENTS);

        log = afterKill();

        assertThat(log.lastIndex()).isEqualTo(indexes.get(SEVERAL_SEGMENTS - 1));
        assertThat(log.tailDamage()).isEmpty();
        assertThat(readAll(0)).isEqualTo(indexes);
        long next = append(SEVERAL_SEGMENTS);
        assertThat(next).isGreaterThan(indexes.get(SEVERAL_SEGMENTS - 1));
        assertThat(readAll(0)).hasSize(SEVERAL_SEGMENTS + 1).endsWith(next);
        log.force();
        assertThat(log.forcedIndex()).isEqualTo(next);
    }

    @Test
    void s1_killsOneAfterTheOtherLoseNothing() {
        for (int run = 0; run < 5; run++) {
            append(run);
            log = afterKill();
        }
        log = afterKill();
        assertThat(readAll(0)).hasSize(5);
    }

    @Test
    void closedLogRefusesAndClosesOnce() {
        append(0);
        var reader = log.newReader();
        log.close();
        log.close();

        assertThatThrownBy(() -> append(1)).isInstanceOf(OutboxException.class).hasMessageContaining("closed");
        assertThatThrownBy(log::newReader).isInstanceOf(OutboxException.class).hasMessageContaining("closed");
        assertThatThrownBy(reader::next).isInstanceOf(OutboxException.class).hasMessageContaining("closed");
        reader.close();
        reader.close();
    }

    @Test
    void readersOfOtherThreadsSeeEachEntryOnceInOrderWhileAppendsGoOn() throws Exception {
        int count = 5_000;
        var failure = new AtomicReference<Throwable>();
        var threads = new ArrayList<Thread>();
        for (int i = 0; i < 2; i++) {
            var thread = new Thread(() -> {
                try (var reader = log.newReader()) {
                    int read = 0;
                    while (read < count) {
                        var step = reader.next();
                        if (step == LogReader.Step.NOTHING) {
                            Thread.onSpinWait();
                            continue;
                        }
                        assertThat(step).isEqualTo(LogReader.Step.ENTRY);
                        assertThat(current(reader)).isEqualTo(entry(read++));
                    }
                } catch (Throwable e) {
                    failure.set(e);
                }
            });
            thread.start();
            threads.add(thread);
        }
        appendAll(0, count);
        for (var thread : threads) {
            thread.join();
        }
        assertThat(failure).hasNullValue();
    }
}
