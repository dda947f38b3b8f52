package dev.syncline.broker.redis;

import static org.assertj.core.api.Assertions.assertThat;

import dev.syncline.spi.Bytes;
import dev.syncline.spi.Message;
import dev.syncline.spi.Received;
import dev.syncline.spi.TopicPartition;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class EntryCodecTest {

    private static final TopicPartition PARTITION = new TopicPartition("things", 0);

    @Test
    void keyIsNotWrittenTwice() {
        assertThat(names(message("k", Map.of("partitionkey", "k")))).doesNotContain("sync_key");
        assertThat(names(message("k", Map.of("subject", "k")))).doesNotContain("sync_key");
        assertThat(names(message("", Map.of()))).doesNotContain("sync_key");
    }

    @Test
    void keyThatNoAttributeSaysTravelsBesideThem() {
        var message = message("k", Map.of("id", "1"));

        assertThat(names(message)).contains("sync_key");
        assertThat(roundTrip(message).message()).isEqualTo(message);
    }

    @Test
    void keyIsNotTheSubjectIfThatIsAnother() {
        var message = message("k", Map.of("subject", "about something else"));

        assertThat(roundTrip(message).message().key()).isEqualTo("k");
        assertThat(roundTrip(message).message()).isEqualTo(message);
    }

    @Test
    void absentDataHasNoField() {
        assertThat(names(message("k", Map.of()))).doesNotContain("data");
        assertThat(names(new Message("things", "k", Map.of(), Map.of(), Bytes.empty())))
                .contains("data");
    }

    @Test
    void dataTwiceWithDifferentBytesIsADefect() {
        var received = read("ce_id", "1", "data", "one", "data", "other");

        assertThat(received.defect()).isNotNull();
        assertThat(received.defect().code()).isEqualTo("ambiguous.header");
        assertThat(received.defect().headers())
                .singleElement()
                .satisfies(header -> assertThat(header.name()).isEqualTo("ce_id"));
    }

    @Test
    void dataTwiceWithEqualBytesIsNone() {
        var received = read("ce_id", "1", "data", "same", "data", "same");

        assertThat(received.defect()).isNull();
        assertThat(received.message().data()).isEqualTo(Bytes.utf8("same"));
    }

    @Test
    void keyTwiceIsADefect() {
        assertThat(read("sync_key", "one", "sync_key", "other").defect()).isNotNull();
    }

    @Test
    void headersThatWouldMeanSomethingElseAreNamed() {
        for (var name : List.of("data", "sync_key", "content-type", "ce_id")) {
            var message = new Message("things", "k", Map.of(), Map.of(name, "x", "harmless", "y"), null);

            assertThat(EntryCodec.unwritableHeader(message)).isEqualTo(name);
        }
        assertThat(EntryCodec.unwritableHeader(message("k", Map.of()))).isNull();
    }

    private static Message message(String key, Map<String, String> attributes) {
        return new Message("things", key, attributes, Map.of(), null);
    }

    private static List<String> names(Message message) {
        var fields = EntryCodec.fields(message);
        var names = new ArrayList<String>();
        for (int i = 0; i < fields.size(); i += 2) {
            names.add(new String(fields.get(i), StandardCharsets.UTF_8));
        }
        return names;
    }

    private static Received roundTrip(Message message) {
        return EntryCodec.received(PARTITION, List.of(Keys.bytes("1-0"), EntryCodec.fields(message)));
    }

    private static Received read(String... fields) {
        return EntryCodec.received(PARTITION, List.of(Keys.bytes("1-0"), Keys.list(fields)));
    }
}
