package dev.syncline.verification.kill;

import dev.syncline.testkit.server.KafkaServer;
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

/** Kafka behind a proxy. It writes its log without forcing it, so that a kill of the process loses nothing of it. */
final class KafkaPlace implements Place {

    private static final Duration PATIENCE = Duration.ofSeconds(5);

    private final KafkaServer kafka = KafkaServer.builder().proxied().start();
    private final Map<Integer, Long> asked = new HashMap<>();

    @Override
    public String uri() {
        return "kafka://" + kafka.bootstrapServers();
    }

    @Override
    public Optional<ServerProcess> server() {
        return Optional.of(kafka);
    }

    @Override
    public List<String> passed(String group, String topic) {
        if (!kafka.isRunning() || kafka.isPaused()) {
            return List.of();
        }
        var ids = new ArrayList<String>();
        try (var consumer = new KafkaConsumer<>(
                Map.<String, Object>copyOf(kafka.clientConfig()),
                new ByteArrayDeserializer(),
                new ByteArrayDeserializer())) {
            for (var commit : kafka.commits(group, topic).entrySet()) {
                passed(
                        consumer,
                        new TopicPartition(topic, commit.getKey()),
                        commit.getValue().offset(),
                        ids);
            }
        } catch (ServerException | KafkaException away) {
            return List.of(); // killed meanwhile, or cut off
        }
        return ids;
    }

    private void passed(KafkaConsumer<byte[], byte[]> consumer, TopicPartition partition, long end, List<String> ids) {
        long at = asked.getOrDefault(partition.partition(), 0L);
        consumer.assign(List.of(partition));
        consumer.seek(partition, at);
        while (at < end) {
            var records = consumer.poll(PATIENCE);
            if (records.isEmpty()) {
                return; // it does not answer: asked again after the next kill
            }
            for (ConsumerRecord<byte[], byte[]> found : records) {
                if (found.offset() < end) {
                    ids.add(new String(found.headers().lastHeader("ce_id").value(), StandardCharsets.UTF_8));
                }
                at = found.offset() + 1;
            }
        }
        asked.put(partition.partition(), end);
    }

    @Override
    public void close() {
        kafka.close();
    }
}
