package dev.syncline.runtime.internal.log;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A power failure, as far as it can be had on one machine: of every file each page is either as it was when the file was
 * last forced, or as it is now, as if the kernel had written it back in the meantime. A file whose name was not forced
 * may be missing.
 */
class PowerFailureTest {

    private static final int PAGE = 4096;
    private static final int TRIALS = 150 * Integer.getInteger("times", 1);
    private static final LogSettings SETTINGS =
            LogSettings.ofBlock(64 << 10).withSegmentBytes(120_000).withReserveBytes(0);

    @TempDir
    Path directory;

    @Test
    void s2_whatWasForcedSurvivesAndWhatWasNotIsLostSometimes() throws IOException {
        int lost = 0;
        for (int trial = 0; trial < TRIALS; trial++) {
            lost += new Trial(trial, directory.resolve("t" + trial)).run();
        }
        assertThat(lost)
                .as("control: entries that were not forced and are gone")
                .isPositive();
    }

    /** A disk that remembers what it was told to keep. */
    private static final class RememberingDisk implements Host.Disk {

        final Map<String, byte[]> contents = new HashMap<>();
        Set<String> names = Set.of();

        @Override
        public void force(DiskFile file) throws IOException {
            contents.put(file.path().getFileName().toString(), Files.readAllBytes(file.path()));
        }

        @Override
        public void forceNames(Path directory) throws IOException {
            names = contents(directory).keySet();
        }
    }

    private static final class Trial {

        private final Random random;
        private final Path directory;
        private final RememberingDisk disk = new RememberingDisk();
        private final Host host = new Host(System::nanoTime, () -> 0, () -> Long.MAX_VALUE, disk);
        private final Map<Long, byte[]> entries = new HashMap<>();
        private long forced;

        Trial(int seed, Path directory) {
            this.random = new Random(seed);
            this.directory = directory;
        }

        /** Returns how many entries that were not forced are lost. */
        int run() throws IOException {
            Map<String, byte[]> now;
            Files.createDirectories(directory);
            try (var log = ChronicleEventLog.open(directory, SETTINGS, host)) {
                appendSome(log);
                forced = log.forcedIndex();
                now = contents(directory);
            }
            var after = Files.createDirectories(directory.resolveSibling(directory.getFileName() + "-after"));
            for (var file : now.entrySet()) {
                if (disk.names.contains(file.getKey()) || random.nextBoolean()) {
                    var old = disk.contents.getOrDefault(file.getKey(), new byte[0]);
                    Files.write(after.resolve(file.getKey()), mixed(old, file.getValue()));
                }
            }
            return check(after);
        }

        private void appendSome(EventLog log) {
            int appends = random.nextInt(1, 800);
            int forceEvery = random.nextInt(1, 200);
            for (int i = 0; i < appends; i++) {
                var entry = new byte[random.nextInt(1, 700)];
                random.nextBytes(entry);
                entries.put(log.append(entry, 0, entry.length), entry);
                if (random.nextInt(forceEvery) == 0) {
                    log.force();
                }
            }
        }

        private byte[] mixed(byte[] old, byte[] now) {
            int written = random.nextInt(5); // of four pages so many are written back
            var mixed = Arrays.copyOf(old, now.length);
            for (int page = 0; page < now.length; page += PAGE) {
                if (random.nextInt(4) < written) {
                    System.arraycopy(now, page, mixed, page, Math.min(PAGE, now.length - page));
                }
            }
            return mixed;
        }

        private int check(Path after) throws IOException {
            var seen = new HashSet<Long>();
            try (var log = ChronicleEventLog.open(after, SETTINGS, host);
                    var reader = log.newReader()) {
                long next = log.append(new byte[] {1}, 0, 1);
                long last = -1;
                for (var step = reader.next(); step != LogReader.Step.NOTHING; step = reader.next()) {
                    if (step == LogReader.Step.ENTRY && reader.index() != next) {
                        assertThat(reader.index()).isGreaterThan(last);
                        assertThat(EventLogContract.current(reader)).isEqualTo(entries.get(reader.index()));
                        seen.add(reader.index());
                        last = reader.index();
                    }
                }
                assertThat(reader.index())
                        .as("the entry appended after the failure is read")
                        .isEqualTo(next);
            }
            assertThat(seen)
                    .containsAll(
                            entries.keySet().stream().filter(i -> i <= forced).toList());
            return entries.size() - seen.size();
        }
    }

    private static Map<String, byte[]> contents(Path directory) throws IOException {
        var contents = new HashMap<String, byte[]>();
        try (var files = Files.list(directory)) {
            for (var file : files.toList()) {
                contents.put(file.getFileName().toString(), Files.readAllBytes(file));
            }
        }
        return contents;
    }
}
