package dev.syncline.testkit;

import dev.syncline.spi.Bytes;
import dev.syncline.spi.Defect.RawHeader;
import dev.syncline.spi.Message;
import dev.syncline.spi.MessageReader;
import dev.syncline.spi.MessageWriter;
import dev.syncline.spi.Position;
import dev.syncline.spi.Received;
import dev.syncline.spi.TopicPartition;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A message as it lies in the log: in headers and bytes, as on a wire, so that what a real broker would lose or refuse
 * is lost or refused here too.
 *
 * @param key empty if it has none
 * @param headers in their order, with repeats
 */
record MemoryRecord(
        Bytes key, List<RawHeader> headers, @Nullable Bytes data) {

    MemoryRecord {
        headers = List.copyOf(headers);
    }

    static MemoryRecord of(Message message) {
        var headers = new ArrayList<RawHeader>();
        MessageWriter.headers(message, (name, value) -> headers.add(new RawHeader(name, Bytes.utf8(value))));
        var data = message.data();
        return new MemoryRecord(
                Bytes.utf8(message.key()), headers, data == null ? null : Bytes.wrap(data.toByteArray()));
    }

    Received read(TopicPartition partition, long offset, Instant timestamp) {
        var reader = new MessageReader();
        for (var header : headers) {
            reader.header(header.name(), header.value().toByteArray());
        }
        var message = reader.message(partition.topic(), key.toByteArray(), data);
        return new Received(partition, Position.of(offset), message, timestamp, reader.defect());
    }
}
