package dev.syncline.testkit.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import dev.syncline.spi.Bytes;
import dev.syncline.spi.Message;
import dev.syncline.spi.Received;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;

/** S4: what went in comes out, byte for byte. */
abstract class RoundTripBehaviours extends Behaviours {

    private static final String KEY = "sku-42";

    RoundTripBehaviours(Supplier<BrokerFixture> open) {
        super(open);
    }

    /** On failure look at how the adapter writes and reads headers, and whether it keeps a list of known ones. */
    @Test
    void s4_everyAttributeComesBackUnchanged() {
        var topic = bench.topic(1);
        var attributes = Messages.attributes(KEY, "7f3c");
        attributes.put("subject", "a subject with spaces, \"quotes\" and = % signs");
        attributes.put("time", "2026-02-03T04:05:06.123456789Z");
        attributes.put("dataschema", "https://example.org/schemas/thing/2?a=b#c");
        attributes.put("dataversion", "2");
        attributes.put("entityversion", "9223372036854775807");
        attributes.put("correlationid", "c-1");
        attributes.put("causationid", "c-0");
        attributes.put("traceparent", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01");
        attributes.put("origin", "erp");
        attributes.put("outboxseq", "4f1d.17");
        attributes.put("unknown", "nobody knows this one");
        var message = new Message(topic, KEY, attributes, Map.of(), Bytes.utf8("x"));

        assertSame(roundTrip(message).message(), message);
    }

    @Test
    void s4_unicodeInAttributesComesBack() {
        var topic = bench.topic(1);
        var attributes = Messages.attributes(KEY, "🧡-\u00e9-e\u0301-\u4e2d-\u05d0");
        attributes.put("city", "Zürich → 東京 👩‍👩‍👧");
        var message = new Message(topic, KEY, attributes, Map.of(), Bytes.utf8("x"));

        assertSame(roundTrip(message).message(), message);
    }

    /** CloudEvents wants names of at most 20 characters, and meets longer ones. */
    @Test
    void s4_attributeNamesOf20And31CharactersComeBack() {
        var topic = bench.topic(1);
        var attributes = Messages.attributes(KEY, "1");
        attributes.put("abcdefghij0123456789", "20");
        attributes.put("abcdefghij0123456789abcdefghij1", "31");
        var message = new Message(topic, KEY, attributes, Map.of(), Bytes.utf8("x"));

        assertThat(roundTrip(message).message().attributes()).isEqualTo(attributes);
    }

    @Test
    void s4_attributeOf8KiBComesBack() {
        var topic = bench.topic(1);
        var attributes = Messages.attributes(KEY, "1");
        attributes.put("long", "x".repeat(8 * 1024));
        var message = new Message(topic, KEY, attributes, Map.of(), Bytes.utf8("x"));

        assertThat(roundTrip(message).message().attribute("long")).hasSize(8 * 1024);
    }

    @Test
    void s4_headersOfTheTransportComeBackBesideTheAttributes() {
        var topic = bench.topic(1);
        var attributes = Messages.attributes(KEY, "1");
        attributes.put("traceparent", "00-11111111111111111111111111111111-1111111111111111-01");
        var headers = Map.of(
                "traceparent", "00-22222222222222222222222222222222-2222222222222222-01",
                "sync_dl_reason", "naïve ✓",
                "X-Foreign", "");
        var message = new Message(topic, KEY, attributes, headers, Bytes.utf8("x"));

        var received = roundTrip(message).message();

        assertThat(received.headers()).isEqualTo(headers);
        assertThat(received.attributes()).isEqualTo(attributes);
    }

    @Test
    void s4_everyByteOfBinaryDataComesBack() {
        var topic = bench.topic(1);
        var bytes = new byte[256];
        for (int i = 0; i < bytes.length; i++) {
            bytes[i] = (byte) i;
        }

        assertData(Messages.withData(topic, KEY, Bytes.wrap(bytes)), Bytes.wrap(bytes));
    }

    @Test
    void s4_dataOf64KiBComesBack() {
        var topic = bench.topic(1);
        var bytes = new byte[64 * 1024];
        new Random(4).nextBytes(bytes);

        assertData(Messages.withData(topic, KEY, Bytes.wrap(bytes)), Bytes.wrap(bytes));
    }

    /** A part of a larger array: the adapter must mind offset and length. */
    @Test
    void s4_dataInTheMiddleOfAnArrayComesBack() {
        var topic = bench.topic(1);
        var array = Bytes.utf8("before|inside|after").toByteArray();

        assertData(Messages.withData(topic, KEY, Bytes.wrap(array, 7, 6)), Bytes.utf8("inside"));
    }

    @Test
    void s4_emptyDataIsNotAbsent() {
        var topic = bench.topic(1);

        assertData(Messages.withData(topic, KEY, Bytes.empty()), Bytes.empty());
    }

    @Test
    void s4_absentDataStaysAbsent() {
        var topic = bench.topic(1);

        var received = roundTrip(Messages.withData(topic, KEY, null));

        assertThat(received.defect()).isNull();
        assertThat(received.message().data()).isNull();
    }

    /** Keys are compared as bytes: é and e with an accent are two of them. */
    @Test
    void s4_keysInUnicodeComeBackAndStayApart() {
        var topic = bench.topic(1);
        var composed = "caf\u00e9 🧡";
        var decomposed = "cafe\u0301 🧡";
        bench.producer().sendAll(List.of(Messages.text(topic, composed, "1"), Messages.text(topic, decomposed, "2")));

        var received = bench.consumer(bench.group(), topic).take(2);

        assertThat(received).extracting(one -> one.message().key()).containsExactly(composed, decomposed);
    }

    @Test
    void s4_messageWithoutKeyComesBackWithoutKey() {
        var topic = bench.topic(2);
        var message = Messages.text(topic, "", "keyless");

        assertSame(roundTrip(message).message(), message);
    }

    @Test
    void messageSaysWhenItWasSent() {
        var topic = bench.topic(1);
        var before = Instant.now();

        var received = roundTrip(Messages.text(topic, KEY, "1"));

        // the server's clock may be another machine's
        assertThat(received.timestamp())
                .isBetween(before.minus(Duration.ofMinutes(5)), Instant.now().plus(Duration.ofMinutes(5)));
    }

    /** What the producer was told is where the consumer finds it. */
    @Test
    void confirmedPositionsAreThoseOfTheMessages() {
        var topic = bench.topic(3);
        var sent = bench.producer().sendAll(Messages.overKeys(topic, 9, 27));

        var received = bench.consumer(bench.group(), topic).take(27);

        assertThat(received)
                .extracting(one -> one.partition() + "@" + one.position())
                .containsExactlyInAnyOrderElementsOf(sent.stream()
                        .map(one -> one.partition() + "@" + one.position())
                        .toList());
    }

    /** Part by part, since a message says little of itself. */
    private static void assertSame(Message received, Message sent) {
        assertThat(received.attributes()).isEqualTo(sent.attributes());
        assertThat(received.headers()).isEqualTo(sent.headers());
        assertThat(received.data()).isEqualTo(sent.data());
        assertThat(received).isEqualTo(sent);
    }

    private void assertData(Message message, Bytes expected) {
        var received = roundTrip(message);
        assertThat(received.defect()).isNull();
        assertThat(received.message().data()).isEqualTo(expected);
    }

    private Received roundTrip(Message message) {
        bench.producer().sendAll(List.of(message));
        return bench.consumer(bench.group(), message.topic()).take(1).get(0);
    }
}
