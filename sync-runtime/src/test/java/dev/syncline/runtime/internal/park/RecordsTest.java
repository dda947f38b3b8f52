package dev.syncline.runtime.internal.park;

import static dev.syncline.runtime.internal.park.ParkRig.NOW;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.syncline.api.Delivery;
import dev.syncline.api.OutboxException;
import dev.syncline.runtime.internal.envelope.Envelope;
import dev.syncline.spi.Bytes;
import dev.syncline.spi.Defect;
import dev.syncline.spi.Defect.RawHeader;
import dev.syncline.spi.Message;
import dev.syncline.spi.Position;
import dev.syncline.spi.Received;
import dev.syncline.spi.TopicPartition;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What is on the disk: everything that was parked, and nothing that is not understood. */
class RecordsTest {

    private final ParkRig rig = new ParkRig();

    private ParkedEvent parkedAndRead(Envelope event) {
        rig.park(event);
        rig.losePower();
        return rig.store.readHead(rig.store.find(event));
    }

    @Test
    void letterComesBackAsTheAdapterHandedItOver() {
        var event = Events.event(
                "sku-1 ключ 🔑", "id-1", "{\"a\":1}", Map.of("extension", "ünknown", "mode", "replay", "empty", "x"));

        var back = parkedAndRead(event);

        assertThat(back.received()).isEqualTo(event.received());
        assertThat(back.envelope(Events.READER, false)).isEqualTo(event);
        assertThat(back.mode()).isEqualTo(Delivery.Mode.REPLAY);
        assertThat(back.parkedAt()).isEqualTo(Instant.ofEpochMilli(NOW));
    }

    @Test
    void redrivenLetterSaysSoAndIsOtherwiseTheSame() {
        var event = Events.event("k", "1");

        var redriven = parkedAndRead(event).envelope(Events.READER, true);

        assertThat(redriven.mode()).isEqualTo(Delivery.Mode.REDRIVE);
        assertThat(redriven.received()).isEqualTo(event.received());
        assertThat(redriven.firstSeen()).isEqualTo(event.firstSeen());
    }

    @Test
    void absentDataIsNotEmptyData() {
        var absent = parkedAndRead(Events.event("absent", "1", null, Map.of()));
        var empty = parkedAndRead(Events.event("empty", "2", "", Map.of()));

        assertThat(absent.received().message().data()).isNull();
        assertThat(empty.received().message().data()).isEqualTo(Bytes.empty());
    }

    @Test
    void messageThatCannotBeDecodedIsKeptByteForByte() {
        var raw = new Defect(
                "invalid.utf8",
                "header ce_id",
                List.of(
                        new RawHeader("ce_id", Bytes.wrap(new byte[] {(byte) 0xc3, 0x28})),
                        new RawHeader("ce_id", Bytes.empty())));
        var message = new Message(Events.TOPIC, "", Map.of(), Map.of(), Bytes.wrap(new byte[] {0, -1, 2}));
        var received =
                new Received(new TopicPartition(Events.TOPIC, 5), new Position(-1, -2), message, Instant.EPOCH, raw);

        var back = parkedAndRead(Events.READER.read(received));

        assertThat(back.received()).isEqualTo(received);
        assertThat(back.key()).isEmpty();
    }

    @Test
    void halfASurrogatePairSurvives() {
        var half = "half \ud83d of a pair";
        var message = new Message(Events.TOPIC, half, Map.of("id", half, "source", ""), Map.of(half, half), null);

        var event = Events.read(message, 1, 7);
        var back = parkedAndRead(event);

        assertThat(back.received()).isEqualTo(event.received());
        assertThat(rig.store.find(event).key()).isEqualTo(half);
    }

    @Test
    void structuredDocumentStaysADocumentUnderTheKeyInIt() {
        var document =
                "{\"specversion\":\"1.0\",\"id\":\"i\",\"source\":\"/s\",\"type\":\"a.b.c\",\"partitionkey\":\"inner\"}";
        var event = Events.read(
                new Message(
                        Events.TOPIC,
                        "",
                        Map.of("datacontenttype", "application/cloudevents+json"),
                        Map.of(),
                        Bytes.utf8(document)),
                1,
                7);

        var back = parkedAndRead(event);

        assertThat(rig.key("inner").size()).isEqualTo(1);
        assertThat(back.received().message().data()).isEqualTo(Bytes.utf8(document));
        assertThat(back.type()).isEqualTo("a.b.c");
        assertThat(back.id()).isEqualTo("i");
    }

    @Test
    void s15_stateOfAHeadSurvivesInAllItsParts() {
        var key = rig.park(Events.event("k", "1")).key();
        var state = HeadState.FRESH
                .failed(4, "handler.failed", "first\n", NOW, 1_000)
                .failed(5, "handler.failed", "line\nbreak " + "x".repeat(300), NOW + 1_000, 5_000)
                .redriven(NOW + 2_000)
                .dead(1, "no.mapper", "gone", NOW + 3_000);
        rig.store.force(rig.store.record(key, state));

        rig.losePower();

        assertThat(rig.key("k").state()).isEqualTo(state);
        assertThat(state.firstFailureMillis()).isEqualTo(NOW);
        assertThat(state.redrives()).isEqualTo(1);
    }

    @Test
    void detailIsHarmlessAndShort() {
        var state = HeadState.FRESH.failed(1, "c", "\u0000\n\u202e".repeat(1_000), NOW, 1);

        assertThat(state.detail()).hasSizeLessThanOrEqualTo(257).matches("[\\x20-\\x7e]*…");
    }

    @ParameterizedTest
    @CsvSource({"0, 2, format 2", "1, 9, kind 9", "1, 0, kind 0", "18, 4, way to close 4"})
    void s28_recordOfANewerReleaseIsRefusedAndLeftAsItIs(int at, byte value, String what) {
        rig.park(Events.event("k", "1"));
        rig.store.closeHead(rig.key("k"), Closing.DONE, NOW);
        var record = lastRecord();
        record[at] = value;
        rig.disk.append(record, 0, record.length);
        var newer = rig.disk.afterKill();

        assertThatThrownBy(() -> rig.over(newer))
                .isInstanceOf(OutboxException.class)
                .hasMessageContainingAll("entry " + newer.lastIndex() + " of the park store", what, "newer");
        assertThat(newer.lastIndex()).isEqualTo(rig.disk.lastIndex());
    }

    @Test
    void s28_letterOfAModeOfANewerReleaseIsRefused() {
        rig.park(Events.event("k", "1"));
        var record = lastRecord();
        record[RecordLayout.LETTER_MODE] = 4;
        rig.disk.append(record, 0, record.length);

        assertThatThrownBy(rig::kill).isInstanceOf(OutboxException.class).hasMessageContaining("of mode 4, unknown");
    }

    @Test
    void s4_filesOfAnotherStoreAreRefused() {
        rig.park(Events.event("k", "1"));
        var record = lastRecord();
        record[RecordLayout.AT_STORE]++;
        rig.disk.append(record, 0, record.length);

        assertThatThrownBy(rig::kill)
                .isInstanceOf(OutboxException.class)
                .hasMessageContaining("copied here from elsewhere");
    }

    @Test
    void emptyEntryIsRefusedWithoutAFault() {
        rig.disk.append(new byte[0], 0, 0);

        assertThatThrownBy(rig::kill).isInstanceOf(OutboxException.class).hasMessageContaining("format none");
    }

    private byte[] lastRecord() {
        try (var reader = rig.disk.newReader()) {
            reader.moveTo(rig.disk.lastIndex());
            reader.next();
            return reader.array().clone();
        }
    }
}
