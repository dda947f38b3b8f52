package dev.syncline.runtime.internal.outbox;

import static dev.syncline.runtime.internal.outbox.Messages.one;
import static org.assertj.core.api.Assertions.assertThat;

import dev.syncline.api.ConfigurationException;
import dev.syncline.runtime.internal.log.ChildJvm;
import dev.syncline.runtime.internal.log.DirectoryLock;
import dev.syncline.runtime.internal.log.LogSettings;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * In containers every process is process 1. Who holds a directory is not known by its number: a ghost of the same number
 * locks nobody out, and a living one of the same number lets nobody in. Where the machine gives nobody process ids of his
 * own, the test says so and does nothing.
 */
class RepeatedProcessIdsTest {

    private static final int KILLS = 6 * Integer.getInteger("times", 1);
    private static final List<String> AS_PROCESS_1 =
            List.of("unshare", "--map-root-user", "--pid", "--fork", "--kill-child", "--mount-proc");

    @TempDir
    Path directory;

    /** Appends without end, so that a kill meets it with the log's own lock in its hands. */
    public static final class Appender {

        private static final OutboxSettings SETTINGS = OutboxSettings.defaults()
                .withLog(LogSettings.ofBlock(64 << 10)
                        .withSegmentBytes(1_000_000)
                        .withReserveBytes(0));

        public static void main(String[] args) {
            long start = System.nanoTime();
            try {
                var lock = DirectoryLock.acquire(Path.of(args[0]), "appender");
                var outbox = Outbox.open(lock, SETTINGS, InstantSource.system(), new RecordingAlarms());
                long last = outbox.lastN();
                outbox.append(one("first"));
                long millis = Duration.ofNanos(System.nanoTime() - start).toMillis();
                System.out.println("appends " + ProcessHandle.current().pid() + " " + last + " " + millis);
                while (true) {
                    outbox.append(one("more"));
                    if (outbox.lastN() % 500 == 0) {
                        System.out.println(outbox.lastN());
                    }
                }
            } catch (ConfigurationException refused) {
                System.out.println("refused " + ProcessHandle.current().pid() + " " + refused.getMessage());
            }
        }
    }

    private ChildJvm start() throws IOException {
        return ChildJvm.startWith(AS_PROCESS_1, List.of(), Appender.class, directory);
    }

    /** What it said first: {@code appends} or {@code refused}, its number, and more. */
    private static String firstWords(ChildJvm child) throws IOException {
        for (var line = child.line(); ; line = child.line()) {
            var words = Objects.requireNonNull(line, "it ended");
            if (words.startsWith("appends ") || words.startsWith("refused ")) {
                return words;
            }
        }
    }

    /** Starts one until it is let in: the one before is killed with its parent, a moment later. */
    private String startAndAppend() throws IOException {
        for (long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(30); ; ) {
            try (var child = start()) {
                var words = firstWords(child);
                if (words.startsWith("appends ")) {
                    return words + " " + lastSaid(child);
                }
                assertThat(System.nanoTime()).as("still %s", words).isLessThan(end);
            }
        }
    }

    /** Lets it append for a while; returns the highest number that it said. */
    private static long lastSaid(ChildJvm child) throws IOException {
        long said = 0;
        for (int i = 0; i < 3; i++) {
            said = Long.parseLong(Objects.requireNonNull(child.line(), "it ended"));
        }
        return said;
    }

    @Test
    void s14_aGhostOfTheSameNumberLocksNobodyOut() throws Exception {
        if (!canNumber()) {
            System.out.println("RepeatedProcessIdsTest: no process ids of their own for this user, nothing was tested");
            return;
        }
        long said = 0;
        for (int kill = 0; kill < KILLS; kill++) {
            var words = startAndAppend().split(" ");

            assertThat(words).startsWith("appends", "1");
            assertThat(Long.parseLong(words[2]))
                    .as("what was said to be stored")
                    .isGreaterThanOrEqualTo(said);
            assertThat(Long.parseLong(words[3]))
                    .as("milliseconds to the first append")
                    .isLessThan(10_000);
            said = Long.parseLong(words[4]);
        }
    }

    @Test
    void s14_aLivingOneOfTheSameNumberLetsNobodyIn() throws Exception {
        if (!canNumber()) {
            System.out.println("RepeatedProcessIdsTest: no process ids of their own for this user, nothing was tested");
            return;
        }
        try (var first = start()) {
            assertThat(firstWords(first)).startsWith("appends 1 ");
            try (var second = start()) {
                assertThat(firstWords(second))
                        .startsWith("refused 1 ")
                        .contains("in use by application appender, process 1 on ");
            }
            assertThat(lastSaid(first)).as("the first goes on").isPositive();
        }
    }

    private static boolean canNumber() throws InterruptedException {
        try {
            var command = new ArrayList<>(AS_PROCESS_1);
            command.add("true");
            var probe = new ProcessBuilder(command).redirectErrorStream(true).start();
            return probe.waitFor(30, TimeUnit.SECONDS) && probe.exitValue() == 0;
        } catch (IOException none) {
            return false;
        }
    }
}
