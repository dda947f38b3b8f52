package dev.syncline.runtime.internal.inbox;

import static dev.syncline.runtime.internal.inbox.Events.foreign;
import static dev.syncline.runtime.internal.inbox.Events.own;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.syncline.api.EventType.Kind;
import dev.syncline.api.OutboxException;
import dev.syncline.runtime.Durability;
import dev.syncline.runtime.internal.dispatch.Applied.Answer;
import dev.syncline.runtime.internal.envelope.Envelope;
import dev.syncline.runtime.internal.log.InMemoryEventLog;
import dev.syncline.runtime.internal.log.StoreId;
import dev.syncline.runtime.internal.outbox.Outbox;
import dev.syncline.runtime.internal.outbox.OutboxAlarms;
import dev.syncline.runtime.internal.outbox.OutboxSettings;
import dev.syncline.runtime.internal.outbox.Outgoing;
import dev.syncline.runtime.internal.table.Table;
import dev.syncline.runtime.internal.table.TableAlarms;
import dev.syncline.runtime.internal.table.TableUse;
import dev.syncline.spi.Bytes;
import dev.syncline.spi.Message;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A mark lies in one document with the results of its event; what a crash leaves out of the tables is put in at the start. */
class MarksTest {

    private static final String FLOW = "shop/default";

    private Durability durability = Durability.PROCESS;
    private InMemoryEventLog log = new InMemoryEventLog();

    /** The tables that are there at the next start. */
    private final Stage stage = new Stage(Path.of("unused"));

    private ShardedInbox inbox = stage.inMemoryInbox(InboxSettings.defaults());
    private ShardedGuard guard = stage.inMemoryGuard();
    private final Kept kept = new Kept();
    private Outbox outbox;
    private Marks marks;
    private EmbeddedApplied shop;

    MarksTest() {
        start();
    }

    private void start() {
        outbox = Outbox.over(
                log,
                new StoreId(1, 2),
                OutboxSettings.defaults().withDurability(durability),
                InstantSource.system(),
                new NoAlarms());
        marks = new Marks(outbox, kept);
        shop = new EmbeddedApplied("shop", FLOW, inbox, guard, marks.open());
        marks.redo(Map.of(FLOW, shop));
    }

    private void crash() {
        log = log.afterKill();
        start();
    }

    private void document(Envelope... events) {
        var marking = shop.marking(event -> Kind.STATE);
        var of = new ArrayList<byte[]>();
        for (var event : events) {
            of.add(marking.mark(event));
        }
        outbox.append(List.of(result()), of);
    }

    private static Outgoing result() {
        return new Outgoing("default", new Message("results", "r", Map.of("id", "1"), Map.of(), Bytes.utf8("{}")));
    }

    private Answer ask(Envelope event) {
        return shop.ask(event, Kind.STATE);
    }

    @Nested
    class ACrash {

        @Test
        void s6_beforeTheDocumentTheEventIsNew() {
            shop.marking(event -> Kind.STATE).mark(own(1).arrives());

            crash();

            assertThat(ask(own(1).arrives())).isEqualTo(Answer.APPLY);
        }

        @Test
        void s6_betweenDocumentAndTablesTheEventIsKnownByItsMark() {
            document(own(1).with("entityversion", "5").arrives());

            crash();

            assertThat(ask(own(1).with("entityversion", "5").arrives())).isEqualTo(Answer.DUPLICATE);
            assertThat(ask(own(2).with("entityversion", "4").arrives()))
                    .as("the guard knows, too")
                    .isEqualTo(Answer.STALE);
            assertThat(ask(own(2).with("entityversion", "6").arrives())).isEqualTo(Answer.APPLY);
        }

        @Test
        void s6_ofABatchEachIsKnown() {
            document(own(1).key("a").arrives(), own(2).key("b").arrives());

            crash();

            assertThat(ask(own(1).key("a").arrives())).isEqualTo(Answer.DUPLICATE);
            assertThat(ask(own(2).key("b").arrives())).isEqualTo(Answer.DUPLICATE);
            assertThat(ask(own(3).key("c").arrives())).isEqualTo(Answer.APPLY);
        }

        @Test
        void s6_afterTheTablesNothingIsToBeDone() {
            var event = own(1).arrives();
            document(event);
            shop.done(event, Kind.STATE);

            crash();

            assertThat(ask(own(1).arrives())).isEqualTo(Answer.DUPLICATE);
            assertThat(ask(own(2).arrives())).isEqualTo(Answer.APPLY);
        }

        @Test
        void s2_overAPowerFailureItCountsAsTheResultsDo() {
            document(own(1).arrives()); // under PROCESS: not forced
            log = log.afterPowerLoss();
            durability = Durability.DISK;
            start();
            assertThat(ask(own(1).arrives())).isEqualTo(Answer.APPLY);
            document(own(1).arrives()); // returns after its force

            log = log.afterPowerLoss();
            start();

            assertThat(ask(own(1).arrives())).isEqualTo(Answer.DUPLICATE);
        }
    }

    @Nested
    class AForeignEvent {

        @Test
        void s27_input46_isToldFromAnotherUnderItsIdAsIfTheTablesHadKnownIt() {
            document(foreign("f1").data("{\"a\":1}").arrives());

            crash();

            assertThat(ask(foreign("f1").data("{\"a\":1}").arrives())).isEqualTo(Answer.DUPLICATE);
            assertThat(ask(foreign("f1").data("{\"a\":2}").arrives())).isEqualTo(Answer.CONFLICT);
        }

        @Test
        void s27_aResultRepeatedAfterACrashIsNeverInConflict() {
            document(foreign("f1").with("causationid", "c").data("{\"a\":1}").arrives());

            crash();

            assertThat(ask(foreign("f1")
                            .with("causationid", "c")
                            .data("{\"a\":2}")
                            .arrives()))
                    .isEqualTo(Answer.DUPLICATE);
        }

        /** Its digest belongs to a table that is gone: to call its repeat a conflict would be wrong. */
        @Test
        void s27_ofATableThatIsNotThereAnyMoreIsNewAgain(@TempDir Path one, @TempDir Path other) {
            inbox = new Stage(one).inbox(InboxSettings.defaults());
            crash();
            document(foreign("f1").arrives(), own(1).arrives());
            inbox = new Stage(other).inbox(InboxSettings.defaults());

            crash();

            assertThat(ask(foreign("f1").arrives())).isEqualTo(Answer.APPLY);
            assertThat(ask(own(1).arrives())).isEqualTo(Answer.DUPLICATE);
        }
    }

    @Nested
    class WhatIsRead {

        @Test
        void beginsWhereTheTablesLackNothing() {
            var first = own(1).arrives();
            document(first);
            shop.done(first, Kind.STATE);
            marks.save();
            document(own(2).arrives());
            inbox = stage.inMemoryInbox(InboxSettings.defaults()); // so that one sees what is read

            crash();

            assertThat(ask(own(1).arrives())).isEqualTo(Answer.APPLY);
            assertThat(ask(own(2).arrives())).isEqualTo(Answer.DUPLICATE);
        }

        @Test
        void s6_neverPassesWhatIsOnItsWay() {
            var slow = own(1).key("slow").arrives();
            document(slow);
            for (int n = 2; n < 10; n++) {
                var quick = own(n).arrives();
                document(quick);
                shop.done(quick, Kind.STATE);
            }
            marks.save();

            crash();

            assertThat(ask(own(1).key("slow").arrives())).isEqualTo(Answer.DUPLICATE);
        }

        @Test
        void isNotHeldUpByAMarkThatWasNotStored() {
            var event = own(1).arrives();
            var marking = shop.marking(any -> Kind.STATE);
            marking.mark(event);
            document(own(2).key("b").arrives());
            marking.unmark(event);

            assertThat(marks.open().completeUpTo()).isEqualTo(-1);
            outbox.append(List.of(result()));
            assertThat(marks.open().completeUpTo())
                    .as("the other is on its way")
                    .isEqualTo(-1);
        }

        @Test
        void isAllOfItIfTheOutboxEndsBeforeThat() {
            kept.progress = new MarkProgress(1_000_000, Map.of());
            document(own(1).arrives());

            crash();

            assertThat(ask(own(1).arrives())).isEqualTo(Answer.DUPLICATE);
        }

        @Test
        void saysNothingOfAHandlerThatWasForgotten() {
            document(own(1).arrives());
            marks.forget("shop");
            document(own(2).key("b").arrives());

            crash();

            assertThat(ask(own(1).arrives())).isEqualTo(Answer.APPLY);
            assertThat(ask(own(2).key("b").arrives())).isEqualTo(Answer.DUPLICATE);
        }

        @Test
        void saysNothingOfAHandlerThatIsNotThere() {
            document(own(1).arrives());
            log = log.afterKill();
            var again = Outbox.over(
                    log, new StoreId(1, 2), OutboxSettings.defaults(), InstantSource.system(), new NoAlarms());

            new Marks(again, kept).redo(Map.of());

            assertThat(kept.progress.complete()).isEqualTo(again.lastIndex());
        }
    }

    @Nested
    class OnTheDisk {

        /** Written by the first release that wrote any. */
        private static final String GOLDEN =
                "0102ab0000000300000000000000070000000000000009" // version, kind, shard, partition, digest, table
                        + "0000000c73686f702f64656661756c74" // shop/default
                        + "000000066f7264657273" // orders
                        + "000000016b" // k
                        + "0000000473686f70" // shop
                        + "00000005c3a92d3137" // é-17
                        + "00000023303132333435363738396162636465663030303030303030303030303030326"
                        + "13a3137" // outboxseq
                        + "0000000134" // entity version 4
                        + "00000003657270" // erp
                        + "00000000"; // no cause

        @Test
        void s28_aMarkIsReadByteForByte() {
            var mark = AppliedMark.decode(HexFormat.of().parseHex(GOLDEN));

            assertThat(mark.flow()).isEqualTo(FLOW);
            assertThat(mark.kind()).isEqualTo(Kind.DELETE);
            assertThat(mark.digest()).isEqualTo(7);
            assertThat(mark.table()).isEqualTo(9);
            var event = mark.event();
            assertThat(event.shard()).isEqualTo(0xab);
            assertThat(event.received().partition().topic()).isEqualTo("orders");
            assertThat(event.received().partition().partition()).isEqualTo(3);
            assertThat(event.key()).isEqualTo("k");
            assertThat(event.source()).isEqualTo("shop");
            assertThat(event.id()).isEqualTo("é-17");
            assertThat(event.message().attributes())
                    .isEqualTo(Map.of("outboxseq", Events.OUTBOX + ":17", "entityversion", "4", "origin", "erp"));
            assertThat(HexFormat.of().formatHex(mark.encoded())).isEqualTo(GOLDEN);
        }

        @Test
        void s28_aMarkOfANewerReleaseIsRefused() {
            assertThatThrownBy(() -> AppliedMark.decode(new byte[] {2}))
                    .isInstanceOf(OutboxException.class)
                    .hasMessageContaining("newer release");
        }

        @Test
        void s28_howFarTheTablesAreCountsInTheSameRunOfTheMachineOnly(@TempDir Path directory) throws Exception {
            var file = directory.resolve("outbox.marks");
            new MarkFile(file, "boot-1").save(new MarkProgress(17, Map.of("old", 4L)));

            assertThat(Files.readString(file))
                    .isEqualTo("syncline-marks 1\nboot boot-1\ncomplete 17\nforgotten 4 old\n");
            assertThat(new MarkFile(file, "boot-1").load()).isEqualTo(new MarkProgress(17, Map.of("old", 4L)));
            assertThat(new MarkFile(file, "boot-2").load())
                    .isEqualTo(new MarkProgress(MarkProgress.NOTHING, Map.of("old", 4L)));
            Files.writeString(file, "syncline-marks x\n");
            assertThat(new MarkFile(file, "boot-1").load()).isEqualTo(MarkProgress.NONE);
            Files.writeString(file, "syncline-marks 2\n");
            assertThatThrownBy(() -> new MarkFile(file, "boot-1").load())
                    .as("it would be replaced, and with it what only the newer release knows")
                    .isInstanceOf(OutboxException.class)
                    .hasMessageContaining("version 2");
        }
    }

    /** Tables in which nothing is but how far they are. */
    private static final class Kept implements InboxTables {

        private MarkProgress progress = MarkProgress.NONE;

        @Override
        public MarkProgress progress() {
            return progress;
        }

        @Override
        public void save(MarkProgress saved) {
            progress = saved;
        }

        @Override
        public List<String> handlers() {
            return List.of();
        }

        @Override
        public void forget(String handler) {
            throw new UnsupportedOperationException();
        }

        @Override
        public Table[] open(String name, TableUse use, TableAlarms alarms) {
            throw new UnsupportedOperationException();
        }
    }

    private static final class NoAlarms implements OutboxAlarms {

        @Override
        public void onDamaged(long index, String why) {
            throw new AssertionError(why);
        }

        @Override
        public void onGap(long expectedN, long foundN, long index) {}
    }
}
