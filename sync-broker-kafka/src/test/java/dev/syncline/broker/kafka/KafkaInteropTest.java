package dev.syncline.broker.kafka;

import static org.assertj.core.api.Assertions.assertThat;

import dev.syncline.spi.Bytes;
import dev.syncline.spi.Message;
import dev.syncline.testkit.server.KafkaServer;
import dev.syncline.testkit.server.RealKafka;
import io.cloudevents.CloudEvent;
import io.cloudevents.SpecVersion;
import io.cloudevents.core.builder.CloudEventBuilder;
import io.cloudevents.core.format.EventFormat;
import io.cloudevents.core.format.EventSerializationException;
import io.cloudevents.core.message.Encoding;
import io.cloudevents.core.provider.EventFormatProvider;
import io.cloudevents.kafka.CloudEventDeserializer;
import io.cloudevents.kafka.CloudEventSerializer;
import io.cloudevents.kafka.KafkaMessageFactory;
import io.cloudevents.rw.CloudEventDataMapper;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.OffsetDateTime;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;

/** Programs that know nothing of Syncline, with the CloudEvents SDK and kafka-clients, read and write the same topics. */
class KafkaInteropTest {

    private static final int EVENTS = 200;

    @RealKafka
    static KafkaServer server;

    private Clients clients;
    private String topic;

    @BeforeEach
    void open(TestInfo test) {
        clients = new Clients(server);
        topic = test.getTestMethod().orElseThrow().getName() + "." + System.nanoTime();
        server.createTopic(topic, 1);
    }

    @AfterEach
    void close() {
        clients.close();
    }

    @Test
    void theSdkReadsWhatWeWrite() {
        var messages = new ArrayList<Message>();
        for (int i = 0; i < EVENTS; i++) {
            messages.add(message(i));
        }
        clients.sendAll(messages);

        var read = readBySdk(EVENTS);

        for (int i = 0; i < EVENTS; i++) {
            var message = messages.get(i);
            var event = read.get(i).event;
            assertThat(read.get(i).key).isEqualTo(message.key().isEmpty() ? null : message.key());
            assertThat(attributes(event)).as("event %s", i).isEqualTo(message.attributes());
            // the SDK takes empty data for none; on the wire they differ
            var expected = Bytes.empty().equals(message.data()) ? null : message.data();
            assertThat(data(event)).as("data of %s", i).isEqualTo(expected);
        }
    }

    @Test
    void weReadWhatTheSdkWritesInBinaryMode() {
        var events = new ArrayList<CloudEvent>();
        for (int i = 0; i < EVENTS; i++) {
            events.add(event(message(i)));
        }
        writeBySdk(Map.of(), events);

        var received = clients.consumer("g." + topic, topic).take(EVENTS);

        for (int i = 0; i < EVENTS; i++) {
            var message = received.get(i).message();
            assertThat(received.get(i).defect()).isNull();
            assertThat(message.attributes()).as("event %s", i).isEqualTo(attributes(events.get(i)));
            assertThat(message.key()).isEqualTo(message.attribute("partitionkey"));
            assertThat(message.data()).as("data of %s", i).isEqualTo(data(events.get(i)));
        }
    }

    /** The document comes whole: taking it apart is the runtime's. */
    @Test
    void weReadWhatTheSdkWritesInStructuredMode() {
        var events = List.of(event(message(1)), event(message(7)));
        EventFormatProvider.getInstance().registerFormat(new Lines());
        writeBySdk(
                Map.of(
                        CloudEventSerializer.ENCODING_CONFIG, Encoding.STRUCTURED,
                        CloudEventSerializer.EVENT_FORMAT_CONFIG, Lines.TYPE),
                events);

        var received = clients.consumer("g." + topic, topic).take(2);

        for (int i = 0; i < 2; i++) {
            assertThat(received.get(i).defect()).isNull();
            assertThat(received.get(i).message().attributes()).isEqualTo(Map.of("datacontenttype", Lines.TYPE));
            assertThat(received.get(i).message().data()).isEqualTo(Bytes.wrap(new Lines().serialize(events.get(i))));
        }
    }

    /** A message that is a document already goes out as one. */
    @Test
    void theSdkReadsOurStructuredMode() {
        var event = event(message(3));
        EventFormatProvider.getInstance().registerFormat(new Lines());
        clients.sendAll(List.of(new Message(
                topic,
                "k",
                Map.of("datacontenttype", Lines.TYPE),
                Map.of(),
                Bytes.wrap(new Lines().serialize(event)))));

        var read = readBySdk(1).get(0).event;

        assertThat(read.getId()).isEqualTo(event.getId());
        assertThat(read.getType()).isEqualTo(event.getType());
        assertThat(read.getSource()).isEqualTo(event.getSource());
    }

    /** All kinds, by the number: keys or none, no data, empty data, 64 KiB, emoji, names of 20 and 31 characters. */
    private Message message(int number) {
        var random = new Random(number);
        var key = number % 5 == 4 ? "" : "k" + number % 7;
        var attributes = new HashMap<String, String>();
        attributes.put("specversion", "1.0");
        attributes.put("id", "id-" + number + (number % 3 == 0 ? "-🧡-é" : ""));
        attributes.put("source", number % 2 == 0 ? "shop" : "https://example.org/shop?a=b");
        attributes.put("type", "catalog.product.changed");
        if (!key.isEmpty()) {
            attributes.put("partitionkey", key);
            attributes.put("subject", key);
        }
        if (number % 4 == 0) {
            attributes.put("time", "2026-02-03T04:05:0" + number % 10 + "Z");
            attributes.put("dataschema", "https://example.org/schemas/product/2");
        }
        attributes.put("entityversion", String.format("%019d", random.nextLong() & Long.MAX_VALUE));
        attributes.put("abcdefghij0123456789", "twenty");
        attributes.put("abcdefghij0123456789abcdefghij1", "Zürich → 東京");
        Bytes data = switch (number % 6) {
            case 0 -> null;
            case 1 -> Bytes.empty();
            case 2 -> random(random, 64 * 1024);
            default -> Bytes.utf8("{\"number\":" + number + "}");
        };
        if (data != null) {
            attributes.put("datacontenttype", "application/json");
        }
        return new Message(topic, key, attributes, Map.of(), data);
    }

    private static Bytes random(Random random, int length) {
        var bytes = new byte[length];
        random.nextBytes(bytes);
        return Bytes.wrap(bytes);
    }

    private static CloudEvent event(Message message) {
        var builder = CloudEventBuilder.v1();
        message.attributes().forEach((name, value) -> {
            switch (name) {
                case "specversion" -> assertThat(value).isEqualTo("1.0");
                case "id" -> builder.withId(value);
                case "source" -> builder.withSource(URI.create(value));
                case "type" -> builder.withType(value);
                case "subject" -> builder.withSubject(value);
                case "time" -> builder.withTime(OffsetDateTime.parse(value));
                case "dataschema" -> builder.withDataSchema(URI.create(value));
                case "datacontenttype" -> builder.withDataContentType(value);
                default -> builder.withExtension(name, value);
            }
        });
        if (message.data() != null) {
            builder.withData(message.data().toByteArray());
        }
        return builder.build();
    }

    private static Map<String, String> attributes(CloudEvent event) {
        var attributes = new HashMap<String, String>();
        event.getAttributeNames()
                .forEach(name -> attributes.put(
                        name,
                        event.getAttribute(name) instanceof OffsetDateTime time
                                ? DateTimeFormatter.ISO_OFFSET_DATE_TIME.format(time)
                                : String.valueOf(event.getAttribute(name))));
        event.getExtensionNames().forEach(name -> attributes.put(name, String.valueOf(event.getExtension(name))));
        attributes.values().removeIf("null"::equals);
        return attributes;
    }

    private static @Nullable Bytes data(CloudEvent event) {
        return event.getData() == null ? null : Bytes.wrap(event.getData().toBytes());
    }

    private record Read(@Nullable String key, CloudEvent event) {}

    private List<Read> readBySdk(int count) {
        var config = new HashMap<String, Object>(server.clientConfig());
        config.put("group.id", "sdk." + topic);
        config.put("auto.offset.reset", "earliest");
        var read = new ArrayList<Read>();
        try (var consumer = new KafkaConsumer<>(config, new StringDeserializer(), new ByteArrayDeserializer());
                var deserializer = new CloudEventDeserializer()) {
            consumer.subscribe(Set.of(topic));
            long deadline = System.nanoTime() + Clients.PATIENCE.toNanos();
            while (read.size() < count && System.nanoTime() - deadline < 0) {
                consumer.poll(Duration.ofMillis(100))
                        .forEach(one -> read.add(new Read(one.key(), event(deserializer, one))));
            }
        }
        assertThat(read).hasSize(count);
        return read;
    }

    /** Kafka's consumer asks no deserializer about a null value: of an event without data the headers are all there is. */
    private static CloudEvent event(CloudEventDeserializer deserializer, ConsumerRecord<String, byte[]> record) {
        return record.value() == null
                ? KafkaMessageFactory.createReader(record.headers(), null).toEvent()
                : deserializer.deserialize(record.topic(), record.headers(), record.value());
    }

    private void writeBySdk(Map<String, Object> encoding, List<CloudEvent> events) {
        var config = new HashMap<String, Object>(server.clientConfig());
        var serializer = new CloudEventSerializer();
        serializer.configure(encoding, false);
        try (var producer = new KafkaProducer<>(config, new StringSerializer(), serializer)) {
            for (var event : events) {
                var key = event.getExtension("partitionkey");
                var unused = producer.send(new ProducerRecord<>(topic, key == null ? null : key.toString(), event));
            }
            producer.flush();
        }
    }

    /** A format of our own, since the SDK's JSON comes in another library: what counts is who takes it apart. */
    private static final class Lines implements EventFormat {

        static final String TYPE = "application/cloudevents+lines";

        @Override
        public byte[] serialize(CloudEvent event) throws EventSerializationException {
            return String.join(
                            "\n",
                            event.getId(),
                            event.getType(),
                            event.getSource().toString())
                    .getBytes(StandardCharsets.UTF_8);
        }

        @Override
        public CloudEvent deserialize(
                byte[] bytes, CloudEventDataMapper<? extends io.cloudevents.CloudEventData> mapper) {
            var lines = new String(bytes, StandardCharsets.UTF_8).split("\n", -1);
            return CloudEventBuilder.fromSpecVersion(SpecVersion.V1)
                    .withId(lines[0])
                    .withType(lines[1])
                    .withSource(URI.create(lines[2]))
                    .build();
        }

        @Override
        public String serializedContentType() {
            return TYPE;
        }
    }
}
