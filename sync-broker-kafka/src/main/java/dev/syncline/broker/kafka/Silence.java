package dev.syncline.broker.kafka;

import java.time.Duration;
import java.util.Map;
import org.apache.kafka.common.Metric;
import org.apache.kafka.common.MetricName;
import org.jspecify.annotations.Nullable;

/**
 * Notices that a broker is away. Kafka's consumer does not say so: its poll just comes back empty. But while it fetches
 * it gets an answer at least every {@code fetch.max.wait.ms}, with or without messages, and as a member of a group one
 * to each heartbeat; so silence tells, whether the broker died, hangs, or cannot be reached.
 */
final class Silence {

    /** Patience while something is fetched. */
    private static final Duration FETCHING = Duration.ofSeconds(10);

    /** Patience while there are only heartbeats, which KIP-848 brokers ask for every 5 seconds. */
    private static final Duration BEATING = Duration.ofSeconds(20);

    private final Duration fetching;
    private @Nullable Metric answers;
    private double lastCount = -1;
    private long lastNanos;

    Silence(long fetchMaxWaitMillis) {
        this.fetching = FETCHING.compareTo(Duration.ofMillis(2 * fetchMaxWaitMillis)) > 0
                ? FETCHING
                : Duration.ofMillis(2 * fetchMaxWaitMillis);
    }

    /** A new client: patience begins anew. */
    void listenTo(Map<MetricName, ? extends Metric> metrics, long nowNanos) {
        lastNanos = nowNanos;
        lastCount = -1;
        answers = null;
        metrics.forEach((name, metric) -> {
            if (name.name().equals("response-total") && name.group().equals("consumer-metrics")) {
                answers = metric;
            }
        });
    }

    /** Looks at the number of answers so far; cheap. */
    void look(long nowNanos) {
        if (answers != null && answers.metricValue() instanceof Double count && count != lastCount) {
            lastCount = count;
            lastNanos = nowNanos;
        }
    }

    /**
     * How long there was no answer, if that is longer than it ever takes a broker that is there; else null.
     *
     * @param isFetching whether some partition is to be read
     */
    @Nullable
    Duration tooLong(long nowNanos, boolean isFetching) {
        if (answers == null) {
            return null;
        }
        var silent = Duration.ofNanos(nowNanos - lastNanos);
        return silent.compareTo(isFetching ? fetching : BEATING) > 0 ? silent : null;
    }
}
