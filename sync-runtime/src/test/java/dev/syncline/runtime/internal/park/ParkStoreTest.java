package dev.syncline.runtime.internal.park;

import static dev.syncline.runtime.internal.park.Events.event;
import static dev.syncline.runtime.internal.park.ParkRig.NOW;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.syncline.api.OutboxException;
import dev.syncline.api.OutboxFullException;
import dev.syncline.runtime.internal.dispatch.Parking;
import dev.syncline.runtime.internal.keys.Shards;
import dev.syncline.runtime.internal.log.InMemoryEventLog;
import dev.syncline.runtime.internal.outbox.ForwardingEventLog;
import dev.syncline.spi.Bytes;
import dev.syncline.spi.Message;
import dev.syncline.spi.Position;
import dev.syncline.spi.Received;
import dev.syncline.spi.TopicPartition;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

class ParkStoreTest {

    private final ParkRig rig = new ParkRig();

    @Nested
    class Order {

        @Test
        void s10_lettersOfAKeyComeInTheOrderTheyWereParked() {
            rig.park(event("a", "1"), event("b", "1"), event("a", "2"), event("b", "2"), event("a", "3"));

            assertThat(rig.drain(rig.key("a"))).containsExactly("1", "2", "3");
            assertThat(rig.drain(rig.key("b"))).containsExactly("1", "2");
        }

        @Test
        void s10_orderAndKeysAreTheSameAfterARestart() {
            rig.park(event("a", "1"), event("b", "1"), event("a", "2"), event("a", "3"));
            rig.store.closeHead(rig.key("a"), Closing.DONE, NOW);

            rig.kill();

            assertThat(rig.contents()).isEqualTo(Map.of("a", List.of("2", "3"), "b", List.of("1")));
        }

        @Test
        void keysLieInTheShardThatTheirLaneOwns() {
            rig.park(event("a", "1"), event("b", "1"));

            assertThat(rig.store.keys(Shards.ofKey("a")))
                    .extracting(ParkedKey::key)
                    .containsExactly("a");
            assertThat(IntStream.range(0, 256).map(i -> rig.store.keys(i).size()))
                    .satisfies(sizes ->
                            assertThat(sizes.stream().mapToInt(i -> i).sum()).isEqualTo(2));
        }

        @Test
        void keyOfAnotherTopicIsAnotherKey() {
            var other = Events.READER.read(new Received(
                    new TopicPartition("other", 0),
                    Position.of(1),
                    event("a", "1").received().message(),
                    Events.SEEN,
                    null));
            rig.park(event("a", "1"), other);

            assertThat(rig.key("a").size()).isEqualTo(1);
            assertThat(rig.store.find(other).topic()).isEqualTo("other");
        }

        @Test
        void eventsWithoutAKeyAreKeysOfTheirOwn() {
            rig.park(event("", "1"), event("", "2"));
            rig.kill();

            assertThat(rig.store.stats().keys()).isEqualTo(2);
            assertThat(rig.store.find(event("", "1")).key()).isEmpty();
            assertThat(rig.store.find(event("", "1")).name()).startsWith("\u0000" + "3@");
        }

        @Test
        void nextHeadBeginsAnew() {
            var key = rig.park(event("a", "1"), event("a", "2")).key();
            rig.store.record(key, HeadState.FRESH.dead(9, "rejected", "no", NOW));

            rig.store.closeHead(key, Closing.skipped("ops", "test"), NOW);

            assertThat(key.state()).isEqualTo(HeadState.FRESH);
            rig.kill();
            assertThat(rig.key("a").state()).isEqualTo(HeadState.FRESH);
        }

        @Test
        void emptyKeyIsGoneAndTheNextLetterMakesAnother() {
            var key = rig.park(event("a", "1")).key();
            rig.store.closeHead(key, Closing.DONE, NOW);

            assertThat(rig.key("a")).isNull();
            assertThat(key.isEmpty()).isTrue();
            assertThatThrownBy(() -> rig.store.closeHead(key, Closing.DONE, NOW))
                    .isInstanceOf(IllegalStateException.class);
            assertThat(rig.park(event("a", "2")).key()).isNotSameAs(key);
        }
    }

    @Nested
    class Repetition {

        @Test
        void s11_eventThatComesAgainFindsItself() {
            var first = rig.park(event("a", "1"));

            var again = rig.store.append(event("a", "1"), NOW + 5);

            assertThat(again.isNew()).isFalse();
            assertThat(again.key()).isSameAs(first.key());
            assertThat(again.letter()).isEqualTo(first.letter());
            assertThat(first.key().size()).isEqualTo(1);
        }

        @Test
        void s11_eventThatComesAgainAfterACrashFindsItselfAndIsForced() {
            rig.store.append(event("a", "1"), NOW); // killed before the force
            rig.kill();
            rig.kill();

            var again = rig.store.append(event("a", "1"), NOW);

            assertThat(again.isNew()).isFalse();
            assertThat(rig.store.contains(event("a", "1"))).isTrue();
            rig.store.force(again.index());
            rig.losePower();
            assertThat(rig.contents()).isEqualTo(Map.of("a", List.of("1")));
        }

        @Test
        void s11_sameIdOfAnotherSourceKeyOrTopicIsAnotherEvent() {
            rig.park(event("a", "1"));

            assertThat(rig.store.contains(event("b", "1"))).isFalse();
            assertThat(rig.store.contains(event("a", "1", "data of 1", Map.of("source", "/x"))))
                    .isFalse();
        }

        @Test
        void sameIdWithOtherDataIsKeptBesideSoThatNeitherIsLostUnseen() {
            var other = event("a", "1", "other", Map.of());
            rig.park(event("a", "1"), other, event("a", "1"), other);

            assertThat(rig.key("a").size()).isEqualTo(2);
            rig.kill();
            assertThat(rig.key("a").size()).isEqualTo(2);
            assertThat(rig.drain(rig.key("a"))).containsExactly("1", "1");
            assertThat(rig.store.contains(other)).isFalse();
        }

        @Test
        void brokenEnvelopesAreTheSameOnlyAtTheSamePlace() {
            var message = new Message(Events.TOPIC, "k", Map.of("id", "1"), Map.of(), Bytes.utf8("x"));
            rig.park(Events.read(message, 1, 7), Events.read(message, 1, 8), Events.read(message, 1, 7));

            assertThat(rig.key("k").size()).isEqualTo(2);
        }

        @Test
        void eventThatIsClosedIsNotThereAnyMore() {
            var key = rig.park(event("a", "1")).key();
            rig.store.closeHead(key, Closing.DONE, NOW);

            assertThat(rig.store.contains(event("a", "1"))).isFalse();
            assertThat(rig.park(event("a", "1")).isNew()).isTrue();
            rig.kill();
            assertThat(rig.contents()).isEqualTo(Map.of("a", List.of("1")));
        }
    }

    @Nested
    class Time {

        @Test
        void s25_whatFellDueWhileNothingRanIsDue() {
            var state = HeadState.FRESH.failed(1, "c", "d", NOW, 5_000);

            assertThat(state.waitMillis(NOW + 1_000)).isEqualTo(4_000);
            assertThat(state.waitMillis(NOW + 5_000)).isZero();
            assertThat(state.waitMillis(NOW + 99_000_000_000L)).isZero();
        }

        @Test
        void s25_clockSetBackDelaysByTheWholePauseAtMost() {
            var state = HeadState.FRESH.failed(1, "c", "d", NOW, 5_000);

            assertThat(state.waitMillis(NOW - 86_400_000_000L)).isEqualTo(5_000);
            assertThat(state.postponed(NOW, 700).waitMillis(0)).isEqualTo(700);
        }

        @Test
        void deadHeadIsNeverDueUntilItIsRedriven() {
            var dead = HeadState.FRESH.failed(4, "c", "d", NOW, 1).dead(5, "c", "d", NOW + 9);

            assertThat(dead.waitMillis(NOW + 1_000_000)).isEqualTo(HeadState.NEVER);
            assertThat(dead.redriven(NOW + 10).waitMillis(NOW + 10)).isZero();
            assertThat(dead.redriven(NOW + 10).attempts()).isZero();
            assertThat(dead.redriven(NOW + 10).firstFailureMillis()).isEqualTo(NOW);
        }
    }

    @Nested
    class Closed {

        @Test
        void droppedKeyIsGoneWithAllItsLettersAfterPowerLoss() {
            rig.park(event("a", "1"), event("b", "1"), event("a", "2"), event("a", "3"));
            rig.store.record(rig.key("a"), HeadState.FRESH.dead(1, "c", "d", NOW));
            rig.store.force(rig.store.closeAll(rig.key("a"), Closing.dropped("ops", "no shop any more"), NOW));

            rig.losePower();

            assertThat(rig.contents()).isEqualTo(Map.of("b", List.of("1")));
            assertThat(rig.key("a")).isNull();
        }

        @Test
        void keyOfManyLettersIsDroppedFromItsEndSoThatACrashLeavesTheHead() {
            var crashing = new ForwardingEventLog(rig.disk) {
                int left = Integer.MAX_VALUE;

                @Override
                public int maxEntryBytes() {
                    return (8 << 10) + 4 * Long.BYTES;
                }

                @Override
                public long append(byte[] entry, int offset, int length) {
                    if (left-- == 0) {
                        throw new OutboxException("crash");
                    }
                    return super.append(entry, offset, length);
                }
            };
            var store = rig.over(crashing);
            for (int i = 1; i <= 10; i++) {
                store.append(event("a", "" + i), NOW);
            }
            var key = store.find(event("a", "1"));
            store.record(key, HeadState.FRESH.dead(1, "c", "d", NOW));
            crashing.left = 1;

            assertThatThrownBy(() -> store.closeAll(key, Closing.dropped("ops", "w"), NOW))
                    .isInstanceOf(OutboxException.class);
            rig.kill();

            assertThat(rig.contents()).isEqualTo(Map.of("a", List.of("1", "2", "3", "4", "5", "6")));
            assertThat(rig.key("a").state().isDead()).isTrue();
        }
    }

    @Nested
    class Failing {

        private static final class FailingLog extends ForwardingEventLog {
            OutboxException onAppend;
            OutboxException onForce;

            FailingLog() {
                super(new InMemoryEventLog());
            }

            @Override
            public long append(byte[] entry, int offset, int length) {
                if (onAppend != null) {
                    throw onAppend;
                }
                return super.append(entry, offset, length);
            }

            @Override
            public void force() {
                if (onForce != null) {
                    throw onForce;
                }
                super.force();
            }
        }

        private final FailingLog log = new FailingLog();
        private final ParkStore store = rig.over(log);

        @Test
        void s11_input63_fullDiskStoresNothingAndTheSameAppendSucceedsLater() {
            store.append(event("a", "1"), NOW);
            log.onAppend = new OutboxFullException("full");

            assertThatThrownBy(() -> store.append(event("a", "2"), NOW)).isInstanceOf(OutboxFullException.class);
            var key = store.find(event("a", "1"));
            assertThat(key.size()).isEqualTo(1);
            assertThatThrownBy(() -> store.closeHead(key, Closing.DONE, NOW)).isInstanceOf(OutboxFullException.class);
            assertThatThrownBy(() -> store.record(key, HeadState.FRESH)).isInstanceOf(OutboxFullException.class);
            assertThat(key.size()).isEqualTo(1);
            assertThat(store.failure()).isEmpty();

            log.onAppend = null;
            assertThat(store.append(event("a", "1"), NOW).isNew()).isFalse();
            assertThat(store.append(event("a", "2"), NOW).isNew()).isTrue();
        }

        /** The simulation of the whole pipeline found this: the lane took the key for one with a head, and broke. */
        @Test
        void s10_keyWhoseEndTheDiskDidNotConfirmKeepsItsHead() {
            var parking = new LaneParking(store, () -> store, Events.READER, Events.CLOCK, noted -> {});
            var key = parking.park(event("a", "1"), new Parking.Failure(4, "handler.failed", "away", 0));
            parking.force();
            log.onForce = new OutboxException("torn");

            assertThatThrownBy(() -> parking.close(key, Parking.End.DONE)).hasMessage("torn");

            assertThat(parking.head(key)).isNotNull();
        }

        @Test
        void s11_input63_failedDiskRefusesFromThenOn() {
            log.onAppend = new OutboxException("torn");
            assertThatThrownBy(() -> store.append(event("a", "1"), NOW)).hasMessage("torn");
            log.onAppend = null;

            assertThatThrownBy(() -> store.append(event("b", "1"), NOW))
                    .isInstanceOf(OutboxException.class)
                    .hasMessageContaining("torn");
            assertThat(store.failure()).contains("torn");
            assertThat(store.stats().letters()).isZero();
        }

        @Test
        void s11_nothingCountsAsParkedWhenTheForceFails() {
            var parked = store.append(event("a", "1"), NOW);
            assertThat(store.isForced(parked.index())).isFalse();
            log.onForce = new OutboxException("sync failed");

            assertThatThrownBy(() -> store.force(parked.index())).hasMessage("sync failed");

            assertThat(store.isForced(parked.index())).isFalse();
            assertThatThrownBy(() -> store.append(event("a", "2"), NOW)).isInstanceOf(OutboxException.class);
        }

        @Test
        void letterThatFitsIntoNoEntryIsRefusedAloneAndOthersAreTaken() {
            var large = Events.read(
                    new Message(Events.TOPIC, "l", Map.of("id", "l"), Map.of(), Bytes.wrap(new byte[17 << 20])), 0, 1);

            assertThatThrownBy(() -> store.append(large, NOW))
                    .isInstanceOf(LetterTooLargeException.class)
                    .hasMessageContaining("stays unsettled");
            assertThat(store.append(event("a", "1"), NOW).isNew()).isTrue();
        }

        @Test
        void closedStoreSaysSo() {
            store.close();
            store.close();

            assertThatThrownBy(() -> store.append(event("a", "1"), NOW))
                    .isInstanceOf(OutboxException.class)
                    .hasMessageContaining("closed");
        }
    }

    @Nested
    class Space {

        @Test
        void s24_liveBytesAreThoseOfLettersThatAreNotClosed() {
            rig.settings = rig.settings.withMaxLiveBytes(1_000);
            rig.store = rig.over(rig.disk);
            assertThat(rig.store.isFull()).isFalse();
            rig.park(event("a", "1", "x".repeat(500), Map.of()), event("a", "2", "x".repeat(500), Map.of()));
            rig.store.record(rig.key("a"), HeadState.FRESH.failed(1, "c", "d", NOW, 1));

            assertThat(rig.store.isFull()).isTrue();
            assertThat(rig.store.liveBytes())
                    .isGreaterThan(rig.key("a").bytes())
                    .isBetween(1_000L, 2_000L);
            rig.kill();
            assertThat(rig.store.isFull()).as("after a restart").isTrue();

            rig.store.closeHead(rig.key("a"), Closing.DONE, NOW);
            assertThat(rig.store.isFull()).isFalse();
            rig.store.closeAll(rig.key("a"), Closing.DONE, NOW);
            assertThat(rig.store.liveBytes()).isZero();
        }
    }

    @Test
    void s4_damagedEntryIsToldAndTheRestIsUsed() {
        rig.park(event("a", "1"));
        var lost = rig.park(event("a", "2"));
        rig.park(event("a", "3"), event("b", "1"));
        rig.disk.damage(lost.index());

        rig.kill();

        assertThat(rig.alarms).containsExactly(lost.index());
        assertThat(rig.store.damaged()).containsExactly(lost.index());
        assertThat(rig.store.stats().damaged()).isEqualTo(1);
        assertThat(rig.contents()).isEqualTo(Map.of("a", List.of("1", "3"), "b", List.of("1")));
    }

    @Test
    void s4_damageBehindTheLastEntryIsTold() {
        rig.park(event("a", "1"));
        var lost = rig.park(event("a", "2"));
        rig.disk.damage(lost.index());

        rig.kill();

        assertThat(rig.alarms).containsExactly(lost.index());
    }

    @Test
    void letterDamagedWhileRunningIsTypedAndCanStillBeSkipped() {
        var lost = rig.park(event("a", "1"));
        rig.park(event("a", "2"));
        rig.disk.damage(lost.index());

        assertThatThrownBy(() -> rig.store.readHead(lost.key()))
                .isInstanceOf(LetterDamagedException.class)
                .hasMessageContaining("entry " + lost.index());
        assertThat(rig.alarms).containsExactly(lost.index());

        rig.store.closeHead(lost.key(), Closing.skipped("ops", "damaged"), NOW);
        assertThat(rig.drain(lost.key())).containsExactly("2");
    }

    @Test
    void lanesThatParkAtTheSameTimeShareForcesAndLoseNothing() throws Exception {
        var forces = new AtomicInteger();
        var log = new ForwardingEventLog(rig.disk) {
            @Override
            public void force() {
                forces.incrementAndGet();
                super.force();
            }
        };
        var store = rig.over(log);
        var threads = IntStream.range(0, 4)
                .mapToObj(lane -> new Thread(() -> {
                    for (int i = 0; i < 500; i++) {
                        store.force(store.append(event("key-" + lane, lane + "-" + i), NOW)
                                .index());
                    }
                }))
                .toList();
        threads.forEach(Thread::start);
        for (var thread : threads) {
            thread.join();
        }

        rig.losePower();

        assertThat(forces.get()).isLessThanOrEqualTo(2_000);
        for (int lane = 0; lane < 4; lane++) {
            int number = lane;
            assertThat(rig.drain(rig.key("key-" + lane)))
                    .isEqualTo(IntStream.range(0, 500)
                            .mapToObj(i -> number + "-" + i)
                            .toList());
        }
    }
}
