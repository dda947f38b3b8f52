package dev.syncline.broker.kafka;

import dev.syncline.api.BrokerException;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.DescribeTopicsOptions;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;
import org.jspecify.annotations.Nullable;

/**
 * Notices that a topic is missing or forbidden. Kafka's consumer waits for such topics without a word; so while it gets
 * no partition the broker is asked now and then. Used by the polling thread, answered on the admin client's.
 */
final class TopicWatch {

    private static final long EVERY_NANOS = TimeUnit.SECONDS.toNanos(3);
    private static final int ANSWER_MILLIS = 10_000;

    private final Supplier<Admin> admin;
    private final Set<String> topics;
    private final KafkaFailures failures;
    private final boolean createsTopics;
    private @Nullable Long lastNanos;
    private volatile @Nullable BrokerException refusal;

    TopicWatch(Supplier<Admin> admin, Set<String> topics, KafkaFailures failures, boolean createsTopics) {
        this.admin = admin;
        this.topics = topics;
        this.failures = failures;
        this.createsTopics = createsTopics;
    }

    /** What the broker said of the topics last, if it was a refusal; asks again if it is time. */
    @Nullable
    BrokerException look(boolean hasPartitions, long nowNanos) {
        if (hasPartitions) {
            lastNanos = null;
            refusal = null;
            return null;
        }
        if (lastNanos == null) {
            lastNanos = nowNanos; // joining a group takes a moment
        } else if (nowNanos - lastNanos >= EVERY_NANOS) {
            lastNanos = nowNanos;
            ask();
        }
        return refusal;
    }

    private void ask() {
        var answers = admin.get()
                .describeTopics(topics, new DescribeTopicsOptions().timeoutMs(ANSWER_MILLIS))
                .topicNameValues();
        for (var answer : answers.entrySet()) {
            var unused = answer.getValue().whenComplete((description, failure) -> answered(answer.getKey(), failure));
        }
    }

    private void answered(String topic, @Nullable Throwable wrapped) {
        if (wrapped == null) {
            refusal = null;
            return;
        }
        var failure = KafkaFailures.unwrap(wrapped);
        if (failure instanceof UnknownTopicOrPartitionException) {
            refusal = failures.missing(topic, createsTopics, failure);
        } else if (KafkaFailures.isAboutTopic(failure)) {
            refusal = failures.of(failure, "read topic \"" + topic + "\"");
        }
    }
}
