package dev.syncline.testkit.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import dev.syncline.spi.Bytes;
import dev.syncline.spi.Defect.RawHeader;
import dev.syncline.spi.Received;
import dev.syncline.spi.TopicPartition;
import dev.syncline.testkit.conformance.BrokerFixture.Hook;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** What foreign programs store. A consumer hands it on with what is wrong about it, and goes on. */
abstract class BadInputBehaviours extends Behaviours {

    private static final Bytes DATA = Bytes.utf8("data");

    BadInputBehaviours(Supplier<BrokerFixture> open) {
        super(open);
    }

    @Test
    void messageOfAForeignProgramIsRead() {
        var headers = required();
        headers.add(header("content-type", "application/json"));
        headers.add(header("ce_partitionkey", "k"));
        headers.add(header("foreign", "kept"));

        var received = stored(headers, DATA);
        if (received == null) {
            return;
        }

        assertThat(received.defect()).isNull();
        assertThat(received.message().key()).isEqualTo("k");
        assertThat(received.message().attributes())
                .isEqualTo(Map.of(
                        "specversion", "1.0",
                        "id", "7f3c",
                        "source", "foreign",
                        "type", "thing.changed",
                        "datacontenttype", "application/json",
                        "partitionkey", "k"));
        assertThat(received.message().headers()).isEqualTo(Map.of("foreign", "kept"));
        assertThat(received.message().data()).isEqualTo(DATA);
    }

    /** The runtime takes the document apart: attributes beside it do not count. */
    @Test
    void structuredModeComesAsOneDocument() {
        var document = Bytes.utf8("{\"specversion\":\"1.0\",\"id\":\"7f3c\"}");
        var headers = new ArrayList<RawHeader>();
        headers.add(header("content-type", "application/cloudevents+json; charset=UTF-8"));
        headers.add(header("ce_id", "another"));

        var received = stored(headers, document);
        if (received == null) {
            return;
        }

        assertThat(received.defect()).isNull();
        assertThat(received.message().attributes())
                .isEqualTo(Map.of("datacontenttype", "application/cloudevents+json; charset=UTF-8"));
        assertThat(received.message().data()).isEqualTo(document);
    }

    /** Input 3. */
    @Test
    void messageWithoutHeadersAndDataIsHandedOn() {
        var received = stored(List.of(), null);
        if (received == null) {
            return;
        }

        assertThat(received.defect()).isNull();
        assertThat(received.message().attributes()).isEmpty();
        assertThat(received.message().data()).isNull();
    }

    /** Input 12. */
    @Test
    void attributeTwiceWithDifferentValuesIsADefect() {
        var headers = required();
        headers.add(header("ce_id", "another"));

        assertDefect(headers, "ambiguous.header");
    }

    @Test
    void attributeTwiceWithOneValueIsNone() {
        var headers = required();
        headers.add(header("ce_id", "7f3c"));

        var received = stored(headers, DATA);
        if (received == null) {
            return;
        }

        assertThat(received.defect()).isNull();
        assertThat(received.message().attribute("id")).isEqualTo("7f3c");
    }

    /** Input 19: overlong, and not repaired. */
    @Test
    void invalidUtf8IsADefect() {
        var headers = required();
        headers.add(new RawHeader("ce_subject", Bytes.wrap(new byte[] {'a', (byte) 0xc0, (byte) 0xaf})));

        assertDefect(headers, "invalid.utf8");
    }

    /** Input 35. */
    @Test
    void tooManyHeadersAreADefect() {
        var headers = required();
        for (int i = 0; i < 100; i++) {
            headers.add(header("x" + i, "y"));
        }

        assertDefect(headers, "too.many.headers");
    }

    @Test
    void tooManyBytesOfHeadersAreADefect() {
        var headers = required();
        headers.add(header("ce_large", "x".repeat(64 * 1024)));

        assertDefect(headers, "too.many.headers");
    }

    private void assertDefect(List<RawHeader> headers, String code) {
        var received = stored(headers, DATA);
        if (received == null) {
            return;
        }
        var defect = received.defect();
        assertThat(defect).as("defect").isNotNull();
        if (defect != null) {
            assertThat(defect.code()).isEqualTo(code);
            assertThat(defect.headers()).as("headers as they came").containsAll(headers.subList(0, 4));
        }
    }

    /**
     * Stores it between two sound messages, and reads all three: the one in the middle, or null if the fixture cannot
     * store.
     */
    private @Nullable Received stored(List<RawHeader> headers, @Nullable Bytes data) {
        var topic = bench.topic(1);
        var partition = new TopicPartition(topic, 0);
        var key = Bytes.utf8("k");
        if (!can(Hook.STORE_RAW, () -> bench.fixture.store(partition, key, headers, data))) {
            return null;
        }
        var group = bench.group();
        var producer = bench.producer();
        producer.sendOne(Messages.text(topic, "k", "before"));
        bench.fixture.store(partition, key, headers, data);
        producer.sendOne(Messages.text(topic, "k", "after"));
        var consumer = bench.consumer(group, topic);
        var received = List.copyOf(consumer.take(3));
        assertThat(received.get(0).message().attribute("id")).isEqualTo("before");
        assertThat(received.get(2).message().attribute("id")).isEqualTo("after");
        // it has a position like any other, and is settled like any other
        consumer.acknowledge(received.get(1));
        consumer.close();
        assertThat(Messages.ids(bench.consumer(group, topic).take(1))).containsExactly("after");
        return received.get(1);
    }

    private static List<RawHeader> required() {
        return new ArrayList<>(List.of(
                header("ce_specversion", "1.0"),
                header("ce_id", "7f3c"),
                header("ce_source", "foreign"),
                header("ce_type", "thing.changed")));
    }

    private static RawHeader header(String name, String value) {
        return new RawHeader(name, Bytes.utf8(value));
    }
}
