package dev.syncline.runtime.internal.local;

import dev.syncline.api.BrokerException;
import dev.syncline.api.OutboxException;
import dev.syncline.runtime.internal.envelope.LogText;
import dev.syncline.runtime.internal.outbox.Outbox;
import dev.syncline.runtime.internal.streams.LogStreams;
import dev.syncline.runtime.internal.streams.OutboxCursor;
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
import java.util.HashMap;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

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

    private static final Logger LOG = LoggerFactory.getLogger(LocalConsumer.class);

    private static final int READS_PER_TURN = 4096;

    /** How often positions of partitions in which nothing happens are brought up to date. */
    private static final long REFRESH_EVERY = TimeUnit.SECONDS.toNanos(1);

    /** How often a gap is told while other partitions deliver. */
    private static final long REFUSE_EVERY = TimeUnit.SECONDS.toNanos(1);

    private final LocalBroker broker;
    private final LocalStore store;
    private final Outbox outbox;
    private final Subscription subscription;
    private final AssignmentListener listener;
    private final LongSupplier nanoTime;
    private final WakeSignal signal = new WakeSignal();
    private final Map<TopicPartition, LocalPartition> partitions = new TreeMap<>(LocalConsumer::compare);
    private final Map<String, LocalPartition[]> byTopic = new HashMap<>();
    private final ArrayDeque<Received> batch = new ArrayDeque<>();
    private @Nullable Reading reading;
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
        this.subscription = subscription;
        this.listener = listener;
        this.nanoTime = nanoTime;
        this.lastRefresh = nanoTime.getAsLong();
        this.lastRefusal = lastRefresh - REFUSE_EVERY;
    }

    /** What is held while the group is ours. */
    private record Reading(
            LocalStore.Claim claim, LogStreams<OutboxCursor> streams, Outbox.Registration registration) {}

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

    /** Hands on what there is; returns how much. */
    private int deliver(Consumer<Received> sink) {
        fetch();
        int delivered = 0;
        try {
            while (!batch.isEmpty()) {
                var received = batch.remove();
                var partition = partitions.get(received.partition());
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
        try {
            for (var partition : partitions.values()) {
                while (!partition.isPaused() && !partition.fetched.isEmpty() && batch.size() < subscription.maxPoll()) {
                    batch.add(partition.fetched.remove());
                }
                partition.beginPoll();
                if (partition.isFlowing()) {
                    held.streams().ready(partition);
                }
            }
            int room = subscription.maxPoll() - batch.size();
            hasMore = room > 0 && held.streams().poll(READS_PER_TURN, room) > 0;
        } catch (OutboxException failed) {
            throw BrokerException.retryable("the outbox cannot be read: " + failed.getMessage(), failed);
        }
    }

    private void keepUndelivered() {
        while (!batch.isEmpty()) {
            var received = batch.remove();
            var partition = partitions.get(received.partition());
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

    // --- gaps

    private void refuseIfDue() {
        if (nanoTime.getAsLong() - lastRefusal >= REFUSE_EVERY) {
            refuseGaps();
        }
    }

    private void refuseGaps() {
        for (var partition : partitions.values()) {
            var gap = partition.gap();
            if (gap != null && !partition.isPaused()) {
                lastRefusal = nanoTime.getAsLong();
                throw BrokerException.refused(gap, null);
            }
        }
    }

    /** Why a group that stands at {@code kept} has nothing to read there; null if it has. */
    private @Nullable String gapAt(TopicPartition id, Kept kept, Oldest oldest) {
        if (kept.clear().major() >= oldest.index || kept.clearN() + 1 >= oldest.n) {
            return null;
        }
        return gap(id, kept.clear(), oldest);
    }

    private String gap(TopicPartition id, Position position, Oldest oldest) {
        return "group " + LogText.of(subscription.group()) + " has to go on in " + LogText.of(id.toString()) + " at "
                + position + ", but the oldest entry of the outbox is " + oldest.index
                + ": what lies between was deleted, and nothing was skipped; bring the files back, or forget the group"
                + " and fill the target again";
    }

    private @Nullable String gapAfter(LocalPartition partition, Position position) {
        if (position.major() > outbox.lastIndex()) {
            return "group " + LogText.of(subscription.group()) + " is to go on in "
                    + LogText.of(partition.id.toString()) + " after " + position
                    + ", which is beyond the newest entry of the outbox, " + outbox.lastIndex()
                    + ": it lost its end, or the position is another's; seek to a position that it has";
        }
        var oldest = oldest();
        if (position.major() >= oldest.index) {
            return null;
        }
        var from = new Position(position.major(), position.minor() + 1);
        var kept = partition.kept();
        return kept.clear().compareTo(from) >= 0 && position.equals(kept.acknowledged())
                ? gapAt(partition.id, kept, oldest)
                : gap(partition.id, from, oldest);
    }

    private Oldest oldest() {
        try (var reader = outbox.newReader()) {
            reader.moveToOldest();
            return reader.next()
                    ? new Oldest(reader.index(), reader.n())
                    : new Oldest(outbox.firstIndex(), outbox.lastN() + 1);
        }
    }

    /** The oldest entry of the outbox. */
    private record Oldest(long index, long n) {}

    // --- assignment

    private void assign() {
        broker.checkTopics(subscription.topics());
        var claim = store.claim(subscription.group(), subscription.member());
        try {
            begin(claim);
        } catch (RuntimeException failure) {
            partitions.clear();
            byTopic.clear();
            claim.release();
            throw failure;
        }
        var assigned = new ArrayList<AssignmentListener.Assigned>();
        partitions.values().forEach(partition -> assigned.add(partition.assigned()));
        listener.onAssigned(assigned);
    }

    private synchronized void begin(LocalStore.Claim claim) {
        checkOpen();
        var oldest = oldest();
        Position lowest = LocalStore.endAfter(outbox.lastIndex());
        long lowestN = outbox.lastN();
        for (var topic : new TreeSet<>(subscription.topics())) {
            for (var partition : partitions(topic, claim.file(), oldest)) {
                partitions.put(partition.id, partition);
                var kept = partition.kept();
                if (kept.clear().compareTo(lowest) < 0) {
                    lowest = kept.clear();
                }
                lowestN = Math.min(lowestN, kept.clearN());
            }
        }
        var streams = new LogStreams<OutboxCursor>(
                () -> new OutboxCursor(outbox.newReader()), this::partitionOf, lowest, lowestN);
        partitions
                .values()
                .forEach(partition -> streams.add(
                        partition, partition.kept().clear(), partition.kept().clearN()));
        nameLeftTopics(claim);
        claim.needs(lowestNeeded(streams));
        reading = new Reading(claim, streams, outbox.onAppend(signal::raise));
    }

    private LocalPartition[] partitions(String topic, GroupFile file, Oldest oldest) {
        int count = broker.partitionsOf(topic);
        var found = new LocalPartition[count];
        var kept = new ArrayList<Kept>();
        for (int number = 0; number < count; number++) {
            var id = new TopicPartition(topic, number);
            var before = file.find(topic, count, number);
            var from = before != null ? before : begin(file, oldest);
            var partition = new LocalPartition(broker.name(), id, count, from, share(), batch::add);
            var gap = before == null ? null : gapAt(id, before, oldest);
            if (gap != null) {
                partition.moveTo(from.clear(), gap);
            }
            kept.add(from);
            found[number] = partition;
        }
        file.use(topic, kept);
        byTopic.put(topic, found);
        return found;
    }

    /**
     * Most messages of one partition in a poll: nine tenths. A partition with a long backlog is then left behind by the
     * reading that serves all, and read beside it, so that what came to others later does not wait for its end.
     */
    private int share() {
        return Math.max(1, subscription.maxPoll() - Math.max(1, subscription.maxPoll() / 10));
    }

    /** Where a group begins that was never here. */
    private Kept begin(GroupFile file, Oldest oldest) {
        if (subscription.start() == Subscription.Start.LATEST && !file.isDamaged()) {
            long n = outbox.lastN();
            return Kept.begin(LocalStore.endAfter(outbox.lastIndex()), n);
        }
        return Kept.begin(new Position(oldest.index, 0), oldest.n - 1);
    }

    private void nameLeftTopics(LocalStore.Claim claim) {
        var left = new TreeSet<String>();
        claim.file().entries().forEach(entry -> left.add(entry.topic()));
        left.removeAll(subscription.topics());
        if (!left.isEmpty()) {
            LOG.info(
                    "group {} does not read {} any more; its positions there are kept, messages that it has not done"
                            + " may be dropped with the outbox's retention",
                    LogText.of(subscription.group()),
                    LogText.of(left.toString()));
        }
    }

    private @Nullable LocalPartition partitionOf(OutboxCursor entry) {
        var ofTopic = byTopic.get(entry.topic());
        if (ofTopic == null || !entry.broker().equals(broker.name())) {
            return null;
        }
        return ofTopic[LocalBroker.partition(entry.shard(), ofTopic.length)];
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
            positions.forEach((id, acknowledgement) -> {
                var partition = partition(id);
                if (partition.acknowledge(acknowledgement, read(held, partition), readN(held, partition))) {
                    put(held, partition);
                }
            });
            if (force) {
                held.claim().file().force();
            }
            return true;
        } catch (OutboxException failed) {
            throw BrokerException.retryable(String.valueOf(failed.getMessage()), failed);
        }
    }

    private static void put(Reading held, LocalPartition partition) {
        held.claim().file().put(partition.id.topic(), partition.partitions, partition.id.partition(), partition.kept());
    }

    private static Position read(Reading held, LocalPartition partition) {
        return held.streams().position(partition);
    }

    private static long readN(Reading held, LocalPartition partition) {
        return held.streams().nBefore(partition);
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
            for (var partition : partitions.values()) {
                if (partition.advance(read(held, partition), readN(held, partition))) {
                    put(held, partition);
                }
            }
        } catch (OutboxException failed) {
            throw BrokerException.retryable(String.valueOf(failed.getMessage()), failed);
        }
        held.claim().needs(lowestNeeded(held.streams()));
    }

    /** What is not done, and what is being read: after a seek back that may be less. */
    private long lowestNeeded(LogStreams<OutboxCursor> streams) {
        long lowest = Long.MAX_VALUE;
        for (var partition : partitions.values()) {
            lowest = Math.min(lowest, partition.kept().clear().major());
            lowest = Math.min(lowest, streams.position(partition).major());
        }
        return lowest;
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
        var gap = gapAfter(partition, position);
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
        partition.moveTo(from, gap);
        held.streams().moveTo(partition, from, 0);
        held.claim().needs(lowestNeeded(held.streams()));
    }

    @Override
    public synchronized OptionalLong lag(TopicPartition id) {
        var partition = partition(id);
        var held = reading;
        if (held == null) {
            return OptionalLong.empty();
        }
        long unread = Math.max(0, outbox.lastN() - held.streams().mainN());
        if (partition.isReadWithoutGap()) {
            return OptionalLong.of(partition.open() + held.streams().behind(partition) + unread);
        }
        return OptionalLong.of(Math.max(0, outbox.lastN() - partition.kept().clearN()));
    }

    private LocalPartition partition(TopicPartition id) {
        checkOpen();
        var partition = partitions.get(id);
        if (partition == null) {
            throw new IllegalStateException(
                    LogText.of(id.toString()) + " is not assigned to " + LogText.of(subscription.member()));
        }
        return partition;
    }

    // --- end

    @Override
    public void close() {
        if (isClosed) {
            return;
        }
        try {
            if (!isAbandoned && !partitions.isEmpty()) {
                listener.onRevoked(Set.copyOf(partitions.keySet()));
            }
            keepAtClose();
        } finally {
            isClosed = true;
            release();
            broker.closed(this);
        }
    }

    private void keepAtClose() {
        refresh();
        var held = reading;
        if (held != null) {
            held.claim().file().force();
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
        partitions.clear();
        if (held != null) {
            held.registration().close();
            held.streams().close();
            held.claim().release();
        }
    }

    private void checkOpen() {
        if (isClosed || isAbandoned) {
            throw new IllegalStateException("the consumer of group " + LogText.of(subscription.group()) + " is closed");
        }
    }

    private static int compare(TopicPartition one, TopicPartition other) {
        int byTopic = one.topic().compareTo(other.topic());
        return byTopic != 0 ? byTopic : Integer.compare(one.partition(), other.partition());
    }
}
