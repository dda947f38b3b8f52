package dev.syncline.runtime.internal.log;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.syncline.api.OutboxException;
import dev.syncline.api.OutboxFullException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.Scanner;
import java.util.zip.CRC32C;
import net.openhft.chronicle.queue.RollCycles;
import net.openhft.chronicle.queue.impl.single.SingleChronicleQueueBuilder;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The contract on Chronicle, and each of Chronicle's traps. */
class ChronicleEventLogTest extends EventLogContract {

    private static final LogSettings SETTINGS =
            LogSettings.ofBlock(64 << 10).withSegmentBytes(100_000).withReserveBytes(0);

    @TempDir
    Path directory;

    private long nowNanos;
    private long nowMillis = Instant.parse("2026-11-21T12:00:00Z").toEpochMilli();
    private long usableBytes = Long.MAX_VALUE;
    private final Host host = new Host(() -> nowNanos, () -> nowMillis, () -> usableBytes, new NoDisk());

    /** Nothing here loses power. */
    static class NoDisk implements Host.Disk {
        @Override
        public void force(DiskFile file) throws IOException {
            // fast
        }

        @Override
        public void forceNames(Path directory) throws IOException {
            // fast
        }
    }

    @Override
    EventLog open() {
        return open(SETTINGS);
    }

    private EventLog open(LogSettings settings) {
        return ChronicleEventLog.open(directory, settings, host);
    }

    /** A second log over a copy: the files as they are while the first still has them mapped and open. */
    @Override
    EventLog afterKill() {
        try {
            var next = Files.createTempDirectory(directory.getParent(), "after-kill");
            copy(directory, next);
            log.close();
            directory = next;
            return open();
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    static void copy(Path from, Path to) throws IOException {
        Files.createDirectories(to);
        try (var files = Files.list(from)) {
            for (var file : files.toList()) {
                Files.copy(file, to.resolve(file.getFileName()));
            }
        }
    }

    private List<Path> files() {
        try (var files = Files.list(directory)) {
            return files.sorted().toList();
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    private void reopen() {
        log.close();
        log = open();
    }

    @Test
    void fileEndsBehindItsLastEntryOnceItIsFullOrClosed() throws IOException {
        appendAll(0, 1_000);
        assertThat(log.segments().size()).isGreaterThan(1);
        log.close();

        long written = 0;
        for (var file : files()) {
            written += file.toString().contains(".cq4") && !file.endsWith("metadata.cq4t") ? Files.size(file) : 0;
        }
        assertThat(written)
                .isEqualTo(log.segments().stream()
                        .mapToLong(EventLog.Segment::bytes)
                        .sum());
        assertThat(written).isLessThan(1_000 * 240 + 60_000 * log.segments().size());
        log = open();
        assertThat(readAll(0)).hasSize(1_000);
    }

    @Test
    void fileThatIsOldIsFollowedByANewOne() {
        append(0);
        nowNanos = Duration.ofMinutes(59).toNanos();
        append(1);
        assertThat(log.segments()).hasSize(1);

        nowNanos = Duration.ofHours(1).toNanos();
        append(2);

        assertThat(log.segments()).hasSize(2);
        assertThat(readAll(0)).hasSize(3);
    }

    @Test
    void frameWithinAnEntryIsNotTakenForAnEntry() throws IOException {
        var inner = entry(9);
        var header = new byte[Frame.HEADER_BYTES];
        long first = append(0);
        Frame.fill(header, first + 2, inner, 0, inner.length, new CRC32C());
        var outer = ByteBuffer.allocate(1_000).put(header).put(inner).array();

        log.append(outer, 0, outer.length);

        log = afterKill();
        try (var reader = log.newReader()) {
            reader.next();
            assertThat(reader.next()).isEqualTo(LogReader.Step.ENTRY);
            assertThat(current(reader)).isEqualTo(outer);
            assertThat(reader.next()).isEqualTo(LogReader.Step.NOTHING);
        }
    }

    @Nested
    class Trap1_TheClock {

        @Test
        void s25_clockThatJumpsNeitherHidesNorRefusesEntries() {
            int number = 0;
            for (long jump : new long[] {0, -2 * 86_400_000L, 30 * 86_400_000L, -40 * 86_400_000L, 0, 1}) {
                nowMillis += jump;
                for (int i = 0; i < 600; i++) {
                    append(number++);
                }
                nowNanos += Duration.ofHours(2).toNanos();
            }
            assertThat(readAll(0)).hasSize(number);

            nowMillis -= 365 * 86_400_000L;
            reopen();
            append(number++);
            assertThat(readAll(0)).hasSize(number);
        }

        @Test
        void plainQueueHidesEntriesFromItsReader() {
            var time = new long[] {nowMillis};
            try (var queue = SingleChronicleQueueBuilder.single(
                                    directory.resolve("plain").toFile())
                            .rollCycle(RollCycles.FIVE_MINUTELY)
                            .blockSize(64 << 10)
                            .timeProvider(() -> time[0])
                            .build();
                    var appender = queue.createAppender();
                    var tailer = queue.createTailer()) {
                appender.writeText("first");
                assertThat(tailer.readText()).isEqualTo("first");

                time[0] -= 600_000;
                appender.writeText("second");

                assertThat(tailer.readText()).isNull();
            }
        }
    }

    @Nested
    class Trap2_TheStaleLock {

        @Test
        void s14_lockLeftHeldUnderOurOwnProcessNumberDelaysNothing() throws IOException {
            log.close();
            // a queue of this very process, killed between taking its lock and letting it go
            var killed = SingleChronicleQueueBuilder.single(directory.toFile())
                    .rollCycle(RollCycles.FIVE_MINUTELY)
                    .blockSize(64 << 10)
                    .build();
            var appender = killed.createAppender();
            appender.writingDocument().wire().bytes().writeInt(1);
            var left = Files.createTempDirectory(directory.getParent(), "stale");
            copy(directory, left);
            appender.close();
            killed.close();
            directory = left;

            long start = System.nanoTime();
            log = open();
            append(0);

            assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(5));
            assertThat(readAll(0)).hasSize(1);
        }
    }

    @Nested
    class Trap3_AnAppendThatFails {

        @Test
        void s3_leavesNothingBehind() {
            log.close();
            log = open(SETTINGS.withSegmentBytes(10_000_000));
            append(0);
            // found short in the middle of the append, when more of the file is about to be taken
            var large = new byte[log.maxEntryBytes()];
            usableBytes = 0;
            int stored = 0;
            try {
                while (true) {
                    log.append(large, 0, large.length);
                    stored++;
                }
            } catch (OutboxFullException expected) {
                usableBytes = Long.MAX_VALUE;
            }
            append(1);

            int seen = 0;
            try (var reader = log.newReader()) {
                for (var step = reader.next(); step != LogReader.Step.NOTHING; step = reader.next()) {
                    assertThat(step).isEqualTo(LogReader.Step.ENTRY);
                    seen++;
                }
            }
            assertThat(seen).isEqualTo(stored + 2);
        }

        @Test
        void plainQueueCommitsThePart() {
            try (var queue = SingleChronicleQueueBuilder.single(
                                    directory.resolve("plain").toFile())
                            .blockSize(64 << 10)
                            .build();
                    var appender = queue.createAppender();
                    var tailer = queue.createTailer()) {
                assertThatThrownBy(() -> {
                            try (var document = appender.writingDocument()) {
                                document.wire().bytes().writeInt(1);
                                throw new IllegalStateException("half way");
                            }
                        })
                        .hasMessage("half way");

                try (var document = tailer.readingDocument()) {
                    assertThat(document.isPresent()).isTrue();
                }
            }
        }
    }

    @Nested
    class Trap4_TheDiskIsFull {

        @Test
        void s24_appendIsRefusedWhileTheReserveIsTouchedAndNothingIsStored() {
            log.close();
            log = open(SETTINGS.withReserveBytes(1_000_000));
            append(0);

            usableBytes = 999_999;
            append(1); // asked at most once a second
            nowNanos += Duration.ofSeconds(1).toNanos();
            assertThatThrownBy(() -> append(2))
                    .isInstanceOf(OutboxFullException.class)
                    .hasMessageContaining("999999 bytes are free")
                    .hasMessageContaining("1000000");

            usableBytes = 1_000_000;
            append(2);
            assertThat(readAll(0)).hasSize(3);
        }

        @Test
        void s24_reserveIsAskedForBeforeAnythingIsTaken() {
            log.close();
            log = open(SETTINGS.withReserveBytes(1_000_000));
            usableBytes = 1_300_000; // enough to begin a file, not to go on
            assertThatThrownBy(() -> append(0)).isInstanceOf(OutboxFullException.class);

            usableBytes = 3_000_000;
            append(0);
            assertThat(readAll(0)).hasSize(1);
        }

        /** What the JVM makes of a page that the disk could not give. */
        @Test
        void s24_faultEndsTheLogAndLosesNothingItTook() {
            var fault = new boolean[1];
            log.close();
            log = ChronicleEventLog.open(
                    directory,
                    SETTINGS.withSegmentBytes(10_000_000),
                    new Host(
                            () -> nowNanos,
                            () -> nowMillis,
                            () -> {
                                if (fault[0]) {
                                    throw new InternalError("a fault occurred in an unsafe memory access operation");
                                }
                                return Long.MAX_VALUE;
                            },
                            new NoDisk()));
            append(0);
            append(1);

            fault[0] = true; // met when more of the file is taken, in the middle of an append
            var large = new byte[log.maxEntryBytes()];
            int stored = 0;
            OutboxException failure = null;
            while (failure == null) {
                try {
                    log.append(large, 0, large.length);
                    stored++;
                } catch (OutboxException e) {
                    failure = e;
                }
            }
            assertThat(failure)
                    .hasMessageContaining("a fault occurred")
                    .hasMessageContaining("start the application again");
            fault[0] = false;
            assertThatThrownBy(() -> append(2))
                    .isInstanceOf(OutboxException.class)
                    .hasMessage(failure.getMessage());
            assertThatThrownBy(log::force).isInstanceOf(OutboxException.class);

            reopen();
            append(2);
            int read = 0;
            try (var reader = log.newReader()) {
                while (reader.next() == LogReader.Step.ENTRY) {
                    read++;
                }
            }
            assertThat(read).isEqualTo(stored + 3);
        }

        /** Every page that an append writes to has its block on the disk already. */
        @Test
        void s24_fileIsTakenFromTheDiskAheadOfTheMapping() throws Exception {
            append(0);

            var file = directory.resolve(SegmentName.live(LogSegment.cycle(log.lastIndex())));
            var du = new ProcessBuilder("du", "--block-size=1", file.toString()).start();
            long taken = new Scanner(du.getInputStream(), StandardCharsets.UTF_8).nextLong();
            long end = log.segments().get(0).bytes();
            assertThat(taken).isGreaterThan(end + 256_000);
        }
    }

    @Nested
    class Trap5_TheReadOnlyDirectory {

        @Test
        void isAnErrorAtOpen() {
            assertThatThrownBy(() -> ChronicleEventLog.open(Path.of("/proc/self"), SETTINGS, host))
                    .isInstanceOf(OutboxException.class)
                    .hasMessageContaining("/proc/self")
                    .hasMessageContaining("write permission");
        }

        @Test
        void fileInPlaceOfTheDirectoryIsAnErrorAtOpen() throws IOException {
            var file = Files.createFile(directory.resolve("file"));

            assertThatThrownBy(() -> ChronicleEventLog.open(file.resolve("log"), SETTINGS))
                    .isInstanceOf(OutboxException.class)
                    .hasMessageContaining(file.toString());
        }
    }

    @Nested
    class Trap6_Threads {

        @Test
        void appendsMayComeFromChangingThreads() throws Exception {
            for (int i = 0; i < 5; i++) {
                int number = i;
                var thread = new Thread(() -> append(number));
                thread.start();
                thread.join();
            }
            assertThat(readAll(0)).hasSize(5);
        }

        @Test
        void interruptIsKeptAndDisturbsNothing() {
            try {
                for (int i = 0; i < 1_000; i++) {
                    Thread.currentThread().interrupt();
                    append(i);
                }
                log.force();
                assertThat(readAll(0)).hasSize(1_000);
                reopen();
                assertThat(readAll(0)).hasSize(1_000);
            } finally {
                assertThat(Thread.interrupted()).isTrue();
            }
        }
    }

    @Nested
    class Trap7_ClosingLater {

        /** Repeated, because Chronicle's thread is sometimes quick enough. */
        @Test
        void nothingIsMappedOrOpenAfterClose() throws IOException {
            for (int i = 0; i < 20; i++) {
                appendAll(0, 1_000);
                log.force();
                assertThat(Files.readString(Path.of("/proc/self/maps"))).contains(directory.toString());

                log.close();

                assertThat(Files.readString(Path.of("/proc/self/maps"))).doesNotContain(directory.toString());
                try (var descriptors = Files.list(Path.of("/proc/self/fd"))) {
                    assertThat(descriptors.filter(fd -> target(fd).startsWith(directory.toString())))
                            .isEmpty();
                }
                log = open();
            }
        }

        private String target(Path descriptor) {
            try {
                return Files.readSymbolicLink(descriptor).toString();
            } catch (IOException e) {
                return "";
            }
        }
    }

    @Nested
    class Trap9_TornFiles {

        @Test
        void plainQueueStopsAtTheFirstDamagedHeader() throws IOException {
            var plain = directory.resolve("plain");
            try (var queue = SingleChronicleQueueBuilder.single(plain.toFile())
                            .blockSize(64 << 10)
                            .build();
                    var appender = queue.createAppender()) {
                for (int i = 0; i < 10; i++) {
                    appender.writeText("entry " + i);
                }
            }
            try (var files = Files.list(plain)) {
                var file = files.filter(each -> each.toString().endsWith(".cq4"))
                        .findFirst()
                        .orElseThrow();
                var bytes = Files.readAllBytes(file);
                int at = new String(bytes, StandardCharsets.ISO_8859_1).indexOf("entry 5") - 5;
                Arrays.fill(bytes, at, at + 4, (byte) 0);
                Files.write(file, bytes);
            }

            int read = 0;
            try (var queue = SingleChronicleQueueBuilder.single(plain.toFile())
                            .blockSize(64 << 10)
                            .build();
                    var tailer = queue.createTailer()) {
                while (tailer.readText() != null) {
                    read++;
                }
            }
            assertThat(read).isEqualTo(5);
        }

        @Test
        void s4_hundredsOfDamagedBytesHideNoOtherEntry() throws IOException {
            var indexes = appendAll(0, 1_000);
            log.close();
            var random = new Random(4);
            for (int trial = 0; trial < 50; trial++) {
                var damaged = Files.createTempDirectory(directory.getParent(), "torn");
                copy(directory, damaged);
                var file = segmentFiles(damaged).get(random.nextInt(2));
                var bytes = Files.readAllBytes(file);
                int length = 1 << random.nextInt(12);
                int from = random.nextInt(bytes.length - length);
                for (int i = from; i < from + length; i++) {
                    bytes[i] = trial % 2 == 0 ? 0 : (byte) random.nextInt();
                }
                Files.write(file, bytes);

                try (var torn = ChronicleEventLog.open(damaged, SETTINGS, host);
                        var reader = torn.newReader()) {
                    int read = 0;
                    for (var step = reader.next(); step != LogReader.Step.NOTHING; step = reader.next()) {
                        if (step == LogReader.Step.ENTRY) {
                            assertThat(current(reader)).isEqualTo(entry(indexes.indexOf(reader.index())));
                            read++;
                        }
                    }
                    assertThat(read).isGreaterThanOrEqualTo(1_000 - length / 220 - 2);
                }
            }
        }

        @Test
        void s4_flippedBitIsNeverReadAndHidesNoOtherEntry() throws IOException {
            var indexes = appendAll(0, 300);
            log.close();
            var file = segmentFiles(directory).get(0);
            var bytes = Files.readAllBytes(file);
            var segment = new LogSegment(LogSegment.cycle(indexes.get(0)), file, bytes.length, true);
            int ofFile = (int)
                    indexes.stream().filter(index -> index < segment.endIndex()).count();
            var random = new Random(7);
            for (int trial = 0; trial < 3_000; trial++) {
                int at = random.nextInt(bytes.length);
                byte mask = (byte) (1 << random.nextInt(8));
                flip(file, at, (byte) (bytes[at] ^ mask));
                int read = 0;
                int damaged = 0;
                try (var reader = new SegmentReader(new SegmentList(segment), log.maxEntryBytes())) {
                    for (var step = reader.next(); step != LogReader.Step.NOTHING; step = reader.next()) {
                        if (step == LogReader.Step.ENTRY) {
                            assertThat(current(reader)).isEqualTo(entry(indexes.indexOf(reader.index())));
                            read++;
                        } else {
                            damaged++;
                        }
                    }
                }
                assertThat(read + damaged).as("byte %s", at).isEqualTo(ofFile);
                assertThat(damaged).as("byte %s", at).isLessThanOrEqualTo(1);
                flip(file, at, bytes[at]);
            }
        }

        private void flip(Path file, int at, byte value) throws IOException {
            try (var open = FileChannel.open(file, StandardOpenOption.WRITE)) {
                open.write(ByteBuffer.wrap(new byte[] {value}), at);
            }
        }

        private List<Path> segmentFiles(Path in) throws IOException {
            try (var files = Files.list(in)) {
                return files.filter(each -> each.toString().endsWith(".cq4"))
                        .sorted()
                        .toList();
            }
        }

        @Test
        void s4_missingTailIsReportedAtOpen() throws IOException {
            appendAll(0, 100);
            log.close();
            var file = files().get(0);
            var bytes = Files.readAllBytes(file);
            bytes[bytes.length - 1] ^= 1;
            Files.write(file, bytes);

            log = open();

            assertThat(log.tailDamage())
                    .contains("cannot be read")
                    .contains(file.getFileName().toString());
            assertThat(readAll99()).isEqualTo(99);
            append(100);
            assertThat(readAll99()).isEqualTo(100);
        }

        /** Entries that can be read; one damage is reported. */
        private int readAll99() {
            int read = 0;
            int damaged = 0;
            try (var reader = log.newReader()) {
                for (var step = reader.next(); step != LogReader.Step.NOTHING; step = reader.next()) {
                    if (step == LogReader.Step.ENTRY) {
                        read++;
                    } else {
                        damaged++;
                    }
                }
            }
            assertThat(damaged).isEqualTo(1);
            return read;
        }
    }

    @Nested
    class Input60_StrangeFiles {

        @Test
        void foreignQueueFileIsNamedAndRefused() throws IOException {
            log.close();
            Files.writeString(directory.resolve("20261121.cq4"), "of a daily queue");

            assertThatThrownBy(() -> open())
                    .isInstanceOf(OutboxException.class)
                    .hasMessageContaining("20261121.cq4")
                    .hasMessageContaining("move it");
            log = new InMemoryEventLog();
        }

        @Test
        void s28_aFrameOfANewerReleaseIsRefusedAndLeftAsItIs() throws IOException {
            appendAll(0, 3);
            log.close();
            var file = files().get(0);
            var bytes = Files.readAllBytes(file);
            int frame = bytes.length - Frame.HEADER_BYTES - entry(2).length;
            asOfVersion('7', bytes, frame, entry(2).length);
            Files.write(file, bytes);

            for (int times = 0; times < 2; times++) {
                assertThatThrownBy(() -> open())
                        .isInstanceOf(OutboxException.class)
                        .hasMessageContaining(SegmentName.live(LogSegment.cycle(log.lastIndex())))
                        .hasMessageContaining("frame of version 7, this release reads 1")
                        .hasMessageContaining("newer release, go on with that one");
                assertThat(Files.readAllBytes(files().get(0))).isEqualTo(bytes);
            }
            log = new InMemoryEventLog();
        }

        /** With a sum that fits, or it would be a damaged one. */
        private void asOfVersion(char version, byte[] bytes, int frame, int length) {
            var buffer = ByteBuffer.wrap(bytes);
            assertThat(buffer.getInt(frame)).isEqualTo(Frame.MAGIC);
            assertThat(buffer.getInt(frame + 4)).isEqualTo(length);
            bytes[frame + 3] = (byte) version;
            var crc = new CRC32C();
            crc.update(bytes, frame, 16);
            crc.update(bytes, frame + Frame.HEADER_BYTES, length);
            buffer.putInt(frame + 16, (int) crc.getValue());
        }

        @Test
        void otherFilesAreLeftAlone() throws IOException {
            var note = Files.writeString(directory.resolve("README.txt"), "hands off");
            append(0);
            reopen();

            assertThat(note).hasContent("hands off");
            assertThat(readAll(0)).hasSize(1);
        }

        @Test
        void emptyAndShortenedFilesAreNoEntries() throws IOException {
            var indexes = appendAll(0, 100);
            log.close();
            var file = files().get(0);
            try (var open = FileChannel.open(file, StandardOpenOption.WRITE)) {
                open.truncate(Files.size(file) - 300);
            }
            Files.createFile(directory.resolve(SegmentName.sealed(LogSegment.cycle(log.lastIndex()) + 1)));

            log = open();

            assertThat(log.lastIndex()).isEqualTo(indexes.get(97));
            append(98);
            var read = new ArrayList<Long>();
            try (var reader = log.newReader()) {
                for (var step = reader.next(); step != LogReader.Step.NOTHING; step = reader.next()) {
                    if (step == LogReader.Step.ENTRY) {
                        read.add(reader.index());
                    }
                }
            }
            assertThat(read).hasSize(99).startsWith(indexes.get(0));
        }

        @Test
        void zeroedTailIsNoEntry() throws IOException {
            appendAll(0, 100);
            log.close();
            var file = files().get(0);
            var bytes = Files.readAllBytes(file);
            Arrays.fill(bytes, bytes.length - 4_000, bytes.length, (byte) 0);
            Files.write(file, bytes);

            log = open();

            int lost = 100 - 82;
            assertThat(log.lastIndex()).isEqualTo(LogSegment.firstIndex(LogSegment.cycle(log.lastIndex())) + 99 - lost);
            append(82);
            assertThat(log.lastIndex()).isPositive();
        }

        @Test
        void fileDeletedWhileItIsWrittenEndsTheLog() throws IOException {
            append(0);
            Files.delete(directory.resolve(SegmentName.live(LogSegment.cycle(log.lastIndex()))));
            nowNanos += Duration.ofSeconds(1).toNanos();

            assertThatThrownBy(() -> append(1))
                    .isInstanceOf(OutboxException.class)
                    .hasMessageContaining("deleted while it was written");
            assertThatThrownBy(() -> append(2)).isInstanceOf(OutboxException.class);
        }
    }
}
