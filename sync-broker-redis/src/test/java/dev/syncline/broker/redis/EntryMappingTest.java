package dev.syncline.broker.redis;

import static org.assertj.core.api.Assertions.assertThat;

import dev.syncline.spi.Bytes;
import dev.syncline.spi.Message;
import dev.syncline.testkit.server.RealRedis;
import dev.syncline.testkit.server.RedisServer;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What somebody with {@code redis-cli} sees of ours, and how we read what they write. */
class EntryMappingTest {

    @RealRedis
    static RedisServer redis;

    private Rig rig;

    @BeforeEach
    void open() {
        rig = Rig.with(redis, 1);
    }

    @AfterEach
    void close() {
        rig.close();
    }

    @Test
    void messageIsAnEntryOfPlainFields() {
        var attributes = Map.of(
                "specversion", "1.0",
                "id", "7f3c",
                "source", "catalog",
                "type", "catalog.product.changed",
                "datacontenttype", "application/json",
                "partitionkey", "sku-42",
                "entityversion", "0000000000000000007",
                "shade", "of an extension that nobody knows");
        var headers = Map.of("traceparent", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01");
        var position = rig.send(List.of(
                        new Message(rig.topic, "sku-42", attributes, headers, Bytes.utf8("{\"sku\":\"sku-42\"}"))))
                .get(0);

        // XRANGE {topic:0} - +
        var entries = (List<?>) redis.command("XRANGE", "{" + rig.topic + ":0}", "-", "+");

        assertThat(entries).hasSize(1);
        var entry = (List<?>) entries.get(0);
        assertThat(entry.get(0)).isEqualTo(position.toString());
        assertThat(fields(entry))
                .isEqualTo(Map.of(
                        "ce_specversion", "1.0",
                        "ce_id", "7f3c",
                        "ce_source", "catalog",
                        "ce_type", "catalog.product.changed",
                        "content-type", "application/json",
                        "ce_partitionkey", "sku-42",
                        "ce_entityversion", "0000000000000000007",
                        "ce_shade", "of an extension that nobody knows",
                        "traceparent", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
                        "data", "{\"sku\":\"sku-42\"}"));
    }

    @Test
    void deleteHasNoDataField() {
        rig.send(List.of(new Message(rig.topic, "k", Map.of("id", "1", "partitionkey", "k"), Map.of(), null)));

        var entry = (List<?>) ((List<?>) redis.command("XRANGE", rig.stream(), "-", "+")).get(0);

        assertThat(fields(entry)).isEqualTo(Map.of("ce_id", "1", "ce_partitionkey", "k"));
    }

    @Test
    void entryOfAnybodyIsAMessage() {
        redis.command(
                "XADD",
                rig.stream(),
                "*",
                "ce_specversion",
                "1.0",
                "ce_id",
                "1",
                "ce_source",
                "cli",
                "ce_type",
                "thing.changed",
                "content-type",
                "application/json",
                "ce_partitionkey",
                "sku-42",
                "data",
                "{}");
        var reader = rig.reader();

        reader.take(1);

        var message = reader.received.get(0).message();
        assertThat(reader.received.get(0).defect()).isNull();
        assertThat(message.key()).isEqualTo("sku-42");
        assertThat(message.attribute("datacontenttype")).isEqualTo("application/json");
        assertThat(message.data()).isEqualTo(Bytes.utf8("{}"));
    }

    /** Input 59. */
    @Test
    void entryOfOddFieldsIsHandedOnAndSettled() {
        redis.command("XADD", rig.stream(), "*", "temperature", "21", "unit", "°C", "", "empty name");
        redis.command("XADD", rig.stream(), "*", "ce_id", "1", "ce_id", "2");
        redis.command("XADD", rig.stream(), "*", "ce_id", "sound");
        var reader = rig.reader();

        reader.take(3);

        assertThat(reader.received.get(0).message().attributes()).isEmpty();
        assertThat(reader.received.get(0).message().headers()).containsEntry("temperature", "21");
        assertThat(reader.received.get(1).defect()).isNotNull();
        assertThat(reader.received.get(2).message().attribute("id")).isEqualTo("sound");
        reader.acknowledge(reader.last());
        assertThat(rig.pending()).isZero();
    }

    /** Smallest and largest ids that Redis takes. */
    @Test
    void idsThatSomebodyChoseAreReadInTheirOrder() {
        redis.command("XADD", rig.stream(), "0-1", "ce_id", "first");
        redis.command("XADD", rig.stream(), "5", "ce_id", "second");
        redis.command("XADD", rig.stream(), "18446744073709551615-18446744073709551614", "ce_id", "last");
        var reader = rig.reader();

        assertThat(reader.take(3)).containsExactly("first", "second", "last");
        reader.acknowledge(reader.last());

        assertThat(rig.pending()).isZero();
        assertThat(rig.state("position")).isEqualTo("18446744073709551615-18446744073709551614");
    }

    private static Map<String, String> fields(List<?> entry) {
        var fields = new HashMap<String, String>();
        var flat = (List<?>) entry.get(1);
        for (int i = 0; i < flat.size(); i += 2) {
            fields.put(flat.get(i).toString(), flat.get(i + 1).toString());
        }
        return fields;
    }
}
