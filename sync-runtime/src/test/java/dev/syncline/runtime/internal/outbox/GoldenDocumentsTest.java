package dev.syncline.runtime.internal.outbox;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.syncline.api.OutboxException;
import dev.syncline.runtime.internal.log.InMemoryEventLog;
import dev.syncline.runtime.internal.log.StoreId;
import dev.syncline.spi.Bytes;
import dev.syncline.spi.Message;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Documents of the outbox as they lie on disks, of each format that was ever written. */
class GoldenDocumentsTest {

    private static final StoreId STORE = new StoreId(0x0123456789abcdefL, 42);

    private static final String REST_OF_HEAD = "0123456789abcdef000000000000002a" // store
            + "0000000000000001" // first n
            + "00000000000019ab"; // appended at

    private static final String ENTRY = "0000003401ca" // size, kind, shard
            + "0764656661756c74" // default
            + "0f636174616c6f672e70726f64756374" // catalog.product
            + "03412d31"
            + "010269640437663363" // id: 7f3c
            + "01016802c3a9" // h: é
            + "037b7d"; // {}

    /** Since the first release. */
    private static final String WITHOUT_MARKS = "01000001" + REST_OF_HEAD + ENTRY;

    /** Two marks, of one byte and of two. */
    private static final String WITH_MARKS = "02000001" + REST_OF_HEAD + "0000000a020107020809" + ENTRY;

    private static final StoreId OUTBOX = new StoreId(0x0fedcba987654321L, 43);

    private static final String OUTBOX_ID = "0fedcba987654321000000000000002b";

    /** Of an outbox that was put back from a backup: an id of its own, and no marks, or one. */
    private static final String UNDER_ANOTHER_ID = "03000001" + REST_OF_HEAD + OUTBOX_ID + "0000000500" + ENTRY;

    private static final String UNDER_ANOTHER_ID_WITH_A_MARK =
            "03000001" + REST_OF_HEAD + OUTBOX_ID + "00000007010107" + ENTRY;

    private final InMemoryEventLog log = new InMemoryEventLog();

    private Outbox open() {
        return Outbox.over(
                log,
                STORE,
                OutboxSettings.defaults(),
                InstantSource.fixed(Instant.ofEpochMilli(0x19ab)),
                new RecordingAlarms());
    }

    private static Message message() {
        return new Message("catalog.product", "A-1", Map.of("id", "7f3c"), Map.of("h", "é"), Bytes.utf8("{}"));
    }

    private String stored() {
        try (var reader = log.newReader()) {
            reader.next();
            return HexFormat.of().formatHex(reader.array(), reader.offset(), reader.offset() + reader.length());
        }
    }

    @Test
    void s28_aDocumentWithoutMarksIsWrittenAsEver() {
        open().append(List.of(new Outgoing("default", message())));

        assertThat(stored()).isEqualTo(WITHOUT_MARKS);
    }

    @Test
    void s28_aDocumentWithMarksSaysSo() {
        open().append(List.of(new Outgoing("default", message())), List.of(new byte[] {7}, new byte[] {8, 9}));

        assertThat(stored()).isEqualTo(WITH_MARKS);
    }

    private Outbox openUnderAnotherId() {
        return new Outbox(
                log,
                STORE,
                OutboxSettings.defaults(),
                InstantSource.fixed(Instant.ofEpochMilli(0x19ab)),
                new RecordingAlarms(),
                new Numbering.Trusting(OUTBOX));
    }

    @Test
    void s28_aDocumentUnderAnotherIdSaysSo() {
        openUnderAnotherId().append(List.of(new Outgoing("default", message())));

        assertThat(stored()).isEqualTo(UNDER_ANOTHER_ID);
    }

    @Test
    void s28_aDocumentUnderAnotherIdWithMarksSaysBoth() {
        openUnderAnotherId().append(List.of(new Outgoing("default", message())), List.of(new byte[] {7}));

        assertThat(stored()).isEqualTo(UNDER_ANOTHER_ID_WITH_A_MARK);
    }

    /** Whatever the outbox's id is today: numbers belong to the id under which they were given. */
    @Test
    void s27_documentsKeepTheIdUnderWhichTheyWereNumbered() {
        for (var golden : List.of(WITHOUT_MARKS, UNDER_ANOTHER_ID, WITHOUT_MARKS, UNDER_ANOTHER_ID_WITH_A_MARK)) {
            var bytes = HexFormat.of().parseHex(golden);
            log.append(bytes, 0, bytes.length);
        }
        for (var outbox : List.of(open(), openUnderAnotherId())) {
            var sequences = new ArrayList<String>();
            var marks = new ArrayList<Integer>();
            try (var reader = outbox.newReader()) {
                while (reader.next()) {
                    sequences.add(reader.message().attribute("outboxseq"));
                    marks.add(reader.marks().size());
                }
            }
            assertThat(sequences).containsExactly(STORE + ":1", OUTBOX + ":1", STORE + ":1", OUTBOX + ":1");
            assertThat(marks).containsExactly(0, 0, 0, 1);
        }
    }

    @Test
    void s28_documentsOfEachFormatAreRead() {
        for (var golden : List.of(WITHOUT_MARKS, WITH_MARKS)) {
            var bytes = HexFormat.of().parseHex(golden);
            log.append(bytes, 0, bytes.length);
        }
        try (var reader = open().newReader()) {
            assertThat(reader.next()).isTrue();
            assertThat(reader.marks()).isEmpty();
            assertIsTheMessage(reader);
            assertThat(reader.next()).isTrue();
            assertThat(reader.marks()).containsExactly(new byte[] {7}, new byte[] {8, 9});
            assertIsTheMessage(reader);
        }
    }

    private static void assertIsTheMessage(OutboxReader reader) {
        assertThat(reader.broker()).isEqualTo("default");
        assertThat(reader.topic()).isEqualTo("catalog.product");
        assertThat(reader.appendedAtMillis()).isEqualTo(0x19ab);
        var message = reader.message();
        assertThat(message.key()).isEqualTo("A-1");
        assertThat(message.attributes()).isEqualTo(Map.of("id", "7f3c", "outboxseq", STORE + ":1"));
        assertThat(message.headers()).isEqualTo(Map.of("h", "é"));
        assertThat(message.data()).isEqualTo(Bytes.utf8("{}"));
    }

    @Test
    void s28_aDocumentOfANewerReleaseIsRefused() {
        var bytes = HexFormat.of().parseHex(WITHOUT_MARKS);
        bytes[0] = 4;
        log.append(bytes, 0, bytes.length);

        assertThatThrownBy(this::open).isInstanceOf(OutboxException.class).hasMessageContaining("newer release");
    }
}
