package dev.syncline.runtime.internal.outbox;

import static dev.syncline.runtime.internal.outbox.Messages.one;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.syncline.runtime.Durability;
import dev.syncline.runtime.internal.log.InMemoryEventLog;
import dev.syncline.runtime.internal.log.StoreId;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class GroupCommitTest {

    /** A disk whose syncs end when the test says so. */
    private static final class SlowDisk extends ForwardingEventLog {
        final AtomicInteger begun = new AtomicInteger();
        final Semaphore ends = new Semaphore(0);

        SlowDisk() {
            super(new InMemoryEventLog());
        }

        @Override
        public void force() {
            super.force(); // covers what was appended before it began, nothing later
            begun.incrementAndGet();
            ends.acquireUninterruptibly();
        }
    }

    private final SlowDisk disk = new SlowDisk();
    private final Outbox outbox = open();

    private Outbox open() {
        disk.ends.release(); // the one at opening
        return Outbox.over(
                disk,
                new StoreId(1, 1),
                OutboxSettings.defaults().withDurability(Durability.DISK),
                InstantSource.system(),
                new RecordingAlarms());
    }

    @Test
    void callersThatComeDuringAForceShareTheNext() throws Exception {
        var threads = new ArrayList<Thread>();
        threads.add(start(0));
        await().until(() -> disk.begun.get() == 2);
        for (int i = 1; i <= 20; i++) {
            threads.add(start(i));
        }
        await().until(() -> outbox.lastN() == 21);

        disk.ends.release(2);
        for (var thread : threads) {
            thread.join();
        }

        assertThat(disk.begun)
                .as("one at opening, one for the first, one for all the others")
                .hasValue(3);
        assertThat(outbox.visibleIndex()).isEqualTo(outbox.lastIndex());
    }

    @Test
    void callerWhoIsAloneWaitsForOneForceOnly() throws Exception {
        for (int i = 1; i <= 10; i++) {
            disk.ends.release();
            outbox.append(one("" + i));
            assertThat(disk.begun).hasValue(1 + i);
        }
    }

    @Test
    void interruptNeitherEndsTheWaitNorIsLost() throws Exception {
        var interrupted = new AtomicInteger(-1);
        start(0);
        await().until(() -> disk.begun.get() == 2);
        var waiting = new Thread(() -> {
            outbox.append(one("waiting"));
            interrupted.set(Thread.interrupted() ? 1 : 0);
        });
        waiting.start();
        await().until(() -> outbox.lastN() == 2);

        waiting.interrupt();
        assertThat(interrupted).hasValue(-1);
        disk.ends.release(2);
        waiting.join();

        assertThat(interrupted).hasValue(1);
        assertThat(outbox.visibleIndex()).isEqualTo(outbox.lastIndex());
    }

    private Thread start(int i) {
        var thread = new Thread(() -> outbox.append(one("" + i)));
        thread.start();
        return thread;
    }
}
