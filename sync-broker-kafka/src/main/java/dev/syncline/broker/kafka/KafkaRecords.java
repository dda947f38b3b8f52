package dev.syncline.broker.kafka;

import dev.syncline.spi.Bytes;
import dev.syncline.spi.Message;
import dev.syncline.spi.MessageReader;
import dev.syncline.spi.MessageWriter;
import dev.syncline.spi.Position;
import dev.syncline.spi.Received;
import dev.syncline.spi.TopicPartition;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.jspecify.annotations.Nullable;

/**
 * Messages as records of Kafka: binary mode of the CloudEvents binding, the event's key as record key, absent data as
 * null value.
 */
final class KafkaRecords {

    private KafkaRecords() {}

    /** The bytes that decide the partition, null if the message has no key. */
    static byte @Nullable [] key(Message message) {
        return message.key().isEmpty() ? null : message.key().getBytes(StandardCharsets.UTF_8);
    }

    /**
     * The record. Its timestamp is left to the client, which takes the time of sending: the event's own {@code time}
     * may be years off, and brokers delete by the timestamp and refuse what is too far ahead.
     */
    static ProducerRecord<byte[], byte[]> record(Message message, int partition, byte @Nullable [] key) {
        var headers = new RecordHeaders();
        MessageWriter.headers(message, (name, value) -> headers.add(name, value.getBytes(StandardCharsets.UTF_8)));
        return new ProducerRecord<>(message.topic(), partition, null, key, value(message.data()), headers);
    }

    private static byte @Nullable [] value(@Nullable Bytes data) {
        if (data == null) {
            return null;
        }
        boolean isWhole = data.offset() == 0 && data.length() == data.array().length;
        return isWhole ? data.array() : data.toByteArray();
    }

    /** What the record says; without a copy of its value. */
    static Received received(TopicPartition partition, ConsumerRecord<byte[], byte[]> record) {
        var reader = new MessageReader();
        for (var header : record.headers()) {
            reader.header(header.key(), header.value());
        }
        var value = record.value();
        var message = reader.message(record.topic(), record.key(), value == null ? null : Bytes.wrap(value));
        return new Received(
                partition,
                Position.of(record.offset()),
                message,
                Instant.ofEpochMilli(record.timestamp()),
                reader.defect());
    }
}
