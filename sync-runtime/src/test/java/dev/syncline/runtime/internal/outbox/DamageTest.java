package dev.syncline.runtime.internal.outbox;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.syncline.api.OutboxException;
import dev.syncline.runtime.internal.log.DirectoryLock;
import dev.syncline.runtime.internal.log.LogSettings;
import dev.syncline.spi.Bytes;
import dev.syncline.spi.Message;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Flipped bits in the files of an outbox that is not running. */
class DamageTest {

    private static final int EVENTS = 300;
    private static final int FLIPS = 150 * Integer.getInteger("times", 1);
    private static final OutboxSettings SETTINGS = OutboxSettings.defaults()
            .withLog(LogSettings.ofBlock(64 << 10).withSegmentBytes(60_000).withReserveBytes(0));

    @TempDir
    Path directory;

    private static Message message(int n) {
        return new Message(
                "t" + n % 3,
                "k" + n % 20,
                Map.of("id", "id-" + n, "source", "/s", "extension", "x".repeat(n % 50)),
                Map.of("h", "" + n),
                Bytes.utf8("data " + n));
    }

    private Path filled() throws IOException {
        var original = directory.resolve("original");
        for (int run = 0; run < 2; run++) {
            try (var lock = DirectoryLock.acquire(original, "test");
                    var outbox = Outbox.open(lock, SETTINGS, InstantSource.system(), new RecordingAlarms())) {
                for (int i = 1; i <= EVENTS / 2; i++) {
                    outbox.append(List.of(new Outgoing("default", message(run * EVENTS / 2 + i))));
                }
            }
        }
        return original;
    }

    @Test
    void s4_flippedBitCostsAtMostItsOwnEntryAndIsNoticed() throws IOException {
        var original = filled();
        var random = new Random(60);
        int noticed = 0;
        for (int trial = 0; trial < FLIPS; trial++) {
            var copy = directory.resolve("copy");
            copy(original, copy);
            var file = randomSegment(copy.resolve("outbox"), random);
            var bytes = Files.readAllBytes(file);
            int at = random.nextInt(bytes.length);
            bytes[at] ^= (byte) (1 << random.nextInt(8));
            Files.write(file, bytes);

            noticed += check(copy, file.getFileName() + " byte " + at);
            delete(copy);
        }
        assertThat(noticed).as("flips that cost an entry").isBetween(FLIPS / 10, FLIPS);
    }

    /** Returns 1 if an entry is missing, all others being right and an alarm having been raised. */
    private static int check(Path copy, String what) {
        var alarms = new RecordingAlarms();
        var missing = new HashSet<Long>();
        for (long n = 1; n <= EVENTS; n++) {
            missing.add(n);
        }
        try (var lock = DirectoryLock.acquire(copy, "test");
                var outbox = Outbox.open(lock, SETTINGS, InstantSource.system(), alarms);
                var reader = outbox.newReader()) {
            long last = 0;
            while (reader.next()) {
                assertThat(reader.n()).as(what).isGreaterThan(last);
                last = reader.n();
                var sent = message((int) last);
                var read = reader.message();
                assertThat(read.topic()).as(what).isEqualTo(sent.topic());
                assertThat(read.key()).as(what).isEqualTo(sent.key());
                assertThat(read.headers()).as(what).isEqualTo(sent.headers());
                assertThat(read.data()).as(what).isEqualTo(sent.data());
                assertThat(read.attributes()).as(what).hasSize(4).containsAllEntriesOf(sent.attributes());
                missing.remove(last);
            }
            assertThat(missing).as(what).hasSizeLessThanOrEqualTo(1);
            if (missing.isEmpty()) {
                return 0;
            }
            assertThat(alarms.told).as(what).isNotEmpty();
            assertThat(outbox.append(List.of(new Outgoing("default", message(1))))
                            .firstN())
                    .as("no number is given twice, %s", what)
                    .isEqualTo(EVENTS + 1);
            return 1;
        }
    }

    @Test
    void s14_outboxOfAnotherStoreIsRefusedAndBothAreNamed() throws IOException {
        var original = filled();
        var other = directory.resolve("other");
        String mine;
        String theirs;
        try (var lock = DirectoryLock.acquire(other, "test");
                var first = DirectoryLock.acquire(original, "test")) {
            mine = lock.storeId().toString();
            theirs = first.storeId().toString();
        }
        copy(original.resolve("outbox"), other.resolve("outbox"));

        try (var lock = DirectoryLock.acquire(other, "test")) {
            assertThatThrownBy(() -> Outbox.open(lock, SETTINGS, InstantSource.system(), new RecordingAlarms()))
                    .isInstanceOf(OutboxException.class)
                    .hasMessageContaining(mine)
                    .hasMessageContaining(theirs);
        }
    }

    @Test
    void input60_fileUnderAnotherNameIsSkippedWithAnAlarm() throws IOException {
        var original = filled();
        var other = directory.resolve("other");
        try (var lock = DirectoryLock.acquire(other, "test");
                var outbox = Outbox.open(lock, SETTINGS, InstantSource.system(), new RecordingAlarms())) {
            outbox.append(List.of(new Outgoing("default", message(1))));
        }
        var old = randomSegment(original.resolve("outbox"), new Random(1));
        Files.copy(old, other.resolve("outbox/20200101-0000V.cq4.sealed"));
        try (var segments = Files.list(other.resolve("outbox"))) {
            assertThat(segments.filter(each -> each.toString().contains(".cq4")))
                    .hasSizeGreaterThan(1);
        }

        var alarms = new RecordingAlarms();
        try (var lock = DirectoryLock.acquire(other, "test");
                var outbox = Outbox.open(lock, SETTINGS, InstantSource.system(), alarms);
                var reader = outbox.newReader()) {
            assertThat(reader.next()).isTrue();
            assertThat(reader.n()).isEqualTo(1);
            assertThat(reader.next()).isFalse();
            assertThat(alarms.told).containsExactly("damaged");
        }
    }

    private static Path randomSegment(Path outbox, Random random) throws IOException {
        try (var files = Files.list(outbox)) {
            var segments = files.filter(file -> file.toString().contains("V.cq4"))
                    .sorted()
                    .toList();
            return segments.get(random.nextInt(segments.size()));
        }
    }

    private static void copy(Path from, Path to) throws IOException {
        try (var files = Files.walk(from)) {
            for (var file : files.toList()) {
                var target = to.resolve(from.relativize(file).toString());
                if (Files.isDirectory(file)) {
                    Files.createDirectories(target);
                } else {
                    Files.copy(file, target);
                }
            }
        }
    }

    private static void delete(Path directory) throws IOException {
        try (var files = Files.walk(directory)) {
            for (var file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        }
    }
}
