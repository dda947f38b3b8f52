package dev.syncline.runtime.internal.local;

import dev.syncline.runtime.internal.streams.LogStream;
import dev.syncline.runtime.internal.streams.OutboxCursor;
import dev.syncline.spi.AssignmentListener.Assigned;
import dev.syncline.spi.BrokerConsumer.Acknowledgement;
import dev.syncline.spi.Position;
import dev.syncline.spi.Received;
import dev.syncline.spi.TopicPartition;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * One partition as its consumer reads it: what was taken from the outbox, handed on, acknowledged.
 *
 * <p>{@code clear} moves with the acknowledgements. Where all that was read is acknowledged it moves on to where reading
 * is, over the messages of others: else a partition in which nothing happens would keep the whole outbox. That holds
 * only as far as reading went on without a gap from {@code clear}, so not behind a seek ahead.
 */
final class LocalPartition implements LogStream<OutboxCursor> {

    final TopicPartition id;
    final int partitions;

    /** Read from the outbox, but not handed on: the consumer was interrupted, or the partition paused. */
    final ArrayDeque<Received> fetched = new ArrayDeque<>();

    private final String broker;
    private final Consumer<Received> taken;
    private final ArrayDeque<Open> open = new ArrayDeque<>();
    private final int mostPerPoll;
    private int takenThisPoll;
    private Kept kept;
    private Position readFrom;
    private boolean isPaused;
    private @Nullable String gap;

    /**
     * A partition that begins to read where the group stands.
     *
     * @param mostPerPoll it takes no more at once, so that others get their share
     * @param taken told of each message as it is read
     */
    LocalPartition(
            String broker, TopicPartition id, int partitions, Kept kept, int mostPerPoll, Consumer<Received> taken) {
        this.broker = broker;
        this.id = id;
        this.partitions = partitions;
        this.kept = kept;
        this.readFrom = kept.clear();
        this.mostPerPoll = mostPerPoll;
        this.taken = taken;
    }

    @Override
    public boolean wants(OutboxCursor entry) {
        return LocalBroker.partition(entry.shard(), partitions) == id.partition()
                && entry.topic().equals(id.topic())
                && entry.broker().equals(broker);
    }

    @Override
    public boolean take(OutboxCursor entry) {
        if (!isFlowing() || takenThisPoll >= mostPerPoll) {
            return false;
        }
        takenThisPoll++;
        var position = new Position(entry.index(), entry.ordinal());
        if (position.compareTo(kept.clear()) >= 0) {
            open.add(new Open(position, entry.n()));
        }
        taken.accept(new Received(
                id,
                position,
                SentSequence.restore(entry.message()),
                Instant.ofEpochMilli(entry.appendedAtMillis()),
                null));
        return true;
    }

    /** Another poll: it may take its share again. */
    void beginPoll() {
        takenThisPoll = 0;
    }

    /** Whether it takes messages from the outbox now. */
    boolean isFlowing() {
        return !isPaused && gap == null && fetched.isEmpty();
    }

    boolean isPaused() {
        return isPaused;
    }

    void pause(boolean paused) {
        isPaused = paused;
    }

    /** Why there is nothing to be read where it stands; null if there may be. */
    @Nullable
    String gap() {
        return gap;
    }

    /** Reads on from there. */
    void moveTo(Position from, @Nullable String gapThere) {
        fetched.clear();
        open.clear();
        readFrom = from;
        gap = gapThere;
    }

    Kept kept() {
        return kept;
    }

    Assigned assigned() {
        return new Assigned(id, kept.acknowledged(), kept.metadata());
    }

    /** Messages handed out or fetched that are not acknowledged. */
    int open() {
        return open.size();
    }

    /**
     * Everything up to and including the position is done.
     *
     * @param read before this, everything was read
     * @param readN number of an entry before that
     * @return whether there is something to be kept
     */
    boolean acknowledge(Acknowledgement acknowledgement, Position read, long readN) {
        var position = acknowledgement.position();
        var before = kept.acknowledged();
        if (before != null && position.compareTo(before) <= 0) {
            return false;
        }
        var clear = new Position(position.major(), position.minor() + 1);
        long clearN = kept.clearN();
        while (!open.isEmpty() && open.element().position.compareTo(position) <= 0) {
            clearN = Math.max(clearN, open.remove().n);
        }
        boolean isAhead = clear.compareTo(kept.clear()) > 0;
        kept = new Kept(position, acknowledgement.metadata(), isAhead ? clear : kept.clear(), clearN);
        advance(read, readN);
        return true;
    }

    /** Moves {@code clear} up to where everything was read, if nothing before is open; whether it did. */
    boolean advance(Position read, long readN) {
        if (!open.isEmpty() || readFrom.compareTo(kept.clear()) > 0 || read.compareTo(kept.clear()) <= 0) {
            return false;
        }
        kept = new Kept(kept.acknowledged(), kept.metadata(), read, Math.max(kept.clearN(), readN));
        return true;
    }

    /** Whether the messages after {@code clear} are those being read, so that what is open is all that is open. */
    boolean isReadWithoutGap() {
        return readFrom.compareTo(kept.clear()) <= 0;
    }

    private record Open(Position position, long n) {}
}
