package dev.syncline.broker.kafka;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.DescribeTopicsOptions;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;
import org.jspecify.annotations.Nullable;

/**
 * Asks the broker about one topic until it answers, without a thread of its own: Kafka's admin client answers on its
 * thread, and pauses are waited for by the JDK's.
 */
final class TopicLookup {

    /** A broker that just started, or just made the topic, may deny it for a moment. */
    private static final int DENIALS = 4;

    /** Between two questions, unless there is a reason to ask sooner. */
    static final Duration PAUSE = Duration.ofMillis(150);

    private static final int ANSWER_MILLIS = 10_000;

    private final Supplier<Admin> admin;
    private final String topic;
    private int denials;

    TopicLookup(Supplier<Admin> admin, String topic) {
        this.admin = admin;
        this.topic = topic;
    }

    /**
     * Asks, and again as long as it is told to.
     *
     * @param onAnswer called with each answer, mostly on another thread
     */
    void ask(OnAnswer onAnswer) {
        try {
            var unused = admin.get()
                    .describeTopics(List.of(topic), new DescribeTopicsOptions().timeoutMs(ANSWER_MILLIS))
                    .allTopicNames()
                    .whenComplete((description, failure) -> {
                        var reason = failure == null ? null : KafkaFailures.unwrap(failure);
                        answer(onAnswer, reason, reason != null && isFinal(reason));
                    });
        } catch (RuntimeException unmade) {
            answer(onAnswer, unmade, false);
        }
    }

    private void answer(OnAnswer onAnswer, @Nullable Throwable failure, boolean isFinal) {
        var pause = onAnswer.answered(failure, isFinal);
        if (pause != null) {
            later(pause, () -> ask(onAnswer));
        }
    }

    private boolean isFinal(Throwable failure) {
        return KafkaFailures.isAboutTopic(failure)
                || (failure instanceof UnknownTopicOrPartitionException && ++denials >= DENIALS);
    }

    static void later(Duration pause, Runnable task) {
        CompletableFuture.delayedExecutor(pause.toMillis(), TimeUnit.MILLISECONDS)
                .execute(task);
    }

    /** Told what the broker says. */
    @FunctionalInterface
    interface OnAnswer {

        /**
         * Says what the broker answered.
         *
         * @param failure null if the topic is there
         * @param isFinal whether asking again is of no use
         * @return after what time to ask again, null for never
         */
        @Nullable
        Duration answered(@Nullable Throwable failure, boolean isFinal);
    }
}
