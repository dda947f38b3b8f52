package dev.syncline.verification.place;

import dev.syncline.testkit.server.KafkaServer;
import dev.syncline.testkit.server.RedisServer;
import dev.syncline.testkit.server.ServerException;
import dev.syncline.testkit.server.ServerProcess;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.jspecify.annotations.Nullable;

/** Kafka behind a proxy. It writes its log without forcing it, so that a kill of the process loses nothing of it. */
final class KafkaPlace implements Place {

    private static final Duration PATIENCE = Duration.ofSeconds(5);

    private final KafkaServer kafka;
    private final @Nullable RedisServer state;
    private final Map<String, Long> asked = new HashMap<>();

    private KafkaPlace(KafkaServer kafka, @Nullable RedisServer state) {
        this.kafka = kafka;
        this.state = state;
    }

    static KafkaPlace ofOne() {
        return new KafkaPlace(KafkaServer.builder().proxied().start(), null);
    }

    static KafkaPlace ofGroup(Duration session, boolean isKilled) {
        var state = RedisPlace.state(isKilled);
        try {
            return new KafkaPlace(
                    KafkaServer.builder()
                            .proxied()
                            .config("group.consumer.min.heartbeat.interval.ms", "200")
                            .config("group.consumer.heartbeat.interval.ms", "200")
                            .config("group.consumer.min.session.timeout.ms", "1000")
                            .config("group.consumer.session.timeout.ms", Long.toString(session.toMillis()))
                            .start(),
                    state);
        } catch (RuntimeException failed) {
            state.close();
            throw failed;
        }
    }

    @Override
    public String uri() {
        return "kafka://" + kafka.bootstrapServers();
    }

    @Override
    public List<ServerProcess> servers() {
        return state == null ? List.of(kafka) : List.of(kafka, state);
    }

    @Override
    public Optional<RedisServer> state() {
        return Optional.ofNullable(state);
    }

    @Override
    public List<String> passed(String group, String topic) {
        if (!kafka.isRunning() || kafka.isPaused()) {
            return List.of();
        }
        var ids = new ArrayList<String>();
        try (var consumer = consumer()) {
            for (var commit : kafka.commits(group, topic).entrySet()) {
                passed(
                        consumer,
                        group,
                        new TopicPartition(topic, commit.getKey()),
                        commit.getValue().offset(),
                        ids);
            }
        } catch (ServerException | KafkaException away) {
            return List.of(); // killed meanwhile, or cut off
        }
        return ids;
    }

    private void passed(
            KafkaConsumer<byte[], byte[]> consumer,
            String group,
            TopicPartition partition,
            long end,
            List<String> ids) {
        long at = asked.getOrDefault(group + partition, 0L);
        consumer.assign(List.of(partition));
        consumer.seek(partition, at);
        while (at < end) {
            var records = consumer.poll(PATIENCE);
            if (records.isEmpty()) {
                return; // it does not answer: asked again after the next kill
            }
            for (ConsumerRecord<byte[], byte[]> found : records) {
                if (found.offset() < end) {
                    ids.add(header(found, "ce_id"));
                }
                at = found.offset() + 1;
            }
        }
        asked.put(group + partition, end);
    }

    @Override
    public List<Shipped> shipped(String topic) {
        var all = new ArrayList<Shipped>();
        try (var consumer = consumer()) {
            var partitions = consumer.partitionsFor(topic).stream()
                    .map(one -> new TopicPartition(topic, one.partition()))
                    .toList();
            for (var end : consumer.endOffsets(partitions).entrySet()) {
                consumer.assign(List.of(end.getKey()));
                consumer.seekToBeginning(List.of(end.getKey()));
                while (consumer.position(end.getKey()) < end.getValue()) {
                    for (var found : consumer.poll(PATIENCE)) {
                        all.add(Shipped.of(
                                found.partition(),
                                header(found, "ce_id"),
                                header(found, "ce_outboxseq"),
                                found.timestamp()));
                    }
                }
            }
        }
        return all;
    }

    private KafkaConsumer<byte[], byte[]> consumer() {
        return new KafkaConsumer<>(
                Map.<String, Object>copyOf(kafka.clientConfig()),
                new ByteArrayDeserializer(),
                new ByteArrayDeserializer());
    }

    private static String header(ConsumerRecord<byte[], byte[]> found, String name) {
        return new String(found.headers().lastHeader(name).value(), StandardCharsets.UTF_8);
    }

    @Override
    public void close() {
        kafka.close();
        if (state != null) {
            state.close();
        }
    }
}
