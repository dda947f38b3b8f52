package dev.syncline.broker.kafka;

import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.OptionalLong;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ListOffsetsOptions;
import org.apache.kafka.clients.admin.ListOffsetsResult;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.common.IsolationLevel;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;

/**
 * Where the partitions end, as the broker said within the last seconds. Kafka's consumer knows that from what it
 * fetches: so what it knows of a paused partition is as old as the pause, and of a broker that is away as old as the
 * outage, without a word. Here the broker is asked, at most once a second and only while somebody wants to know.
 *
 * <p>Asked by the polling thread, answered on the admin client's; nobody waits.
 */
final class EndOffsets {

    private static final long EVERY_NANOS = TimeUnit.SECONDS.toNanos(1);

    /** What the broker said counts for so long. */
    static final Duration FRESH = Duration.ofSeconds(4);

    private final Supplier<Admin> admin;
    private final ListOffsetsOptions options;
    private final Map<TopicPartition, Known> known = new HashMap<>();
    private final Map<TopicPartition, Long> asked = new HashMap<>();

    private record Known(long offset, long askedNanos) {}

    EndOffsets(Supplier<Admin> admin, IsolationLevel isolation) {
        this.admin = admin;
        this.options = new ListOffsetsOptions(isolation).timeoutMs((int) FRESH.toMillis());
    }

    /** The offset behind the last message, if the broker said so lately; asks if it is time. */
    synchronized OptionalLong of(TopicPartition partition, Iterable<TopicPartition> all, long nowNanos) {
        var last = asked.get(partition);
        if (last == null || nowNanos - last >= EVERY_NANOS) {
            ask(all, nowNanos);
        }
        var end = known.get(partition);
        return end == null || nowNanos - end.askedNanos > FRESH.toNanos()
                ? OptionalLong.empty()
                : OptionalLong.of(end.offset);
    }

    private void ask(Iterable<TopicPartition> all, long nowNanos) {
        var question = new HashMap<TopicPartition, OffsetSpec>();
        asked.clear();
        all.forEach(one -> {
            question.put(one, OffsetSpec.latest());
            asked.put(one, nowNanos);
        });
        known.keySet().retainAll(question.keySet());
        var answers = admin.get().listOffsets(question, options);
        for (var one : question.keySet()) {
            var unused =
                    answers.partitionResult(one).whenComplete((answer, failure) -> answered(one, answer, nowNanos));
        }
    }

    private synchronized void answered(
            TopicPartition partition, ListOffsetsResult.@Nullable ListOffsetsResultInfo answer, long askedNanos) {
        var before = known.get(partition);
        if (answer != null && (before == null || before.askedNanos < askedNanos)) {
            known.put(partition, new Known(answer.offset(), askedNanos));
        }
    }
}
