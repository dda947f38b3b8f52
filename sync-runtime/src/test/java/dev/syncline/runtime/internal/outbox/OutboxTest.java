package dev.syncline.runtime.internal.outbox;

import static dev.syncline.runtime.internal.outbox.Messages.message;
import static dev.syncline.runtime.internal.outbox.Messages.one;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.syncline.api.ContractException;
import dev.syncline.api.OutboxException;
import dev.syncline.api.OutboxFullException;
import dev.syncline.runtime.Durability;
import dev.syncline.runtime.internal.keys.Shards;
import dev.syncline.runtime.internal.log.EventLog;
import dev.syncline.runtime.internal.log.InMemoryEventLog;
import dev.syncline.runtime.internal.log.StoreId;
import dev.syncline.spi.Bytes;
import dev.syncline.spi.Message;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

class OutboxTest {

    private static final StoreId STORE = new StoreId(0x0123456789abcdefL, 42);
    private static final Instant START = Instant.parse("2026-11-21T12:00:00Z");

    private final RecordingAlarms alarms = new RecordingAlarms();
    private final OutboxSettings settings = OutboxSettings.defaults();
    private Instant now = START;
    private InMemoryEventLog log = new InMemoryEventLog(400);
    private Outbox outbox = open(settings);

    private Outbox open(OutboxSettings with) {
        return Outbox.over(log, STORE, with, new TestClock(), alarms);
    }

    private final class TestClock implements InstantSource {
        @Override
        public Instant instant() {
            return now;
        }
    }

    private static List<Long> numbers(OutboxReader reader) {
        var numbers = new ArrayList<Long>();
        while (reader.next()) {
            numbers.add(reader.n());
        }
        return numbers;
    }

    @Test
    void s4_messageComesBackAsItWasAndWithItsNumber() {
        var message = new Message(
                "catalog.produit-é",
                "größe-\uD83D\uDE00",
                Map.of("specversion", "1.0", "id", "", "source", "/a\u0000b", "unknownextension", "鍵\n"),
                Map.of("traceparent", "00-x", "outboxseq", "a foreign header stays"),
                Bytes.wrap(new byte[] {0, -1, 127, -128}));

        outbox.append(List.of(new Outgoing("cache", message)));

        var reader = outbox.newReader();
        assertThat(reader.next()).isTrue();
        assertThat(reader.broker()).isEqualTo("cache");
        assertThat(reader.topic()).isEqualTo(message.topic());
        assertThat(reader.shard()).isEqualTo(Shards.of(message));
        assertThat(reader.n()).isEqualTo(1);
        assertThat(reader.appendedAtMillis()).isEqualTo(START.toEpochMilli());
        var read = reader.message();
        assertThat(read.topic()).isEqualTo(message.topic());
        assertThat(read.key()).isEqualTo(message.key());
        assertThat(read.headers()).isEqualTo(message.headers());
        assertThat(read.data()).isEqualTo(message.data());
        assertThat(read.attribute("outboxseq")).isEqualTo("0123456789abcdef000000000000002a:1");
        assertThat(read.attributes()).containsAllEntriesOf(message.attributes()).hasSize(5);
        assertThat(reader.next()).isFalse();
    }

    @Test
    void noDataAndEmptyDataDiffer() {
        outbox.append(List.of(
                new Outgoing("default", new Message("t", "k", Map.of(), Map.of(), null)),
                new Outgoing("default", new Message("t", "k", Map.of(), Map.of(), Bytes.empty()))));

        var reader = outbox.newReader();
        reader.next();
        assertThat(reader.message().data()).isNull();
        reader.next();
        assertThat(reader.message().data()).isEqualTo(Bytes.empty());
    }

    @Test
    void foreignOutboxseqIsReplaced() {
        outbox.append(List.of(
                new Outgoing("default", new Message("t", "k", Map.of("outboxseq", "other:9"), Map.of(), null))));

        var reader = outbox.newReader();
        reader.next();
        assertThat(reader.message().attributes()).isEqualTo(Map.of("outboxseq", STORE + ":1"));
    }

    @Test
    void entriesOfADocumentShareItsIndexAndAreNumberedOn() {
        outbox.append(one("a"));
        var appended = outbox.append(List.of(
                new Outgoing("default", message("t", "k", "b")),
                new Outgoing("cache", message("u", "k", "c")),
                new Outgoing("default", message("t", "", "d"))));

        assertThat(appended.firstN()).isEqualTo(2);
        var reader = outbox.newReader(appended.index());
        var seen = new ArrayList<String>();
        while (reader.next()) {
            seen.add(
                    reader.index() == appended.index()
                            ? reader.ordinal() + "/" + reader.n() + "/" + reader.broker() + "/" + reader.topic() + "/"
                                    + reader.message().attribute("id") + "/" + reader.isLastOfDocument()
                            : "elsewhere");
        }
        assertThat(seen).containsExactly("0/2/default/t/b/false", "1/3/cache/u/c/false", "2/4/default/t/d/true");
    }

    @Test
    void halfASurrogatePairIsRefusedAndNothingStored() {
        assertThatThrownBy(() -> outbox.append(List.of(
                        new Outgoing("default", message("t", "k", "a")),
                        new Outgoing("default", message("t", "\uD83D", "b")))))
                .isInstanceOf(ContractException.class);

        assertThat(outbox.append(one("c")).firstN()).isEqualTo(1);
    }

    @Test
    void documentTooLargeIsRefusedAndNothingStored() {
        assertThatThrownBy(() -> outbox.append(one("a", 17 << 20)))
                .isInstanceOf(OutboxException.class)
                .hasMessageContaining("publish fewer");

        assertThat(outbox.newReader().next()).isFalse();
    }

    @Test
    void numberOfEventsAtOnceIsBounded() {
        assertThatThrownBy(() -> outbox.append(List.of())).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> outbox.append(Collections.nCopies(65_536, one("a").get(0))))
                .isInstanceOf(IllegalArgumentException.class);

        outbox.append(Collections.nCopies(65_535, one("a").get(0)));
        assertThat(numbers(outbox.newReader())).hasSize(65_535);
    }

    @Test
    void listenerRunsOnceTheEventCanBeRead() {
        var reader = outbox.newReader();
        var seen = new AtomicInteger();
        var listening = outbox.onAppend(() -> {
            if (reader.next()) {
                seen.incrementAndGet();
            }
        });
        outbox.append(one("a"));
        outbox.append(one("b"));
        assertThat(seen).hasValue(2);

        listening.close();
        outbox.append(one("c"));
        assertThat(seen).hasValue(2);
    }

    @Test
    void closedOutboxRefuses() {
        outbox.close();
        outbox.close();

        assertThatThrownBy(() -> outbox.append(one("a")))
                .isInstanceOf(OutboxException.class)
                .hasMessageContaining("closed");
    }

    @Test
    void statsTellHowItStands() {
        outbox.append(one("a"));
        now = START.plusSeconds(5);
        var last = outbox.append(one("b"));

        var stats = outbox.stats();
        assertThat(stats.lastN()).isEqualTo(2);
        assertThat(stats.lastIndex()).isEqualTo(last.index());
        assertThat(stats.visibleIndex()).isEqualTo(last.index());
        assertThat(stats.oldest()).contains(START);
        assertThat(stats.bytes()).isPositive();
    }

    @Nested
    class Reading {

        private final List<Appended> appended = new ArrayList<>();

        private void append(int documents) {
            for (int i = 0; i < documents; i++) {
                now = START.plusSeconds(i);
                appended.add(
                        outbox.append(List.of(one("a" + i).get(0), one("b" + i).get(0))));
            }
        }

        @Test
        void beginsAtAnyEntry() {
            append(10);
            var reader = outbox.newReader();

            reader.moveTo(appended.get(3).index(), 1);
            assertThat(reader.next()).isTrue();
            assertThat(reader.n()).isEqualTo(8);
            var position = reader.position();

            reader.moveToOldest();
            assertThat(numbers(reader)).hasSize(20).startsWith(1L, 2L);

            reader.moveAfter(position);
            assertThat(numbers(reader)).startsWith(9L).hasSize(12);
        }

        @Test
        void atTheEndSeesOnlyWhatComes() {
            append(3);
            var reader = outbox.newReader();

            reader.moveToEnd();

            assertThat(reader.next()).isFalse();
            outbox.append(one("c"));
            assertThat(numbers(reader)).containsExactly(7L);
        }

        @Test
        void atTheEndOfAnEmptyOutboxSeesTheFirst() {
            var reader = outbox.newReader();
            reader.moveToEnd();
            outbox.append(one("c"));
            assertThat(numbers(reader)).containsExactly(1L);
        }

        @Test
        void beginsAtATime() {
            append(20);
            assertThat(log.segments()).hasSizeGreaterThan(3);
            var reader = outbox.newReader();
            for (int i = 0; i < 20; i++) {
                reader.moveTo(START.plusSeconds(i).minusMillis(1));
                assertThat(reader.next()).isTrue();
                assertThat(reader.n()).isEqualTo(appended.get(i).firstN());
            }

            reader.moveTo(START.minusSeconds(9));
            assertThat(numbers(reader)).hasSize(40);

            reader.moveTo(START.plusSeconds(100));
            assertThat(reader.next()).isFalse();
            append(1);
            assertThat(numbers(reader)).containsExactly(41L, 42L);
        }

        @Test
        void s4_damagedEntryIsSkippedWithAnAlarmAndTheNextDelivered() {
            append(3);
            log.damage(appended.get(1).index());

            assertThat(numbers(outbox.newReader())).containsExactly(1L, 2L, 5L, 6L);
            assertThat(numbers(outbox.newReader())).containsExactly(1L, 2L, 5L, 6L);

            assertThat(alarms.told).containsExactly("damaged", "gap 3 5");
            assertThat(outbox.stats().damaged()).isEqualTo(1);
            assertThat(outbox.stats().gaps()).isEqualTo(1);
        }

        @Test
        void s14_entriesOfAnotherStoreAmongOursAreSkippedWithAnAlarm() {
            append(1);
            var other = new InMemoryEventLog();
            Outbox.over(other, new StoreId(7, 7), settings, new TestClock(), alarms)
                    .append(one("foreign"));
            var foreign = other.newReader();
            foreign.next();
            log.append(foreign.array(), foreign.offset(), foreign.length());
            append(1);

            assertThat(numbers(outbox.newReader())).containsExactly(1L, 2L, 3L, 4L);
            assertThat(alarms.told).containsExactly("damaged");
        }

        @Test
        void readerThatIsOvertakenByDeletionAlarms() {
            append(10);
            var reader = outbox.newReader();
            reader.next();
            log.dropBefore(appended.get(9).index());

            assertThat(numbers(reader)).doesNotContain(3L);
            assertThat(alarms.told).hasSize(1).allMatch(each -> each.startsWith("gap 3 "));
        }
    }

    @Nested
    class AfterReopening {

        @Test
        void s1_numbersGoOnWhereTheyStopped() {
            outbox.append(one("a"));
            outbox.append(List.of(one("b").get(0), one("c").get(0)));
            log = log.afterKill();

            outbox = open(settings);

            assertThat(outbox.lastN()).isEqualTo(3);
            assertThat(outbox.append(one("d")).firstN()).isEqualTo(4);
            assertThat(numbers(outbox.newReader())).containsExactly(1L, 2L, 3L, 4L);
            assertThat(alarms.told).isEmpty();
        }

        @Test
        void damagedTailIsReportedAtOnce() {
            outbox.append(one("a"));
            var last = outbox.append(one("b"));
            log.damage(last.index());
            log = log.afterKill();

            outbox = open(settings);

            assertThat(alarms.told).containsExactly("damaged");
            assertThat(outbox.lastN()).isEqualTo(1);
        }

        @Test
        void s14_foreignEntriesAreRefused() {
            outbox.append(one("a"));

            assertThatThrownBy(() -> Outbox.over(log, new StoreId(7, 7), settings, new TestClock(), alarms))
                    .isInstanceOf(OutboxException.class)
                    .hasMessageContaining(STORE.toString())
                    .hasMessageContaining(new StoreId(7, 7).toString());
        }
    }

    @Nested
    class Disk {

        @Test
        void s2_whatAppendReturnedSurvivesPowerLossAndInProcessItDoesNot() {
            outbox.append(one("lost"));
            assertThat(log.afterPowerLoss().lastIndex()).isEqualTo(EventLog.NONE);

            log = new InMemoryEventLog();
            outbox = open(settings.withDurability(Durability.DISK));
            var appended = outbox.append(one("kept"));
            assertThat(log.afterPowerLoss().lastIndex()).isEqualTo(appended.index());
        }

        @Test
        void s2_readersSeeOnlyWhatIsForced() {
            var forced = new ArrayList<Boolean>();
            var unforced = new Object() {
                OutboxReader reader;
            };
            var observed = new ForwardingEventLog(log) {
                @Override
                public void force() {
                    if (unforced.reader != null) {
                        forced.add(unforced.reader.next());
                    }
                    super.force();
                }
            };
            outbox = Outbox.over(observed, STORE, settings.withDurability(Durability.DISK), new TestClock(), alarms);
            unforced.reader = outbox.newReader();

            outbox.append(one("a"));

            assertThat(forced).containsExactly(false);
            assertThat(unforced.reader.next()).isTrue();
        }

        @Test
        void whatWasThereBeforeIsForcedAtOpenAndThenSeen() {
            outbox.append(one("a"));

            outbox = open(settings.withDurability(Durability.DISK));

            assertThat(log.forcedIndex()).isEqualTo(log.lastIndex());
            assertThat(outbox.newReader().next()).isTrue();
        }

        @Test
        void failedForceFailsTheAppend() {
            var broken = new ForwardingEventLog(log) {
                boolean fails;

                @Override
                public void force() {
                    if (fails) {
                        throw new OutboxException("drive gone");
                    }
                    super.force();
                }
            };
            outbox = Outbox.over(broken, STORE, settings.withDurability(Durability.DISK), new TestClock(), alarms);
            broken.fails = true;

            assertThat(outbox.failure()).isEmpty();
            assertThatThrownBy(() -> outbox.append(one("a"))).hasMessage("drive gone");
            assertThat(outbox.failure()).contains("drive gone");
            assertThat(outbox.newReader().next()).isFalse();
        }
    }

    @Nested
    class RetentionAndLimit {

        private Appended append(int documents) {
            Appended last = null;
            for (int i = 0; i < documents; i++) {
                last = outbox.append(one("x" + i, 100));
            }
            return last;
        }

        @Test
        void s26_acknowledgedEntriesStayForTheRetention() {
            append(20);
            int files = log.segments().size();

            assertThat(outbox.retain(Long.MAX_VALUE, START.plus(Duration.ofHours(23))))
                    .isZero();
            assertThat(outbox.retain(Long.MAX_VALUE, START.plus(Duration.ofHours(24))))
                    .isEqualTo(files - 1);
        }

        @Test
        void whatIsNeededStaysHoweverOldAndMuch() {
            outbox = open(settings.withRetention(Duration.ZERO, 0));
            append(10);
            var needed = append(1);
            append(10);

            outbox.retain(needed.index(), START.plus(Duration.ofDays(99)));

            var numbers = numbers(outbox.newReader(needed.index()));
            assertThat(numbers).startsWith(needed.firstN()).hasSize(11);
            assertThat(numbers(outbox.newReader())).hasSizeLessThan(21);
            assertThat(alarms.told).isEmpty();
        }

        @Test
        void tooMuchGoesBeforeItsTime() {
            outbox = open(settings.withRetention(Duration.ofHours(24), 1_000));
            append(20);

            outbox.retain(Long.MAX_VALUE, START);

            long kept =
                    log.segments().stream().mapToLong(EventLog.Segment::bytes).sum();
            assertThat(kept).isBetween(600L, 1_400L);
        }

        @Test
        void s24_limitOfUnshippedBytesRefusesAndShippingMakesRoom() {
            outbox = open(settings.withMaxBytes(2_000));
            Appended last = null;
            try {
                while (true) {
                    last = append(1);
                }
            } catch (OutboxFullException expected) {
                assertThat(expected).hasMessageContaining("2000");
            }
            assertThat(last.firstN()).isBetween(5L, 15L);
            assertThat(numbers(outbox.newReader())).hasSize((int) last.firstN());

            outbox.retain(last.index() + 1, START);

            assertThat(append(1).firstN()).isEqualTo(last.firstN() + 1);
        }
    }
}
