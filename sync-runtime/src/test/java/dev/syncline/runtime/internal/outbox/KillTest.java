package dev.syncline.runtime.internal.outbox;

import static org.assertj.core.api.Assertions.assertThat;

import dev.syncline.runtime.Durability;
import dev.syncline.runtime.internal.log.ChildJvm;
import dev.syncline.runtime.internal.log.DirectoryLock;
import dev.syncline.runtime.internal.log.LogSettings;
import dev.syncline.spi.Bytes;
import dev.syncline.spi.Message;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * A process that publishes and is killed, again and again, in the same directory, with no flag of the JVM. What it had
 * said to be stored is there, once, in order, and nothing else is but what it was about to say.
 */
class KillTest {

    private static final int KILLS = 6 * Integer.getInteger("times", 1);
    private static final int PUBLISHERS = 3;
    private static final OutboxSettings SETTINGS = OutboxSettings.defaults()
            .withLog(LogSettings.ofBlock(64 << 10).withSegmentBytes(300_000).withReserveBytes(0));

    @TempDir
    Path directory;

    /** Publishes from several threads; writes a line after each event that was stored. */
    public static final class Publisher {

        public static void main(String[] args) {
            long start = System.nanoTime();
            var settings = SETTINGS.withDurability(Durability.valueOf(args[1]));
            int run = Integer.parseInt(args[2]);
            var lock = DirectoryLock.acquire(Path.of(args[0]), "publisher");
            var outbox = Outbox.open(lock, settings, InstantSource.system(), new RecordingAlarms());
            outbox.append(List.of(outgoing("first-" + run, run)));
            say("ready " + Duration.ofNanos(System.nanoTime() - start).toMillis());
            for (int i = 0; i < PUBLISHERS; i++) {
                int publisher = i;
                new Thread(() -> publish(outbox, run + "-" + publisher, run * 10 + publisher)).start();
            }
        }

        private static void publish(Outbox outbox, String name, int seed) {
            var random = new Random(seed);
            for (int i = 0; ; i++) {
                var entries = new ArrayList<Outgoing>();
                for (int e = 0; e <= random.nextInt(3); e++) {
                    entries.add(outgoing(name + "-" + i + "-" + e, random.nextInt(100)));
                }
                var appended = outbox.append(entries);
                for (int e = 0; e < entries.size(); e++) {
                    say("stored " + (appended.firstN() + e) + " "
                            + entries.get(e).message().attribute("id"));
                }
            }
        }

        private static Outgoing outgoing(String id, int key) {
            return new Outgoing(
                    "default",
                    new Message(
                            "t", "k" + key, Map.of("id", id), Map.of(), Bytes.utf8("data of " + id + "x".repeat(key))));
        }

        /** One write per line, so that a kill cuts no line that was answered for. */
        private static void say(String line) {
            synchronized (System.out) {
                System.out.write((line + "\n").getBytes(StandardCharsets.UTF_8), 0, line.length() + 1);
                System.out.flush();
            }
        }
    }

    @ParameterizedTest
    @EnumSource(Durability.class)
    void s1_killedAgainAndAgainLosesAndDoublesNothing(Durability durability) throws Exception {
        var random = new Random(9);
        var stored = new HashMap<Long, String>();
        int publishing = 0;
        for (int run = 0; run < KILLS; run++) {
            try (var child = ChildJvm.start(List.of(), Publisher.class, directory, durability, run)) {
                long readyMillis = Long.parseLong(child.lineWith("ready ").substring("ready ".length()));
                assertThat(readyMillis)
                        .as("milliseconds to the first event stored")
                        .isLessThan(10_000);
                int lines = random.nextInt(durability == Durability.DISK ? 300 : 3_000);
                for (int i = 0; i < lines; i++) {
                    take(child.line(), stored);
                }
                child.kill();
                int before = stored.size();
                for (var line = child.line(); line != null; line = child.line()) {
                    take(line, stored);
                }
                publishing += stored.size() > before || lines > 0 ? 1 : 0;
            }
        }
        assertThat(publishing).as("kills that met a process at work").isGreaterThanOrEqualTo(KILLS * 4 / 5);

        var found = read();
        assertThat(found).containsAllEntriesOf(stored);
        assertThat(found.size() - stored.size())
                .as("stored, but killed before it said so: at most what each publisher had in hand, and the first")
                .isBetween(0, KILLS * (PUBLISHERS * 3 + 1));
    }

    private static void take(String line, Map<Long, String> stored) {
        if (line != null && line.startsWith("stored ")) {
            var words = line.substring("stored ".length());
            int space = words.indexOf(' ');
            assertThat(stored.put(Long.parseLong(words.substring(0, space)), words.substring(space + 1)))
                    .as("number given twice")
                    .isNull();
        }
    }

    /** Everything in the outbox by number, checked: numbers without gap, ids once, data whole. */
    private Map<Long, String> read() throws IOException {
        var found = new HashMap<Long, String>();
        var alarms = new RecordingAlarms();
        try (var lock = DirectoryLock.acquire(directory, "test");
                var outbox = Outbox.open(lock, SETTINGS, InstantSource.system(), alarms);
                var reader = outbox.newReader()) {
            long n = 0;
            while (reader.next()) {
                assertThat(reader.n()).isEqualTo(++n);
                var message = reader.message();
                var id = message.attribute("id");
                assertThat(message.data().asText()).startsWith("data of " + id);
                assertThat(message.attribute("outboxseq")).isEqualTo(outbox.storeId() + ":" + n);
                found.put(n, id);
            }
            assertThat(outbox.lastN()).isEqualTo(n);
            assertThat(new HashSet<>(found.values())).hasSameSizeAs(found.keySet());
        }
        assertThat(alarms.told).isEmpty();
        return found;
    }
}
