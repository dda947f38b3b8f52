package dev.syncline.broker.kafka;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.syncline.api.EntityVersion;
import dev.syncline.api.Event;
import dev.syncline.api.EventKey;
import dev.syncline.api.EventType;
import dev.syncline.api.OnEvent;
import dev.syncline.api.SyncHandler;
import dev.syncline.runtime.Sync;
import dev.syncline.spi.Bytes;
import dev.syncline.spi.Message;
import dev.syncline.testkit.server.KafkaServer;
import dev.syncline.testkit.server.RealKafka;
import io.cloudevents.CloudEvent;
import io.cloudevents.core.builder.CloudEventBuilder;
import io.cloudevents.core.message.Encoding;
import io.cloudevents.core.provider.EventFormatProvider;
import io.cloudevents.kafka.CloudEventDeserializer;
import io.cloudevents.kafka.CloudEventSerializer;
import io.cloudevents.kafka.KafkaMessageFactory;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.OffsetDateTime;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.stream.IntStream;
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
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * A program that does not know us reads and writes our records: the CloudEvents SDK on Kafka's own clients, in both modes
 * of the binding. We write binary mode; what is a document already goes out as one.
 */
@StartsThreads
class ForeignProgramsTest {

    private static final Duration PATIENCE = Clients.PATIENCE;
    private static final String JSON = "application/cloudevents+json";

    /** One of each kind that {@link #message} makes, several times over. */
    private static final int EVENTS = 200;

    @RealKafka
    static KafkaServer server;

    private final String application = "app" + UUID.randomUUID().toString().substring(0, 8);
    private final String topic = application + ".product";

    @TempDir
    Path directory;

    private Clients clients;

    @BeforeEach
    void open() {
        clients = new Clients(server);
        server.createTopic(topic, 1);
    }

    @AfterEach
    void close() {
        clients.close();
    }

    @EventType("catalog.product.changed")
    record Product(@EventKey String sku, @EntityVersion long revision, String title) {}

    @SyncHandler("shop")
    record Shop(ConcurrentLinkedQueue<Event<?>> seen) {
        @OnEvent("catalog.product.changed")
        void put(Event<Product> event) {
            seen.add(event);
        }

        @OnEvent("catalog.product.removed")
        void remove(Event<?> event) {
            seen.add(event);
        }
    }

    private Sync.Builder sync() {
        return Sync.builder(application)
                .dataDirectory(directory)
                .broker("kafka://" + server.bootstrapServers())
                .route("catalog.product.*", "default", topic);
    }

    @Nested
    class Read {

        @Test
        void whatAnApplicationPublishes() {
            try (var sync = sync().start()) {
                sync.publisher()
                        .publish(Event.of(new Product("ä-1", 7, "Lampe €😀")).withAttribute("tenant", "north"));
                sync.publisher()
                        .publish(Event.delete("catalog.product.removed", "ä-1").withVersion(8));
                sync.awaitQuiet(PATIENCE);
            }

            var records = readBySdk(2);

            var changed = records.get(0).event;
            assertThat(changed.getType()).isEqualTo("catalog.product.changed");
            assertThat(changed.getSource()).isEqualTo(URI.create(application));
            assertThat(changed.getDataContentType()).isEqualTo("application/json");
            assertThat(changed.getTime()).isNotNull();
            assertThat(changed.getExtension("partitionkey")).isEqualTo("ä-1");
            assertThat(changed.getExtension("entityversion")).isEqualTo("0000000000000000007");
            assertThat(changed.getExtension("tenant")).isEqualTo("north");
            assertThat(String.valueOf(changed.getExtension("outboxseq"))).matches("[0-9a-f]{32}:1");
            assertThat(new String(changed.getData().toBytes(), StandardCharsets.UTF_8))
                    .contains("\"sku\":\"ä-1\"")
                    .contains("Lampe €😀");
            var removed = records.get(1);
            assertThat(removed.key).isEqualTo("ä-1");
            assertThat(removed.event.getType()).isEqualTo("catalog.product.removed");
            assertThat(removed.event.getData()).isNull();
        }

        @Test
        void everyAttributeOfEveryKindOfMessage() {
            var messages = IntStream.range(0, EVENTS)
                    .mapToObj(ForeignProgramsTest.this::message)
                    .toList();
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
        void documentThatWeHandOn() {
            var event = event(message(3));
            clients.sendAll(List.of(
                    new Message(topic, "k", Map.of("datacontenttype", JSON), Map.of(), Bytes.wrap(document(event)))));

            var read = readBySdk(1).get(0).event;
            assertThat(attributes(read)).isEqualTo(attributes(event));
            assertThat(data(read)).isEqualTo(data(event));
        }
    }

    @Nested
    class Write {

        @ParameterizedTest
        @EnumSource(Encoding.class)
        void whatOurHandlersGet(Encoding encoding) {
            var seen = new ConcurrentLinkedQueue<Event<?>>();
            try (var sync = sync().handlers(new Shop(seen)).start()) {
                writeBySdk(encoding, List.of(changed(), removed()));
                await().atMost(PATIENCE).until(() -> seen.size() == 2);

                var event = seen.remove();
                assertThat(event.payload()).isEqualTo(new Product("A-1", 7, "Lampe €"));
                assertThat(event.id()).isEqualTo("e-1");
                assertThat(event.source()).isEqualTo("/legacy/catalog");
                assertThat(event.key()).isEqualTo("A-1");
                assertThat(event.attributes()).containsEntry("tenant", "north");
                var gone = seen.remove();
                assertThat(gone.type()).isEqualTo("catalog.product.removed");
                assertThat(gone.key()).isEqualTo("A-1");
                assertThat(sync.health().isUp()).isTrue();
            }
        }

        private static CloudEvent changed() {
            return CloudEventBuilder.v1()
                    .withId("e-1")
                    .withSource(URI.create("/legacy/catalog"))
                    .withType("catalog.product.changed")
                    .withTime(OffsetDateTime.parse("2026-03-01T10:00:00Z"))
                    .withDataContentType("application/json")
                    .withExtension("partitionkey", "A-1")
                    .withExtension("tenant", "north")
                    .withData("{\"sku\":\"A-1\",\"revision\":7,\"title\":\"Lampe €\"}".getBytes(StandardCharsets.UTF_8))
                    .build();
        }

        private static CloudEvent removed() {
            return CloudEventBuilder.v1()
                    .withId("e-2")
                    .withSource(URI.create("/legacy/catalog"))
                    .withType("catalog.product.removed")
                    .withExtension("partitionkey", "A-1")
                    .build();
        }

        @Test
        void everyAttributeOfEveryKindOfEventInBinaryMode() {
            var events = IntStream.range(0, EVENTS)
                    .mapToObj(number -> event(message(number)))
                    .toList();
            writeBySdk(Encoding.BINARY, events);

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
        void documentsInStructuredMode() {
            var events = List.of(event(message(1)), event(message(7)));
            writeBySdk(Encoding.STRUCTURED, events);

            var received = clients.consumer("g." + topic, topic).take(2);

            for (int i = 0; i < 2; i++) {
                assertThat(received.get(i).defect()).isNull();
                assertThat(received.get(i).message().attributes()).containsOnlyKeys("datacontenttype");
                assertThat(received.get(i).message().attribute("datacontenttype"))
                        .startsWith(JSON);
                assertThat(received.get(i).message().data()).isEqualTo(Bytes.wrap(document(events.get(i))));
            }
        }
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

    private static byte[] document(CloudEvent event) {
        return EventFormatProvider.getInstance().resolveFormat(JSON).serialize(event);
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

    private record ReadBySdk(@Nullable String key, CloudEvent event) {}

    private List<ReadBySdk> readBySdk(int count) {
        var config = new HashMap<String, Object>(server.clientConfig());
        config.put("group.id", "sdk." + topic);
        config.put("auto.offset.reset", "earliest");
        var read = new ArrayList<ReadBySdk>();
        try (var consumer = new KafkaConsumer<>(config, new StringDeserializer(), new ByteArrayDeserializer());
                var deserializer = new CloudEventDeserializer()) {
            consumer.subscribe(Set.of(topic));
            await().atMost(PATIENCE).until(() -> {
                consumer.poll(Duration.ofMillis(100))
                        .forEach(one -> read.add(new ReadBySdk(one.key(), event(deserializer, one))));
                return read.size() >= count;
            });
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

    private void writeBySdk(Encoding encoding, List<CloudEvent> events) {
        var serializer = new CloudEventSerializer();
        serializer.configure(
                encoding == Encoding.STRUCTURED
                        ? Map.of(
                                CloudEventSerializer.ENCODING_CONFIG,
                                encoding,
                                CloudEventSerializer.EVENT_FORMAT_CONFIG,
                                JSON)
                        : Map.of(CloudEventSerializer.ENCODING_CONFIG, encoding),
                false);
        try (var producer = new KafkaProducer<>(
                new HashMap<String, Object>(server.clientConfig()), new StringSerializer(), serializer)) {
            for (var event : events) {
                var key = event.getExtension("partitionkey");
                var unused = producer.send(new ProducerRecord<>(topic, key == null ? null : key.toString(), event));
            }
            producer.flush();
        }
    }
}
