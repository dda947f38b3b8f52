package dev.syncline.broker.kafka;

import dev.syncline.broker.kafka.KafkaSettings.Protocol;
import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.apache.kafka.clients.consumer.CommitFailedException;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.RebalanceInProgressException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What is to be committed. One request is under way at a time, so that none overtakes another; what comes meanwhile goes
 * with the next, and what failed is asked for again with it, as long as the partition is ours. Used by the polling
 * thread only.
 */
final class Commits {

    private static final Logger log = LoggerFactory.getLogger(Commits.class);

    private static final long FIRST_PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(50);
    private static final long LONGEST_PAUSE_NANOS = TimeUnit.SECONDS.toNanos(2);

    private final String group;
    private final Duration longestSilence;
    private final Map<TopicPartition, OffsetAndMetadata> wanted = new HashMap<>();
    private final Set<TopicPartition> unconfirmed = new HashSet<>();
    private boolean isUnderWay;
    private long notBeforeNanos;
    private int failures;
    private int generation;

    /**
     * For one group.
     *
     * @param longestSilence after how long without a poll Kafka shuts a member out
     */
    Commits(String group, Duration longestSilence) {
        this.group = group;
        this.longestSilence = longestSilence;
    }

    /** The next owner shall begin there. */
    void want(TopicPartition partition, OffsetAndMetadata offset) {
        wanted.put(partition, offset);
        unconfirmed.add(partition);
    }

    /** Asks the broker for what it has not confirmed, unless a request is under way or just failed. Does not wait. */
    void send(ConsumerClient client) {
        boolean mustPause = failures > 0 && System.nanoTime() - notBeforeNanos < 0;
        if (isUnderWay || unconfirmed.isEmpty() || mustPause || isShutOut(client)) {
            return;
        }
        var offsets = unconfirmed(unconfirmed);
        isUnderWay = true;
        int asked = generation;
        client.commitLater(offsets, (unused, failure) -> {
            if (asked == generation) {
                isUnderWay = false;
                answered(offsets, failure);
                if (!unconfirmed.isEmpty()) {
                    client.cutShort();
                }
            }
        });
    }

    /** Asks the broker for what it has not confirmed of these partitions, and waits; returns whether it confirmed. */
    boolean sendNow(ConsumerClient client, Collection<TopicPartition> partitions, Duration atMost) {
        var offsets = unconfirmed(partitions);
        long deadline = System.nanoTime() + atMost.toNanos();
        while (!offsets.isEmpty()) {
            if (isShutOut(client)) {
                return false;
            }
            var left = Duration.ofNanos(Math.max(0, deadline - System.nanoTime()));
            try {
                client.commit(offsets, left);
                answered(offsets, null);
                return true;
            } catch (CommitFailedException stale) {
                // KIP-848 gives a member another epoch with each change, and its client hears of it a moment later
                if (client.protocol() != Protocol.CONSUMER || left.toNanos() < FIRST_PAUSE_NANOS) {
                    answered(offsets, stale);
                    return false;
                }
                LockSupport.parkNanos(this, FIRST_PAUSE_NANOS);
            } catch (RebalanceInProgressException joining) {
                // the members of a classic group are agreeing, which they do as long as they talk to the broker
                if (left.toNanos() < FIRST_PAUSE_NANOS) {
                    answered(offsets, joining);
                    return false;
                }
                client.talk(offsets.keySet(), Duration.ofNanos(FIRST_PAUSE_NANOS));
                LockSupport.parkNanos(this, FIRST_PAUSE_NANOS);
            } catch (KafkaException failure) {
                answered(offsets, failure);
                return false;
            }
        }
        return true;
    }

    /**
     * Whether Kafka has shut us out for not polling, and only the next poll will say so. A commit must not be tried then:
     * in a group that has no members left it would be taken from anybody.
     */
    boolean isShutOut(ConsumerClient client) {
        return System.nanoTime() - client.polledNanos() > longestSilence.toNanos();
    }

    private Map<TopicPartition, OffsetAndMetadata> unconfirmed(Collection<TopicPartition> partitions) {
        var offsets = new HashMap<TopicPartition, OffsetAndMetadata>();
        for (var partition : partitions) {
            var offset = wanted.get(partition);
            if (offset != null && unconfirmed.contains(partition)) {
                offsets.put(partition, offset);
            }
        }
        return offsets;
    }

    private void answered(Map<TopicPartition, OffsetAndMetadata> offsets, @Nullable Exception failure) {
        if (failure != null) {
            if (failures == 0) {
                log.warn("Group {}: positions are not committed, trying again: {}", group, failure.toString());
            }
            failures++;
            long pause = FIRST_PAUSE_NANOS << Math.min(failures, 10);
            notBeforeNanos = System.nanoTime() + Math.min(LONGEST_PAUSE_NANOS, pause);
            return;
        }
        offsets.forEach((partition, offset) -> {
            if (offset.equals(wanted.get(partition))) {
                unconfirmed.remove(partition);
            }
        });
        if (failures > 0) {
            log.info("Group {}: positions are committed again, after {} failures", group, failures);
            failures = 0;
        }
    }

    /** After what time to look again, if something failed and waits; null if not. */
    @Nullable
    Duration pause() {
        return failures == 0 || isUnderWay || unconfirmed.isEmpty()
                ? null
                : Duration.ofNanos(Math.max(0, notBeforeNanos - System.nanoTime()));
    }

    /** These partitions are not ours any more: nothing may be committed there. */
    void forget(Collection<TopicPartition> partitions) {
        partitions.forEach(wanted::remove);
        partitions.forEach(unconfirmed::remove);
    }

    /** The client is gone, and its answers with it. */
    void forgetClient() {
        isUnderWay = false;
        generation++;
    }
}
