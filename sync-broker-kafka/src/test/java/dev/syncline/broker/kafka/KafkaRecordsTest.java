package dev.syncline.broker.kafka;

import static org.assertj.core.api.Assertions.assertThat;

import dev.syncline.spi.Bytes;
import dev.syncline.spi.Message;
import dev.syncline.spi.Position;
import dev.syncline.spi.TopicPartition;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.common.record.TimestampType;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class KafkaRecordsTest {

    private static final Map<String, String> ATTRIBUTES = Map.of("id", "1", "datacontenttype", "application/json");

    @Test
    void attributesAreHeadersOfTheBinding() {
        var record = KafkaRecords.record(message("k", Bytes.utf8("x")), 3, bytes("k"));

        assertThat(header(record.headers(), "ce_id")).isEqualTo("1");
        assertThat(header(record.headers(), "content-type")).isEqualTo("application/json");
        assertThat(record.headers().lastHeader("ce_datacontenttype")).isNull();
        assertThat(record.partition()).isEqualTo(3);
    }

    @Test
    void keyIsWrittenInUtf8AndNoneIsNull() {
        assertThat(KafkaRecords.key(message("é", null))).isEqualTo("é".getBytes(StandardCharsets.UTF_8));
        assertThat(KafkaRecords.key(message("", null))).isNull();
    }

    @Test
    void absentDataIsANullValueAndEmptyDataIsNot() {
        assertThat(KafkaRecords.record(message("k", null), 0, null).value()).isNull();
        assertThat(KafkaRecords.record(message("k", Bytes.empty()), 0, null).value())
                .isEmpty();
    }

    @Test
    void partOfAnArrayIsCopiedAndAWholeOneIsNot() {
        var array = bytes("before|inside|after");

        assertThat(KafkaRecords.record(message("k", Bytes.wrap(array, 7, 6)), 0, null)
                        .value())
                .isEqualTo(bytes("inside"));
        assertThat(KafkaRecords.record(message("k", Bytes.wrap(array)), 0, null).value())
                .isSameAs(array);
    }

    /** Input 39: the client puts the time of sending, whatever the event says. */
    @Test
    void timestampIsLeftToTheClient() {
        var late = new Message("t", "k", Map.of("id", "1", "time", "1970-01-01T00:00:00Z"), Map.of(), null);

        assertThat(KafkaRecords.record(late, 0, null).timestamp()).isNull();
    }

    /** Input 3. */
    @Test
    void foreignTombstoneIsAMessageWithoutAttributesAndData() {
        var received = KafkaRecords.received(new TopicPartition("t", 1), record(bytes("k"), null));

        assertThat(received.message()).isEqualTo(new Message("t", "k", Map.of(), Map.of(), null));
        assertThat(received.position()).isEqualTo(Position.of(42));
        assertThat(received.timestamp()).isEqualTo(Instant.ofEpochMilli(1_000));
        assertThat(received.defect()).isNull();
    }

    /** Input 37: compared as bytes, and no text is made up for them. */
    @Test
    void binaryKeyIsADefect() {
        var received = KafkaRecords.received(
                new TopicPartition("t", 1), record(new byte[] {(byte) 0xff, (byte) 0xfe}, bytes("x")));

        assertThat(received.defect()).isNotNull();
        assertThat(received.defect().code()).isEqualTo("invalid.utf8");
    }

    private static ConsumerRecord<byte[], byte[]> record(byte @Nullable [] key, byte @Nullable [] value) {
        return new ConsumerRecord<>(
                "t", 1, 42, 1_000, TimestampType.CREATE_TIME, 0, 0, key, value, new RecordHeaders(), Optional.empty());
    }

    private static Message message(String key, @Nullable Bytes data) {
        return new Message("t", key, ATTRIBUTES, Map.of(), data);
    }

    private static String header(org.apache.kafka.common.header.Headers headers, String name) {
        return new String(headers.lastHeader(name).value(), StandardCharsets.UTF_8);
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
