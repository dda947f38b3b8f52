package dev.syncline.runtime.internal.inbox;

import static dev.syncline.runtime.internal.inbox.Events.foreign;
import static dev.syncline.runtime.internal.inbox.Events.own;
import static dev.syncline.runtime.internal.inbox.Seen.CONFLICT;
import static dev.syncline.runtime.internal.inbox.Seen.DUPLICATE;
import static dev.syncline.runtime.internal.inbox.Seen.NEW;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.syncline.api.OutboxException;
import dev.syncline.runtime.internal.envelope.Envelope;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.zip.CRC32C;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class InboxTest {

    private static final InboxSettings SETTINGS = InboxSettings.defaults();

    @TempDir
    Path data;

    private Stage stage;
    private ShardedInbox inbox;

    @BeforeEach
    void open() {
        stage = new Stage(data);
        inbox = stage.inbox(SETTINGS);
    }

    private void done(Envelope... events) {
        for (var event : events) {
            inbox.mark(event);
        }
    }

    @Nested
    class OfForeignEvents {

        @Test
        void input45_theSameAgainIsADuplicate() {
            assertThat(inbox.check(foreign("a").arrives())).isEqualTo(NEW);
            assertThat(inbox.check(foreign("a").arrives())).as("not done yet").isEqualTo(NEW);
            done(foreign("a").arrives());

            assertThat(inbox.check(foreign("a").arrives())).isEqualTo(DUPLICATE);
            assertThat(inbox.check(foreign("b").arrives())).isEqualTo(NEW);
        }

        @Test
        void input46_theSameIdWithOtherContentsIsAConflictAndTheFirstStands() {
            done(foreign("a").arrives());

            for (var other : List.of(
                    foreign("a").data("{ }"),
                    foreign("a").data(null),
                    foreign("a").data(""),
                    foreign("a").with("type", "order.cancelled"),
                    foreign("a").with("entityversion", "2"),
                    foreign("a").with("origin", "elsewhere"))) {
                assertThat(inbox.check(other.arrives())).isEqualTo(CONFLICT);
                done(other.arrives());
            }
            assertThat(inbox.check(foreign("a").arrives())).isEqualTo(DUPLICATE);
        }

        @Test
        void whatAProducerMakesAnewAtEachSendingIsNoConflict() {
            done(foreign("a").with("time", "2026-03-01T00:00:00Z").arrives());

            assertThat(inbox.check(foreign("a")
                            .with("time", "2026-03-01T00:00:01Z")
                            .with("traceparent", "00-1")
                            .partition(3)
                            .arrives()))
                    .isEqualTo(DUPLICATE);
        }

        @Test
        void input46_aResultRepeatedAfterACrashIsADuplicateWhateverItSays() {
            done(foreign("a").with("causationid", "c").arrives());

            assertThat(inbox.check(
                            foreign("a").with("causationid", "c").data("7").arrives()))
                    .isEqualTo(DUPLICATE);
        }

        @Test
        void input47_theSameIdOfAnotherSourceIsAnotherEvent() {
            done(foreign("a").arrives());

            assertThat(inbox.check(foreign("a").with("source", "crm").arrives()))
                    .isEqualTo(NEW);
        }

        @ParameterizedTest
        @ValueSource(
                strings = {
                    "4f1d.17",
                    "0123456789abcdef000000000000002a",
                    "0123456789abcdef000000000000002a:",
                    "0123456789abcdef000000000000002a:0",
                    "0123456789abcdef000000000000002a:-1",
                    "0123456789abcdef000000000000002a:+1",
                    "0123456789abcdef000000000000002a:01",
                    "0123456789abcdef000000000000002a:9223372036854775808",
                    "0123456789abcdef000000000000002a:18446744073709551617",
                    "0123456789ABCDEF000000000000002A:1",
                    "0123456789abcdeg000000000000002a:1"
                })
        void whatIsNoNumberOfAnOutboxMakesNoEventOurs(String sequence) {
            done(foreign("a").with("outboxseq", sequence).arrives());

            assertThat(inbox.check(foreign("b").with("outboxseq", sequence).arrives()))
                    .isEqualTo(NEW);
            assertThat(inbox.check(foreign("a").with("outboxseq", sequence).arrives()))
                    .isEqualTo(DUPLICATE);
        }

        /** A fresh event that is taken for a duplicate is lost: there must be none. */
        @Test
        void s27_aMillionFreshIdsAreNew() {
            var random = new Random(27);
            for (int i = 0; i < 300_000; i++) {
                inbox.mark(foreign("id-" + i).key("k" + i % 5_000).arrives());
            }
            for (int i = 0; i < 1_000_000; i++) {
                var fresh =
                        foreign(Long.toHexString(random.nextLong()) + "-" + i).key("k" + i % 5_000);
                if (inbox.check(fresh.arrives()) != NEW) {
                    throw new AssertionError("fresh id taken for known: " + fresh.arrives());
                }
            }
        }
    }

    @Nested
    class OfOurOwnEvents {

        @Test
        void s6_orderWithRepeatsIsAppliedOnce() {
            var handled = new ArrayList<Long>();
            for (long n : new long[] {3, 8, 3, 8, 9, 8, 9, 12}) {
                var event = own(n).arrives();
                if (inbox.check(event) == NEW) {
                    handled.add(n);
                    done(event);
                }
            }
            assertThat(handled).containsExactly(3L, 8L, 9L, 12L);
        }

        @Test
        void anotherKeyOrOutboxHasNumbersOfItsOwn() {
            done(own(5).arrives(), own(100).arrives());

            assertThat(inbox.check(own(5).key("other").arrives())).isEqualTo(NEW);
            assertThat(inbox.check(own(5).with("outboxseq", "f" + Events.OUTBOX.substring(1) + ":5")
                            .arrives()))
                    .isEqualTo(NEW);
            assertThat(inbox.check(own(5).arrives())).isEqualTo(DUPLICATE);
        }

        @Test
        void s27_eventsWithoutAKeyHaveNoOrder() {
            for (long n = 1; n <= 2_000; n += 2) {
                done(own(n).key("").arrives());
            }
            for (long n = 1; n <= 2_000; n++) {
                assertThat(inbox.check(own(n).key("").partition(3).arrives())).isEqualTo(n % 2 == 0 ? NEW : DUPLICATE);
            }
        }

        @Test
        void aKeyTakesOneEntryHoweverManyEventsItHas() {
            for (long n = 1; n <= 10_000; n++) {
                done(own(n).arrives());
            }
            assertThat(inbox.idCount()).isZero();
            assertThat(inbox.check(own(10_000).arrives())).isEqualTo(DUPLICATE);
        }

        @Test
        void aResultThatAnotherInstancePublishedAgainIsADuplicate() {
            done(own(7).with("id", "derived").with("causationid", "c").arrives());

            var again = own(3).with("id", "derived")
                    .with("causationid", "c")
                    .with("outboxseq", "f" + Events.OUTBOX.substring(1) + ":3")
                    .data("another");
            assertThat(inbox.check(again.arrives())).isEqualTo(DUPLICATE);
        }

        @Test
        void s27_aLaterEventByAnotherPartitionLeavesTheBacklogNew() {
            done(own(4).partition(0).arrives(), own(9).partition(2).arrives());

            assertThat(inbox.check(own(5).partition(0).arrives())).isEqualTo(NEW);
            done(own(5).partition(0).arrives());
            assertThat(inbox.check(own(7).partition(0).arrives())).isEqualTo(NEW);
            done(own(7).partition(0).arrives());
            for (long n : new long[] {4, 5, 7}) {
                assertThat(inbox.check(own(n).partition(0).arrives())).isEqualTo(DUPLICATE);
            }
            assertThat(inbox.check(own(9).partition(2).arrives())).isEqualTo(DUPLICATE);
            assertThat(inbox.check(own(9).partition(0).arrives())).isEqualTo(DUPLICATE);
            assertThat(inbox.check(own(5).partition(2).arrives()))
                    .as("done by the other partition")
                    .isEqualTo(DUPLICATE);
            assertThat(inbox.check(own(8).partition(1).arrives())).isEqualTo(NEW);
        }

        @Test
        void ofTheEmbeddedBrokerTheLogGivesTheOrderWhateverThePartition() {
            inbox = stage.inbox("local", SETTINGS.orderedByLog());
            done(own(4).partition(0).arrives(), own(9).partition(2).arrives());

            assertThat(inbox.check(own(5).partition(1).arrives())).isEqualTo(DUPLICATE);
            assertThat(inbox.idCount()).isZero();
        }

        /** The relay sent 4 and 5 to the old partition, 6 to the new one, got no answer, and sent 4, 5, 6 to the new. */
        @Test
        void s27_whatIsBelowThePartitionsFirstIsNew() {
            done(own(6).partition(1).arrives());

            assertThat(inbox.check(own(4).partition(1).arrives())).isEqualTo(NEW);
            done(own(4).partition(1).arrives());
            assertThat(inbox.check(own(5).partition(1).arrives())).isEqualTo(NEW);
            assertThat(inbox.check(own(4).partition(1).arrives())).isEqualTo(DUPLICATE);
            assertThat(inbox.check(own(6).partition(1).arrives())).isEqualTo(DUPLICATE);
            assertThat(inbox.check(own(4).partition(0).arrives())).isEqualTo(DUPLICATE);
            assertThat(inbox.check(own(5).partition(0).arrives())).isEqualTo(NEW);
        }
    }

    @Nested
    class Horizon {

        private final InboxSettings small = SETTINGS.withIds(40_000, Duration.ofDays(7));

        @Test
        void s27_whatIsPromisedIsKept() {
            inbox = stage.inbox("small", small);
            for (int i = 0; i < 40_000; i++) {
                done(foreign("id-" + i).key("k" + i % 9_000).arrives());
                stage.pass(Duration.ofSeconds(1));
            }
            assertThat(inbox.horizon()).isEqualTo(Duration.ofDays(7));
            for (int i = 0; i < 40_000; i++) {
                assertThat(inbox.check(foreign("id-" + i).key("k" + i % 9_000).arrives()))
                        .isEqualTo(DUPLICATE);
            }
        }

        @Test
        void s27_beyondCapacityTheOldestGoAndTheHorizonSaysSo() {
            inbox = stage.inbox("small", small);
            int count = 200_000;
            for (int i = 0; i < count; i++) {
                done(foreign("id-" + i).key("k" + i % 9_000).arrives());
                stage.pass(Duration.ofSeconds(1));
            }
            var horizon = inbox.horizon();
            assertThat(horizon).isBetween(Duration.ofSeconds(40_000), Duration.ofSeconds(120_000));
            assertThat(inbox.idBytes()).isLessThanOrEqualTo(64L * 40_000 + 256 * 4096);
            int known = 0;
            for (int i = 0; i < count; i++) {
                boolean isKnown =
                        inbox.check(foreign("id-" + i).key("k" + i % 9_000).arrives()) == DUPLICATE;
                known += isKnown ? 1 : 0;
                if (count - i < horizon.toSeconds()) {
                    assertThat(isKnown).isTrue();
                }
            }
            assertThat(known).isBetween(40_000, 100_000);
            assertThat(stage.inbox("small", small).horizon()).as("reopened").isEqualTo(horizon);

            stage.pass(Duration.ofDays(1));
            assertThat(inbox.horizon()).as("grows back as time passes").isEqualTo(horizon.plusDays(1));
            stage.pass(Duration.ofDays(30));
            assertThat(inbox.horizon()).isEqualTo(Duration.ofDays(7));
        }

        @Test
        void s27_beyondItsTimeAnIdTakesNoSpace() {
            var week = SETTINGS.withIds(10_000_000, Duration.ofDays(7));
            inbox = stage.inbox("week", week);
            long bytes = 0;
            for (int day = 0; day < 70; day++) {
                for (int i = 0; i < 2_000; i++) {
                    done(foreign("id-" + day + "-" + i).arrives());
                }
                if (day >= 6) {
                    assertThat(inbox.check(foreign("id-" + (day - 6) + "-7").arrives()))
                            .isEqualTo(DUPLICATE);
                }
                if (day == 20) {
                    bytes = inbox.idBytes();
                }
                stage.pass(Duration.ofDays(1));
            }
            assertThat(inbox.idBytes()).isLessThanOrEqualTo(2 * bytes);
            assertThat(inbox.check(foreign("id-0-7").arrives())).isEqualTo(NEW);
            assertThat(inbox.horizon()).isEqualTo(Duration.ofDays(7));
        }

        /** The wall clock is asked at the beginning only; from then on the monotonic one counts. */
        @Test
        void s25_aClockThatJumpsForgetsNothing() {
            Instant[] wall = {Instant.parse("2026-03-01T00:00:00Z")};
            InstantSource jumping = () -> wall[0];
            inbox = ShardedInbox.open(stage.directory, "jump", SETTINGS, jumping, () -> 0, stage.listener);
            for (int i = 0; i < 3_000; i++) {
                done(foreign("id-" + i).arrives());
                wall[0] = wall[0].plus(Duration.ofDays(i % 2 == 0 ? -31 : 30));
            }
            for (int i = 0; i < 3_000; i++) {
                assertThat(inbox.check(foreign("id-" + i).arrives())).isEqualTo(DUPLICATE);
            }
        }
    }

    @Nested
    class OnDisk {

        @Test
        void knowsAllOfItAfterReopening() {
            for (int i = 0; i < 500; i++) {
                done(
                        foreign("f" + i).key("k" + i).arrives(),
                        own(i + 1).key("k" + i).arrives(),
                        own(10_000 + i).key("").arrives());
            }
            inbox.close();
            inbox = stage.inbox(SETTINGS);
            for (int i = 0; i < 500; i++) {
                assertThat(inbox.check(foreign("f" + i).key("k" + i).arrives())).isEqualTo(DUPLICATE);
                assertThat(inbox.check(own(i + 1).key("k" + i).arrives())).isEqualTo(DUPLICATE);
                assertThat(inbox.check(own(10_000 + i).key("").arrives())).isEqualTo(DUPLICATE);
            }
            assertThat(stage.alarms).isEmpty();
        }

        @Test
        void handlersDoNotShareWhatTheyKnow() {
            done(foreign("a").arrives());

            assertThat(stage.inbox("billing", SETTINGS).check(foreign("a").arrives()))
                    .isEqualTo(NEW);
        }

        @Test
        void forgetsAHandlerAndNamesTheOthers() throws IOException {
            assertThat(stage.directory.handlers()).isEmpty();
            done(foreign("a").arrives());
            stage.inbox("billing", SETTINGS).mark(foreign("a").arrives());
            assertThat(stage.directory.handlers()).containsExactly("billing", "shop");
            inbox.close();
            // a deletion that was cut short
            Files.createDirectories(data.resolve("inbox/shop.forgotten/rest"));
            assertThat(stage.directory.handlers()).containsExactly("billing", "shop");

            stage.directory.forget("shop");
            stage.directory.forget("unknown");

            assertThat(stage.directory.handlers()).containsExactly("billing");
            assertThat(data.resolve("inbox")).isDirectoryNotContaining("glob:**forgotten");
            assertThat(stage.inbox(SETTINGS).check(foreign("a").arrives())).isEqualTo(NEW);
        }

        @Test
        void s28_aNewerReleasesFilesStopTheOpening() throws IOException {
            done(foreign("a").arrives());
            try (var files = Files.list(data.resolve("inbox/shop"))) {
                var file = files.findFirst().orElseThrow();
                var bytes = Files.readAllBytes(file);
                bytes[8] = 9;
                var crc = new CRC32C();
                crc.update(bytes, 0, 40);
                ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).putLong(40, crc.getValue());
                Files.write(file, bytes);
            }

            assertThatThrownBy(() -> stage.inbox(SETTINGS))
                    .isInstanceOf(OutboxException.class)
                    .hasMessageContaining("version 9");
        }

        /** The page of the key's first number was not written, that of its highest was. */
        @Test
        void s6_afterAPowerFailureTookTheFirstNumberWhatIsAppliedFromThenOnIsKnown() throws IOException {
            done(own(4).partition(3).arrives(), own(9).partition(3).arrives());
            inbox.close();
            slot(4, FIRST).write(new byte[32]);
            inbox = stage.inbox(SETTINGS);
            assertThat(inbox.check(own(4).partition(3).arrives()))
                    .as("for want of the first number")
                    .isEqualTo(NEW);

            done(own(12).partition(3).arrives(), own(15).partition(3).arrives());
            inbox.close();
            inbox = stage.inbox(SETTINGS);

            assertThat(inbox.check(own(12).partition(3).arrives())).isEqualTo(DUPLICATE);
            assertThat(inbox.check(own(15).partition(3).arrives())).isEqualTo(DUPLICATE);
            assertThat(inbox.check(own(11).partition(3).arrives()))
                    .as("below the first")
                    .isEqualTo(NEW);
        }

        /** Of the entries of later, the page of the first number was written, that of the highest was not. */
        @Test
        void s6_afterAPowerFailureLeftAFirstNumberAboveTheHighestWhatIsAppliedFromThenOnIsKnown() throws IOException {
            done(own(4).partition(3).arrives());
            inbox.close();
            var highest = slot(4, 3).read();
            slot(4, FIRST).write(new byte[32]);
            inbox = stage.inbox(SETTINGS);
            done(own(9).partition(3).arrives());
            inbox.close();
            slot(9, 3).write(highest);
            inbox = stage.inbox(SETTINGS);

            done(own(5).partition(3).arrives(), own(9).partition(3).arrives());

            assertThat(inbox.check(own(5).partition(3).arrives())).isEqualTo(DUPLICATE);
            assertThat(inbox.check(own(9).partition(3).arrives())).isEqualTo(DUPLICATE);
        }

        /** The entry of a key's first number is of no partition, that of its highest is. */
        private static final int FIRST = 0;

        private Slot slot(long n, int partition) throws IOException {
            try (var files = Files.newDirectoryStream(data.resolve("inbox/shop"), "sequence*")) {
                for (var file : files) {
                    var bytes = ByteBuffer.wrap(Files.readAllBytes(file)).order(ByteOrder.LITTLE_ENDIAN);
                    for (int slot = 4096; slot < bytes.capacity(); slot += 32) {
                        if (bytes.getLong(slot + 8) == n && bytes.getInt(slot + 24) == partition) {
                            return new Slot(file, slot);
                        }
                    }
                }
            }
            throw new AssertionError("no entry of " + n);
        }

        private record Slot(Path file, int at) {

            byte[] read() throws IOException {
                return Arrays.copyOfRange(Files.readAllBytes(file), at, at + 32);
            }

            void write(byte[] entry) throws IOException {
                var bytes = Files.readAllBytes(file);
                System.arraycopy(entry, 0, bytes, at, entry.length);
                Files.write(file, bytes);
            }
        }

        @Test
        void isNotUsedAfterItsEnd() {
            inbox.close();
            inbox.close();

            assertThatThrownBy(() -> inbox.check(foreign("a").arrives())).isInstanceOf(IllegalStateException.class);
        }
    }

    @Test
    void answersListsInTheirOrder() {
        InboxStore store = inbox;
        var events = List.of(
                foreign("a").arrives(), foreign("b").arrives(), foreign("c").arrives());
        store.mark(List.of(events.get(1)), new InboxStore.Marked() {
            @Override
            public void onMarked(List<Envelope> marked) {
                store.check(events, new InboxStore.Checked() {
                    @Override
                    public void onChecked(List<Envelope> checked, List<Seen> seen) {
                        assertThat(checked).isSameAs(events);
                        assertThat(seen).containsExactly(NEW, DUPLICATE, NEW);
                        stage.alarms.add("answered");
                    }

                    @Override
                    public void onFailure(List<Envelope> checked, Exception why) {
                        throw new AssertionError(why);
                    }
                });
            }

            @Override
            public void onFailure(List<Envelope> marked, Exception why) {
                throw new AssertionError(why);
            }
        });
        assertThat(stage.alarms).containsExactly("answered");
    }

    @Test
    void onTheHeapKeepsTheSameRules() {
        inbox = stage.inMemoryInbox(SETTINGS.withIds(256 * 4, Duration.ofDays(7)));
        for (int i = 0; i < 10; i++) {
            done(foreign("a" + i).arrives());
        }
        done(own(4).partition(0).arrives(), own(9).partition(2).arrives());

        assertThat(inbox.check(foreign("a0").arrives())).as("pushed out").isEqualTo(NEW);
        assertThat(inbox.check(foreign("a9").arrives())).isEqualTo(DUPLICATE);
        assertThat(inbox.check(foreign("a9").data("x").arrives())).isEqualTo(CONFLICT);
        assertThat(inbox.check(own(5).partition(0).arrives())).isEqualTo(NEW);
        assertThat(inbox.check(own(9).partition(2).arrives())).isEqualTo(DUPLICATE);
        assertThat(inbox.horizon()).isZero();
    }
}
