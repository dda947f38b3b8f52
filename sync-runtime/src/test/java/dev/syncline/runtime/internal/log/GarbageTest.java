package dev.syncline.runtime.internal.log;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Appending and reading make no garbage once they have run for a while. */
class GarbageTest {

    private static final int ROUNDS = 20_000;

    @TempDir
    Path directory;

    private final ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();

    private long allocated() {
        return threads.getCurrentThreadAllocatedBytes();
    }

    @Test
    void appendAndReadAllocateNothing() {
        var entry = new byte[300];
        try (var log = ChronicleEventLog.open(
                        directory, LogSettings.ofBlock(16 << 20).withReserveBytes(0));
                var reader = log.newReader()) {
            for (int i = 0; i < ROUNDS; i++) {
                log.append(entry, 0, entry.length);
                reader.next();
            }

            long before = allocated();
            for (int i = 0; i < ROUNDS; i++) {
                log.append(entry, 0, entry.length);
            }
            long afterAppends = allocated();
            while (reader.next() != LogReader.Step.NOTHING) {
                // on
            }
            long afterReads = allocated();

            assertThat((double) (afterAppends - before) / ROUNDS)
                    .as("bytes per append")
                    .isLessThan(2);
            assertThat((double) (afterReads - afterAppends) / ROUNDS)
                    .as("bytes per read")
                    .isLessThan(2);
        }
    }
}
