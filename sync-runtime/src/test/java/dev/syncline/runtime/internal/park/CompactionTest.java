package dev.syncline.runtime.internal.park;

import static dev.syncline.runtime.internal.park.Events.event;
import static dev.syncline.runtime.internal.park.ParkRig.NOW;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.syncline.api.OutboxFullException;
import dev.syncline.runtime.internal.log.LogReader;
import dev.syncline.runtime.internal.outbox.ForwardingEventLog;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class CompactionTest {

    private static final int FILE_BYTES = 10_000;

    private final ParkRig rig = new ParkRig(FILE_BYTES);

    /** Letters of another key, parked and done, so that files fill up with what is not needed. */
    private void fill(int letters) {
        for (int i = 0; i < letters; i++) {
            var key = rig.store.append(event("filler", "filler-" + i), NOW).key();
            rig.store.closeHead(key, Closing.DONE, NOW);
        }
    }

    private long bytesOnDisk() {
        return rig.store.stats().bytesOnDisk();
    }

    @Test
    void s24_filesInWhichNothingLivesAreDroppedWithoutACopy() {
        fill(500);
        long last = rig.disk.lastIndex();

        rig.compact();

        assertThat(rig.store.stats().files()).isEqualTo(1);
        assertThat(rig.disk.lastIndex()).as("nothing was appended").isEqualTo(last);
    }

    @Test
    void s24_oneOldLetterDoesNotKeepTheDiskFull() {
        rig.park(event("old", "1"));
        for (int i = 0; i < 20; i++) {
            fill(100);
            rig.compact();
            assertThat(bytesOnDisk()).isLessThan(4 * FILE_BYTES);
        }

        rig.losePower();

        assertThat(rig.contents()).isEqualTo(Map.of("old", List.of("1")));
    }

    @Test
    void copiedLetterKeepsItsNameAndItsPlaceBeforeNewerOnes() {
        var old = rig.park(event("k", "1"));
        fill(200);
        rig.park(event("k", "2"));
        rig.store.record(old.key(), HeadState.FRESH.failed(7, "c", "d", NOW, 1));

        rig.compact();

        assertThat(rig.disk.firstIndex()).as("its first file is gone").isGreaterThan(old.index());
        assertThat(rig.store.readHead(old.key()).letter()).isEqualTo(old.letter());
        rig.losePower();
        assertThat(rig.key("k").head()).isEqualTo(old.letter());
        assertThat(rig.key("k").state().attempts()).isEqualTo(7);
        assertThat(rig.contents()).isEqualTo(Map.of("k", List.of("1", "2")));
    }

    @Test
    void stateIsCopiedEvenIfItsLetterLiesElsewhere() {
        var old = rig.park(event("k", "1"));
        rig.store.record(old.key(), HeadState.FRESH.failed(7, "c", "d", NOW, 1));
        fill(200);
        rig.compact();
        fill(200);

        rig.compact();
        rig.losePower();

        assertThat(rig.key("k").state().attempts()).isEqualTo(7);
    }

    @Test
    void nothingIsCopiedWhileMostOfItLives() {
        for (int i = 0; i < 3_000; i++) {
            rig.store.append(event("k" + i, "1"), NOW);
        }
        assertThat(rig.store.stats().files()).isGreaterThan(64);
        long last = rig.disk.lastIndex();

        rig.compact();

        assertThat(rig.disk.lastIndex()).isEqualTo(last);
    }

    @Test
    void workOfOneCallIsBounded() {
        for (int i = 0; i < 40; i++) {
            rig.store.append(event("k" + i, "1"), NOW);
        }
        fill(400);
        long before = bytesOnDisk();

        int work = rig.store.compact(1_000);

        assertThat(work).isBetween(1, 2_000);
        assertThat(bytesOnDisk() - before).isBetween(1L, 2_000L);
    }

    @Test
    void fullDiskStopsACompactionUntilThereIsRoom() {
        var isFull = new AtomicBoolean();
        var log = new ForwardingEventLog(rig.disk) {
            @Override
            public long append(byte[] entry, int offset, int length) {
                if (isFull.get()) {
                    throw new OutboxFullException("full");
                }
                return super.append(entry, offset, length);
            }
        };
        rig.store = rig.over(log);
        rig.park(event("old", "1"));
        fill(400);
        isFull.set(true);
        assertThatThrownBy(rig::compact).isInstanceOf(OutboxFullException.class);
        assertThatThrownBy(rig::compact).isInstanceOf(OutboxFullException.class);

        isFull.set(false);
        rig.compact();

        assertThat(rig.store.stats().files()).isLessThan(3);
        assertThat(rig.contents()).isEqualTo(Map.of("old", List.of("1")));
    }

    @Test
    void fileWithALivingLetterThatCannotBeReadStaysUntilTheLetterIsSkipped() {
        var lost = rig.park(event("k", "1"));
        fill(400);
        rig.disk.damage(lost.index());

        rig.compact();

        assertThat(rig.disk.firstIndex()).isLessThanOrEqualTo(lost.index());
        assertThat(rig.alarms).containsExactly(lost.index());
        rig.store.closeHead(lost.key(), Closing.skipped("ops", "damaged"), NOW);
        rig.compact();
        assertThat(rig.disk.firstIndex()).isGreaterThan(lost.index());
    }

    @Test
    void headThatIsCopiedAndDroppedWhileItIsReadIsFoundWhereItWent() {
        var beforeReading = new AtomicReference<Runnable>(() -> {});
        rig.store = rig.over(new ForwardingEventLog(rig.disk) {
            @Override
            public LogReader newReader() {
                return new ForwardingLogReader(super.newReader()) {
                    @Override
                    public void moveTo(long index) {
                        beforeReading.getAndSet(() -> {}).run();
                        super.moveTo(index);
                    }
                };
            }
        });
        var old = rig.park(event("k", "1"));
        fill(200);
        rig.store.append(event("k2", "2"), NOW);
        beforeReading.set(rig::compact);

        assertThat(rig.store.readHead(old.key()).id()).isEqualTo("1");

        assertThat(rig.disk.firstIndex()).isGreaterThan(old.index());
    }

    @Test
    void headsAreReadAndClosedWhileFilesAreDroppedBeneath() throws Exception {
        for (int i = 0; i < 50; i++) {
            rig.store.append(event("k" + i, "first"), NOW);
        }
        var isDone = new AtomicBoolean();
        var failure = new AtomicReference<Throwable>();
        var duty = new Thread(() -> {
            try {
                while (!isDone.get()) {
                    rig.store.compact(500);
                }
            } catch (Throwable e) {
                failure.set(e);
            }
        });
        duty.start();
        var read = new ArrayList<String>();
        for (int i = 0; i < 2_000; i++) {
            var key = rig.key("k" + i % 50);
            var next = rig.store.append(event("k" + i % 50, "id-" + i), NOW);
            read.add(rig.store.readHead(key).id());
            rig.store.closeHead(key, Closing.DONE, NOW);
            assertThat(next.key()).isSameAs(key);
        }
        isDone.set(true);
        duty.join();

        assertThat(failure.get()).isNull();
        assertThat(read.subList(0, 50)).containsOnly("first");
        assertThat(read.subList(50, 2_000))
                .isEqualTo(IntStream.range(0, 1_950).mapToObj(i -> "id-" + i).toList());
        rig.kill();
        assertThat(rig.store.stats().letters()).isEqualTo(50);
    }
}
