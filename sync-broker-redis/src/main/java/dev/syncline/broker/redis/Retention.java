package dev.syncline.broker.redis;

import dev.syncline.spi.TopicPartition;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Drops old entries now and then, by age and by number, but never what a group has still to read or to acknowledge: a
 * group that nobody reads any more holds everything, until it is forgotten.
 *
 * <p>Threading: guarded by the lock, or confined to the thread, of whoever owns it.
 */
final class Retention {

    private static final Logger log = LoggerFactory.getLogger(Retention.class);

    private static final Duration SHORTEST = Duration.ofSeconds(1);
    private static final Duration LONGEST = Duration.ofMinutes(1);

    private static final class Account {
        long nextNanos = System.nanoTime();
        long appended;
        volatile boolean failing;
    }

    private final String keepMillis;
    private final String keepEntries;
    private final long intervalNanos;
    private final Map<TopicPartition, Account> accounts = new HashMap<>();

    Retention(RedisOptions options) {
        var time = options.retentionTime();
        keepMillis = time == null ? "" : String.valueOf(time.toMillis());
        keepEntries = options.retentionEntries() == 0 ? "" : String.valueOf(options.retentionEntries());
        var interval = time == null || !keepEntries.isEmpty() ? SHORTEST : time.dividedBy(20);
        intervalNanos = (interval.compareTo(SHORTEST) < 0
                        ? SHORTEST
                        : interval.compareTo(LONGEST) > 0 ? LONGEST : interval)
                .toNanos();
    }

    /** So many were appended to the partition, or none; drops what is due. Does not wait. */
    void appended(Session session, TopicPartition partition, int count) {
        if (keepMillis.isEmpty() && keepEntries.isEmpty()) {
            return;
        }
        var account = accounts.computeIfAbsent(partition, first -> new Account());
        account.appended += count;
        long now = System.nanoTime();
        if (now - account.nextNanos < 0) {
            return;
        }
        account.nextNanos = now + intervalNanos;
        // faster than it grows, in steps that do not stop the server
        long most = account.appended * 2 + 1000;
        account.appended = 0;
        session.run(
                        Script.TRIM,
                        Keys.list(Keys.stream(partition)),
                        Keys.list(keepMillis, keepEntries, String.valueOf(most)))
                .whenComplete((reply, failure) -> report(partition, account, failure));
    }

    private static void report(TopicPartition partition, Account account, @Nullable Throwable failure) {
        if (failure == null) {
            account.failing = false;
        } else if (!account.failing) {
            account.failing = true;
            log.warn(
                    "{}",
                    Failures.translate("cannot drop old entries of " + Keys.stream(partition), failure)
                            .getMessage());
        }
    }
}
