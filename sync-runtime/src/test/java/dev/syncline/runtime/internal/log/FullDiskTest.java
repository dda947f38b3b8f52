package dev.syncline.runtime.internal.log;

import static org.assertj.core.api.Assertions.assertThat;

import dev.syncline.api.OutboxFullException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A file system of 8 MiB that is really full, in a mount of its own that ends with the child process. Where the machine
 * gives nobody a mount of his own, the test says so and does nothing.
 */
class FullDiskTest {

    @TempDir
    Path directory;

    /** Fills the disk by appending, by another file, and by both at once; counts what was stored and what is there. */
    public static final class Program {

        private static final LogSettings NO_RESERVE =
                LogSettings.ofBlock(64 << 10).withSegmentBytes(1_000_000).withReserveBytes(0);

        public static void main(String[] args) throws Exception {
            var disk = Path.of(args[0]);
            byAppending(disk.resolve("a"));
            byAnother(disk.resolve("b"), disk.resolve("filler"));
            byBothAtOnce(disk.resolve("c"), disk.resolve("filler"));
            System.out.println("end");
        }

        private static void byAppending(Path directory) throws IOException {
            try (var log = ChronicleEventLog.open(directory, NO_RESERVE)) {
                int stored = appendUntilFull(log);
                log.dropBefore(log.segments().get(2).firstIndex());
                int more = appendUntilFull(log);
                System.out.println("by appending: room after dropping " + (more > 500));
                report("by appending", log, stored + more - 2 * 1_000_000 / 1_020, true);
            }
            delete(directory);
        }

        private static void byAnother(Path directory, Path filler) throws IOException {
            try (var log = ChronicleEventLog.open(directory, NO_RESERVE)) {
                var entry = new byte[1_000];
                log.append(entry, 0, entry.length);
                fill(filler);
                int stored = 1 + appendUntilFull(log);
                report("by another", log, stored, false);
            }
            Files.delete(filler);
            try (var log = ChronicleEventLog.open(directory, NO_RESERVE)) {
                System.out.println("by another: goes on " + (appendUntilFull(log) > 500));
            }
            delete(directory);
        }

        private static void byBothAtOnce(Path directory, Path filler) throws Exception {
            var random = new Random(5);
            for (int round = 0; round < 10; round++) {
                int stored;
                try (var log = ChronicleEventLog.open(directory, NO_RESERVE)) {
                    var filling = new Thread(() -> fill(filler));
                    int before = random.nextInt(3_000);
                    var entry = new byte[1_000];
                    for (stored = 0; stored < before; stored++) {
                        log.append(entry, 0, entry.length);
                    }
                    filling.start();
                    stored += appendUntilFull(log);
                    filling.join();
                    report("at once " + round, log, stored, false);
                }
                Files.delete(filler);
                try (var log = ChronicleEventLog.open(directory, NO_RESERVE)) {
                    report("at once " + round + " reopened", log, stored, false);
                }
                delete(directory);
            }
        }

        private static int appendUntilFull(EventLog log) {
            var entry = new byte[1_000];
            int stored = 0;
            while (true) {
                try {
                    log.append(entry, 0, entry.length);
                    stored++;
                } catch (OutboxFullException e) {
                    return stored;
                }
            }
        }

        private static void report(String what, EventLog log, int stored, boolean isLeast) {
            int read = 0;
            int damaged = 0;
            try (var reader = log.newReader()) {
                for (var step = reader.next(); step != LogReader.Step.NOTHING; step = reader.next()) {
                    read += step == LogReader.Step.ENTRY ? 1 : 0;
                    damaged += step == LogReader.Step.ENTRY ? 0 : 1;
                }
            }
            boolean isRight = damaged == 0 && (isLeast ? read >= stored : read == stored);
            System.out.println(what + ": "
                    + (isRight ? "right" : "WRONG, stored " + stored + " read " + read + " damaged " + damaged));
        }

        private static void fill(Path filler) {
            try (var file = FileChannel.open(filler, StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
                var block = ByteBuffer.allocate(4 << 10);
                while (true) {
                    file.write(block.clear());
                }
            } catch (IOException e) {
                // full
            }
        }

        private static void delete(Path directory) throws IOException {
            try (var files = Files.list(directory)) {
                for (var file : files.toList()) {
                    Files.delete(file);
                }
            }
        }
    }

    @Test
    void s24_fullDiskRefusesAppendsAndLosesNothingItTook() throws Exception {
        if (!canMount()) {
            System.out.println("FullDiskTest: no mounts for this user, nothing was tested");
            return;
        }
        var mount = "mount -t tmpfs -o size=8m syncline " + directory + " && exec \"$0\" \"$@\"";
        try (var child = ChildJvm.startWith(
                List.of("unshare", "--map-root-user", "--mount", "sh", "-c", mount),
                List.of(),
                Program.class,
                directory)) {
            var lines = child.lines();

            assertThat(child.exitCode()).as("%s", lines).isZero();
            assertThat(lines).contains("by appending: room after dropping true", "by another: goes on true", "end");
            assertThat(lines.stream().filter(line -> line.endsWith("right"))).hasSize(22);
            assertThat(lines).noneMatch(line -> line.contains("WRONG"));
        }
    }

    private static boolean canMount() throws Exception {
        try {
            var probe = new ProcessBuilder("unshare", "--map-root-user", "--mount", "mount", "-t", "tmpfs", "x", "/mnt")
                    .redirectErrorStream(true)
                    .start();
            return probe.waitFor(30, TimeUnit.SECONDS) && probe.exitValue() == 0;
        } catch (IOException e) {
            return false;
        }
    }
}
