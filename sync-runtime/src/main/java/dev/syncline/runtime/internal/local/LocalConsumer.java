package dev.syncline.runtime.internal.local;

import dev.syncline.api.BrokerException;
import dev.syncline.api.OutboxException;
import dev.syncline.runtime.internal.envelope.LogText;
import dev.syncline.runtime.internal.outbox.Outbox;
import dev.syncline.runtime.internal.streams.WakeSignal;
import dev.syncline.spi.AssignmentListener;
import dev.syncline.spi.BrokerConsumer;
import dev.syncline.spi.Position;
import dev.syncline.spi.Received;
import dev.syncline.spi.Subscription;
import dev.syncline.spi.TopicPartition;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Reads the outbox in place for one group. All partitions of all topics are its own from the first {@code poll} on until
 * it is closed: it loses none for not polling, since nobody else could have them.
 *
 * <p>An acknowledgement is in the group's file when {@code acknowledge} returns, safe from kill -9. {@code
 * acknowledgeNow} and {@code close} force it to the drive.
 *
 * <p>Threading: one thread, except {@link #wakeup} and {@link #abandon}; the monitor of this object guards what {@code
 * abandon} takes away. No user code runs under it.
 */
final class LocalConsumer implements BrokerConsumer {

    /** How often positions of partitions in which nothing happens are brought up to date. */
    private static final long REFRESH_EVERY = TimeUnit.SECONDS.toNanos(1);

    /** How often a gap is told while other partitions deliver. */
    private static final long REFUSE_EVERY = TimeUnit.SECONDS.toNanos(1);

    private final LocalBroker broker;
    private final LocalStore store;
    private final Outbox outbox;
    private final LocalGaps gaps;
    private final Subscription subscription;
    private final AssignmentListener listener;
    private final LongSupplier nanoTime;
    private final WakeSignal signal = new WakeSignal();
    private final ArrayDeque<Received> batch = new ArrayDeque<>();
    private volatile @Nullable LocalReading reading; // written under the monitor
    private boolean hasMore;
    private long lastRefresh;
    private long lastRefusal;
    private boolean isClosed;
    private volatile boolean isWoken;
    private volatile boolean isAbandoned;

    LocalConsumer(
            LocalBroker broker,
            LocalStore store,
            Subscription subscription,
            AssignmentListener listener,
            LongSupplier nanoTime) {
        this.broker = broker;
        this.store = store;
        this.outbox = store.outbox();
        this.gaps = new LocalGaps(outbox, subscription.group());
        this.subscription = subscription;
        this.listener = listener;
        this.nanoTime = nanoTime;
        this.lastRefresh = nanoTime.getAsLong();
        this.lastRefusal = lastRefresh - REFUSE_EVERY;
    }

    // --- poll

    @Override
    public void poll(Duration atMost, Consumer<Received> sink) {
        checkOpen();
        if (reading == null) {
            assign();
        }
        long end = nanoTime.getAsLong() + atMost.toNanos();
        while (true) {
            signal.lower();
            refuseIfDue();
            int delivered = deliver(sink);
            if (delivered > 0 || isClosed || takeWakeup()) {
                return;
            }
            refuseGaps();
            long now = nanoTime.getAsLong();
            refreshIfDue(now);
            if (end - now <= 0) {
                return;
            }
            if (!hasMore) {
                signal.await(Math.min(end - now, REFRESH_EVERY));
            }
        }
    }

    private void assign() {
        broker.checkTopics(subscription.topics());
        var begun = LocalReading.begin(broker, store, subscription, gaps, batch::add, signal::raise);
        synchronized (this) {
            reading = begun;
            if (isAbandoned) {
                release();
            }
            checkOpen();
        }
        var assigned = new ArrayList<AssignmentListener.Assigned>();
        begun.partitions().all().forEach(partition -> assigned.add(partition.assigned()));
        listener.onAssigned(assigned);
    }

    /** Hands on what there is; returns how much. */
    private int deliver(Consumer<Received> sink) {
        fetch();
        int delivered = 0;
        try {
            while (!batch.isEmpty()) {
                var received = batch.remove();
                var partition = find(received.partition());
                if (partition == null) {
                    continue; // the sink closed
                }
                if (partition.isPaused()) {
                    partition.fetched.add(received);
                } else {
                    delivered++;
                    sink.accept(received);
                }
            }
        } finally {
            keepUndelivered(); // the sink threw
        }
        return delivered;
    }

    private synchronized void fetch() {
        var held = reading;
        if (held == null) {
            checkOpen();
            return;
        }
        for (var partition : held.partitions().all()) {
            while (!partition.isPaused() && !partition.fetched.isEmpty() && batch.size() < subscription.maxPoll()) {
                batch.add(partition.fetched.remove());
            }
        }
        try {
            hasMore = held.poll(subscription.maxPoll() - batch.size());
        } catch (OutboxException failed) {
            throw BrokerException.retryable("the outbox cannot be read: " + failed.getMessage(), failed);
        }
    }

    private void keepUndelivered() {
        while (!batch.isEmpty()) {
            var received = batch.remove();
            var partition = find(received.partition());
            if (partition != null) {
                partition.fetched.add(received);
            }
        }
    }

    private boolean takeWakeup() {
        boolean woken = isWoken;
        isWoken = false;
        return woken;
    }

    @Override
    public void wakeup() {
        isWoken = true;
        signal.raise();
    }

    private void refuseIfDue() {
        if (nanoTime.getAsLong() - lastRefusal >= REFUSE_EVERY) {
            refuseGaps();
        }
    }

    private void refuseGaps() {
        var held = reading;
        if (held == null) {
            return;
        }
        for (var partition : held.partitions().all()) {
            var gap = partition.gap();
            if (gap != null && !partition.isPaused()) {
                lastRefusal = nanoTime.getAsLong();
                throw BrokerException.refused(gap, null);
            }
        }
    }

    // --- acknowledge

    @Override
    public void acknowledge(Map<TopicPartition, Acknowledgement> positions) {
        positions.keySet().forEach(this::partition);
        keep(positions, false);
    }

    @Override
    public boolean acknowledgeNow(Map<TopicPartition, Acknowledgement> positions, Duration atMost) {
        positions.keySet().forEach(this::partition);
        return keep(positions, true);
    }

    private synchronized boolean keep(Map<TopicPartition, Acknowledgement> positions, boolean force) {
        var held = reading;
        if (held == null) {
            return positions.isEmpty();
        }
        try {
            positions.forEach((id, acknowledgement) -> held.acknowledge(partition(id), acknowledgement));
            if (force) {
                held.force();
            }
            return true;
        } catch (OutboxException failed) {
            throw BrokerException.retryable(String.valueOf(failed.getMessage()), failed);
        }
    }

    private void refreshIfDue(long now) {
        if (now - lastRefresh >= REFRESH_EVERY) {
            lastRefresh = now;
            refresh();
        }
    }

    private synchronized void refresh() {
        var held = reading;
        if (held == null) {
            return;
        }
        try {
            held.refresh();
        } catch (OutboxException failed) {
            throw BrokerException.retryable(String.valueOf(failed.getMessage()), failed);
        }
    }

    // --- pause, seek, lag

    @Override
    public void pause(Set<TopicPartition> ids) {
        ids.forEach(this::partition);
        ids.forEach(id -> partition(id).pause(true));
    }

    @Override
    public void resume(Set<TopicPartition> ids) {
        ids.forEach(this::partition);
        ids.forEach(id -> partition(id).pause(false));
    }

    @Override
    public void seekAfter(TopicPartition id, Position position) {
        var partition = partition(id);
        var gap = gaps.after(partition, position);
        move(partition, new Position(position.major(), position.minor() + 1), gap);
    }

    @Override
    public void seekTo(TopicPartition id, Instant time) {
        var partition = partition(id);
        try (var reader = outbox.newReader()) {
            var end = LocalStore.endAfter(outbox.lastIndex());
            reader.moveTo(time);
            move(partition, reader.next() ? reader.position() : end, null);
        }
    }

    @Override
    public void seekTo(TopicPartition id, Subscription.Start start) {
        var partition = partition(id);
        boolean isEarliest = start == Subscription.Start.EARLIEST;
        move(
                partition,
                isEarliest ? new Position(outbox.firstIndex(), 0) : LocalStore.endAfter(outbox.lastIndex()),
                null);
    }

    private synchronized void move(LocalPartition partition, Position from, @Nullable String gap) {
        var held = reading;
        if (held == null) {
            return;
        }
        batch.removeIf(received -> received.partition().equals(partition.id));
        held.moveTo(partition, from, gap);
    }

    @Override
    public synchronized OptionalLong lag(TopicPartition id) {
        var partition = partition(id);
        var held = reading;
        return held == null ? OptionalLong.empty() : OptionalLong.of(held.lag(partition));
    }

    private LocalPartition partition(TopicPartition id) {
        checkOpen();
        var partition = find(id);
        if (partition == null) {
            throw new IllegalStateException(
                    LogText.of(id.toString()) + " is not assigned to " + LogText.of(subscription.member()));
        }
        return partition;
    }

    private @Nullable LocalPartition find(TopicPartition id) {
        var held = reading;
        return held == null ? null : held.partitions().find(id);
    }

    // --- end

    @Override
    public void close() {
        if (isClosed) {
            return;
        }
        try {
            var held = reading;
            if (!isAbandoned && held != null && !held.partitions().ids().isEmpty()) {
                listener.onRevoked(Set.copyOf(held.partitions().ids()));
            }
            keepAtClose();
        } finally {
            isClosed = true;
            release();
            broker.closed(this);
        }
    }

    private synchronized void keepAtClose() {
        refresh();
        var held = reading;
        if (held != null) {
            held.force();
        }
    }

    /** Lets go of everything without a word to the listener: its broker is closed. Any thread. */
    void abandon() {
        isAbandoned = true;
        release();
        signal.raise();
    }

    private synchronized void release() {
        var held = reading;
        reading = null;
        if (held != null) {
            held.end();
        }
    }

    private void checkOpen() {
        if (isClosed || isAbandoned) {
            throw new IllegalStateException("the consumer of group " + LogText.of(subscription.group()) + " is closed");
        }
    }
}
