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
import dev.syncline.testkit.server.KafkaServer;
import dev.syncline.testkit.server.RealKafka;
import io.cloudevents.CloudEvent;
import io.cloudevents.core.builder.CloudEventBuilder;
import io.cloudevents.core.message.Encoding;
import io.cloudevents.kafka.CloudEventDeserializer;
import io.cloudevents.kafka.CloudEventSerializer;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Programs that know nothing of Syncline, on the CloudEvents SDK and Kafka's own clients, share topics with it. */
class CloudEventsInteropTest {

    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private final String application = "app" + UUID.randomUUID().toString().substring(0, 8);
    private final String topic = application + ".product";

    @TempDir
    Path directory;

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

    private Sync.Builder sync(KafkaServer kafka) {
        kafka.createTopic(topic, 2);
        return Sync.builder(application)
                .dataDirectory(directory)
                .broker("kafka://" + kafka.bootstrapServers())
                .route("catalog.product.*", "default", topic);
    }

    @Test
    void theSdkReadsWhatWePublish(@RealKafka KafkaServer kafka) {
        try (var sync = sync(kafka).start()) {
            sync.publisher()
                    .publish(Event.of(new Product("ä-1", 7, "Lampe €😀")).withAttribute("tenant", "north"));
            sync.publisher()
                    .publish(Event.delete("catalog.product.removed", "ä-1").withVersion(8));
            sync.awaitQuiet(PATIENCE);
        }

        var records = read(kafka, 2);

        var changed = records.get(0).value();
        assertThat(changed.getType()).isEqualTo("catalog.product.changed");
        assertThat(changed.getSource()).isEqualTo(URI.create(application));
        assertThat(changed.getDataContentType()).isEqualTo("application/json");
        assertThat(changed.getTime()).isNotNull();
        assertThat(changed.getExtension("partitionkey")).isEqualTo("ä-1");
        assertThat(changed.getExtension("entityversion")).isEqualTo("0000000000000000007");
        assertThat(changed.getExtension("tenant")).isEqualTo("north");
        assertThat(changed.getExtension("outboxseq").toString()).matches("[0-9a-f]{32}:1");
        assertThat(new String(changed.getData().toBytes(), StandardCharsets.UTF_8))
                .contains("\"sku\":\"ä-1\"")
                .contains("Lampe €😀");
        // an event without data is a record without value: Kafka's consumer asks no deserializer about it
        var removed = records.get(1);
        assertThat(removed.key()).isEqualTo("ä-1");
        assertThat(removed.value()).isNull();
        assertThat(removed.headers().lastHeader("ce_type").value())
                .asString(StandardCharsets.UTF_8)
                .isEqualTo("catalog.product.removed");
    }

    @ParameterizedTest
    @EnumSource(Encoding.class)
    void ourHandlersGetWhatTheSdkWrites(Encoding encoding, @RealKafka KafkaServer kafka) {
        var seen = new ConcurrentLinkedQueue<Event<?>>();
        try (var sync = sync(kafka).handlers(new Shop(seen)).start()) {
            write(
                    kafka,
                    encoding,
                    CloudEventBuilder.v1()
                            .withId("e-1")
                            .withSource(URI.create("/legacy/catalog"))
                            .withType("catalog.product.changed")
                            .withTime(OffsetDateTime.parse("2026-03-01T10:00:00Z"))
                            .withDataContentType("application/json")
                            .withExtension("partitionkey", "A-1")
                            .withExtension("tenant", "north")
                            .withData("{\"sku\":\"A-1\",\"revision\":7,\"title\":\"Lampe €\"}"
                                    .getBytes(StandardCharsets.UTF_8))
                            .build());
            await().atMost(PATIENCE).until(() -> !seen.isEmpty());

            var event = seen.element();
            assertThat(event.payload()).isEqualTo(new Product("A-1", 7, "Lampe €"));
            assertThat(event.id()).isEqualTo("e-1");
            assertThat(event.source()).isEqualTo("/legacy/catalog");
            assertThat(event.key()).isEqualTo("A-1");
            assertThat(event.attributes()).containsEntry("tenant", "north");
            assertThat(sync.health().isUp()).isTrue();
        }
    }

    private void write(KafkaServer kafka, Encoding encoding, CloudEvent event) {
        var serializer = new CloudEventSerializer();
        var config = encoding == Encoding.STRUCTURED
                ? Map.of(
                        CloudEventSerializer.ENCODING_CONFIG,
                        Encoding.STRUCTURED,
                        CloudEventSerializer.EVENT_FORMAT_CONFIG,
                        "application/cloudevents+json")
                : Map.of(CloudEventSerializer.ENCODING_CONFIG, encoding);
        serializer.configure(config, false);
        try (var producer = new KafkaProducer<>(
                Map.<String, Object>of("bootstrap.servers", kafka.bootstrapServers(), "acks", "all"),
                new StringSerializer(),
                serializer)) {
            producer.send(new ProducerRecord<>(topic, "A-1", event)).get(30, TimeUnit.SECONDS);
        } catch (InterruptedException | ExecutionException | TimeoutException failure) {
            throw new AssertionError(failure);
        }
    }

    private List<ConsumerRecord<String, CloudEvent>> read(KafkaServer kafka, int count) {
        var records = new ArrayList<ConsumerRecord<String, CloudEvent>>();
        try (var consumer = new KafkaConsumer<>(
                Map.<String, Object>of(
                        "bootstrap.servers",
                        kafka.bootstrapServers(),
                        "group.id",
                        application + ".reader",
                        "auto.offset.reset",
                        "earliest"),
                new StringDeserializer(),
                new CloudEventDeserializer())) {
            consumer.subscribe(List.of(topic));
            await().atMost(PATIENCE).until(() -> {
                consumer.poll(Duration.ofMillis(200)).forEach(records::add);
                return records.size() >= count;
            });
        }
        return records;
    }
}
