package dev.syncline.runtime.internal.inbox;

import static dev.syncline.runtime.internal.inbox.Events.foreign;
import static dev.syncline.runtime.internal.inbox.Events.own;
import static org.assertj.core.api.Assertions.assertThat;

import dev.syncline.api.EventType;
import dev.syncline.runtime.internal.keys.Shards;
import dev.syncline.runtime.internal.log.ChildJvm;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A process that marks events and is killed, again and again, in the same directory. What it had said to be marked is
 * known, of inbox and guard; nothing is that it had not come to; and no file is damaged.
 */
class InboxKillTest {

    private static final int KILLS = 12;

    @TempDir
    Path data;

    /** Marks from a number on, in a few hundred keys so that tables grow; writes a line after each number. */
    public static final class Marker {

        public static void main(String[] args) {
            var stage = new Stage(Path.of(args[0]));
            var inbox = ShardedInbox.open(
                    stage.directory,
                    "shop",
                    InboxSettings.defaults(),
                    InstantSource.system(),
                    System::nanoTime,
                    stage.listener);
            var guard = stage.guard();
            for (long n = Long.parseLong(args[1]); ; n++) {
                inbox.mark(own(n).key(key(n)).arrives());
                inbox.mark(foreign("f" + n).key(key(n)).arrives());
                guard.mark(version(n));
                byte[] line = ("marked " + n + "\n").getBytes(StandardCharsets.US_ASCII);
                System.out.write(line, 0, line.length);
                System.out.flush();
            }
        }
    }

    private static String key(long n) {
        return "k" + n % 5;
    }

    private static EntityChange version(long n) {
        return new EntityChange(Shards.ofKey(key(n)), "erp", "orders", key(n), n, EventType.Kind.STATE);
    }

    @Test
    void s5_whatWasMarkedIsKnownHoweverOftenTheProcessIsKilled() throws Exception {
        var random = new Random(5);
        long last = 0;
        for (int kill = 0; kill < KILLS; kill++) {
            try (var child = ChildJvm.start(List.of(), Marker.class, data, last + 1)) {
                long until = last + 20 + random.nextInt(4_000);
                while (last < until) {
                    last = number(child.lineWith("marked "));
                }
                child.kill();
                for (var line : child.lines()) {
                    last = line.matches("marked [0-9]+") ? Math.max(last, number(line)) : last;
                }
            }
            var stage = new Stage(data);
            var inbox = stage.inbox(InboxSettings.defaults());
            var guard = stage.guard();
            for (long n = 1; n <= last; n++) {
                assertThat(inbox.check(own(n).key(key(n)).arrives()))
                        .as("own %d", n)
                        .isEqualTo(Seen.DUPLICATE);
                assertThat(inbox.check(foreign("f" + n).key(key(n)).arrives()))
                        .as("foreign %d", n)
                        .isEqualTo(Seen.DUPLICATE);
            }
            for (long n = last - 4; n <= last; n++) {
                assertThat(guard.check(version(n - 5))).isEqualTo(GuardStore.Answer.STALE);
            }
            for (long n = last + 2; n < last + 1_000; n++) { // last + 1 may have been marked, but not told
                assertThat(inbox.check(own(n).key(key(n)).arrives()))
                        .as("own %d", n)
                        .isEqualTo(Seen.NEW);
                assertThat(inbox.check(foreign("f" + n).key(key(n)).arrives())).isEqualTo(Seen.NEW);
            }
            assertThat(stage.alarms).isEmpty();
        }
    }

    private static long number(String line) {
        return Long.parseLong(line.substring("marked ".length()));
    }
}
