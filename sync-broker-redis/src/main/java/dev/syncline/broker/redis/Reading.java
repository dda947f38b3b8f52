package dev.syncline.broker.redis;

import dev.syncline.spi.Position;
import dev.syncline.spi.Received;
import dev.syncline.spi.TopicPartition;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * How far one owned partition is read.
 *
 * <pre>
 *              all read                     a new owner, and one that lost its connection, first reads
 *   PENDING ──────────────► NEW             what is pending, in order, then what is new
 *      ▲                     ▲ │
 *      └─────────────────────┼─┘
 *        connection lost     │ caught up
 *                            │              a seek reads whatever is there and leaves the group alone,
 *                          RANGE ◄── seek   until it comes to where the group reads what is new
 * </pre>
 *
 * <p>Where data is missing nothing is read until a seek says where to go on.
 *
 * <p>Threading: the polling thread.
 */
final class Reading {

    private enum Mode {
        PENDING,
        NEW,
        RANGE
    }

    /** What a seek may name that only the server can place. */
    enum Place {
        /** A position, if there is none beyond the newest entry. */
        AFTER,
        /** A time, or the newest entry if that is older. */
        TIME,
        /** The newest entry. */
        NEWEST
    }

    /**
     * A fetch under way.
     *
     * @param seeks how many seeks there had been: what was read before a seek is not delivered after it
     */
    record Fetch(Mode mode, boolean isBounded, int seeks) {}

    private static final Logger log = LoggerFactory.getLogger(Reading.class);

    /** About how much one fetch brings at most: partitions are fetched side by side, and add up. */
    private static final String FETCH_BYTES = String.valueOf(1024 * 1024);

    private final TopicPartition partition;
    private final String group;
    private final Lease lease;
    private final Position start;

    /** What was read and is not handed out. */
    private final Deque<Received> buffer = new ArrayDeque<>();

    private Mode mode = Mode.PENDING;

    /** After which entry to read on. */
    private Position cursor = EntryId.ZERO;

    /** Whether the cursor is an entry that was read, and not just a place. */
    private boolean isCursorRead;

    /** How far the group has read. */
    private Position delivered;

    /** What a seek named that only the server can place; null if nothing. */
    private @Nullable Place place;

    /** Data was missing: what the group says of how far it read is not to be trusted until it is told anew. */
    private boolean ignoresGroup;

    private boolean hasSought;
    private boolean mayHaveMore = true;
    private boolean isPaused;
    private @Nullable Fetch underWay;
    private int seeks;
    private @Nullable String gap;

    Reading(TopicPartition partition, String group, Lease lease, Acquired acquired) {
        this.partition = partition;
        this.group = group;
        this.lease = lease;
        this.start = acquired.start();
        this.delivered = acquired.delivered();
        this.gap = acquired.gap();
        if (acquired.isPendingIncomplete()) {
            log.warn(
                    "somebody took pending entries of group {} out of {}: all after its position are read again",
                    group,
                    name());
            mode = Mode.RANGE;
            isCursorRead = acquired.position() != null;
            cursor = acquired.position() == null ? start : acquired.position();
        }
    }

    void pause() {
        isPaused = true;
    }

    void resume() {
        isPaused = false;
        mayHaveMore = true;
    }

    /** Hands out the next message, if there is one. If the taker fails it has not taken it: the message stays the next. */
    boolean handOut(Consumer<Received> sink) {
        var next = isPaused || lease.isSuspended() ? null : buffer.peek();
        if (next == null) {
            return false;
        }
        int before = seeks;
        sink.accept(next);
        if (before == seeks) {
            buffer.poll(); // where the taker has sought elsewhere, it is not there any more
        }
        return true;
    }

    /** There may be new entries. */
    void arrived() {
        mayHaveMore = true;
    }

    /** Whether a fetch is to be sent now. */
    boolean wantsFetch() {
        return underWay == null
                && gap == null
                && !lease.isSuspended()
                && (place != null || (mayHaveMore && buffer.isEmpty() && !isPaused));
    }

    /** Whether all is read, and new entries are worth waking up for. */
    boolean awaitsNews() {
        return !mayHaveMore && underWay == null && gap == null && !isPaused && !lease.isSuspended();
    }

    /** Entries after this one are news. */
    Position newsAfter() {
        return mode == Mode.NEW ? delivered : cursor;
    }

    /** The highest entry that is known to have been there. */
    Position highest() {
        return isCursorRead ? EntryId.max(cursor, delivered) : delivered;
    }

    /** Whether positions may lie beyond what the group has read. */
    boolean hasSought() {
        return hasSought;
    }

    /** What is missing, null if nothing is known to be. */
    @Nullable
    String gap() {
        return gap;
    }

    /** Data is missing; nothing is read until the next seek. */
    void miss(String what) {
        gap = what;
        buffer.clear();
    }

    /**
     * Goes on after this position.
     *
     * @param kind what the server has to make of it; null if nothing
     */
    void seek(Position after, @Nullable Place kind) {
        seeks++;
        place = kind;
        buffer.clear();
        mode = Mode.RANGE;
        cursor = after;
        isCursorRead = false;
        hasSought = true;
        mayHaveMore = true;
        if (gap != null) {
            gap = null;
            ignoresGroup = true;
            delivered = EntryId.ZERO;
        }
    }

    /** Whether the server has still to say where the seek went. */
    boolean isPlacing() {
        return place != null;
    }

    /** Sends the script that reads on. */
    CompletionStage<Reply> fetch(Session session, int most) {
        boolean isBounded = cursor.compareTo(delivered) < 0;
        underWay = new Fetch(mode, isBounded, seeks);
        return session.run(
                Script.FETCH,
                lease.keys(),
                lease.arguments(
                        group,
                        Keys.CONSUMER,
                        (place != null ? place.name() : mode.name()).toLowerCase(Locale.ROOT),
                        cursor.toString(),
                        isBounded ? delivered.toString() : "+",
                        String.valueOf(most),
                        FETCH_BYTES,
                        witness()));
    }

    /** The entry that must still be there, else others behind it may have been dropped unread; empty if there is none. */
    private String witness() {
        if (mode == Mode.RANGE) {
            return isCursorRead ? cursor.toString() : "";
        }
        return delivered.equals(start) ? "" : delivered.toString();
    }

    /** The fetch was answered under a valid lease. */
    void fetched(Reply reply) {
        var fetch = underWay;
        underWay = null;
        if (fetch == null) {
            return;
        }
        boolean isCurrent = fetch.seeks() == seeks;
        switch (reply.status()) {
            case Reply.OK -> {
                warnOfGhosts(reply.list(4));
                var last = EntryId.parse(reply.text(2));
                if (fetch.mode() == Mode.NEW && !ignoresGroup) {
                    delivered = EntryId.max(delivered, last);
                }
                if (isCurrent) {
                    take(fetch, reply.list(3), last, reply.number(1) == 1);
                }
            }
            case "AT" -> {
                if (isCurrent) {
                    cursor = EntryId.parse(reply.text(1));
                    place = null;
                }
            }
            case "BEYOND" -> {
                if (isCurrent) {
                    place = null;
                    miss("the newest entry is " + reply.text(1) + ", older than " + cursor + ", which was sought");
                }
            }
            case "RECREATED" -> {
                log.warn("somebody destroyed group {} of {}: made anew after {}", group, name(), reply.text(1));
                if (isCurrent) {
                    delivered = EntryId.parse(reply.text(1));
                    mode = Mode.NEW;
                }
            }
            case "GAP" -> {
                if (isCurrent) {
                    miss(reply.text(1));
                }
            }
            default -> throw new AssertionError(reply.status());
        }
    }

    private void take(Fetch fetch, List<?> entries, Position last, boolean more) {
        for (var entry : entries) {
            var received = EntryCodec.received(partition, (List<?>) entry);
            // what a group that was made anew reads again was delivered before
            if (received.position().compareTo(cursor) > 0) {
                buffer.add(received);
                isCursorRead = true;
                cursor = received.position();
            }
        }
        cursor = EntryId.max(cursor, last);
        // at a high rate there is more by now, and asking again is cheaper than waiting to be told
        mayHaveMore = more || !entries.isEmpty();
        if (!more && (fetch.mode() == Mode.PENDING || (fetch.mode() == Mode.RANGE && fetch.isBounded()))) {
            mode = Mode.NEW;
            cursor = EntryId.max(cursor, delivered);
            mayHaveMore = true;
        }
    }

    private void warnOfGhosts(List<?> ghosts) {
        if (!ghosts.isEmpty()) {
            log.warn(
                    "lost.before.ack: {} entries of {} were deleted before group {} was done with them: {}",
                    ghosts.size(),
                    name(),
                    group,
                    ghosts.stream().limit(20).map(Reply::asText).toList());
        }
    }

    /** The fetch was not answered, and what it read for the group, if anything, is pending. */
    void disconnected() {
        underWay = null;
        mayHaveMore = true;
        if (mode == Mode.NEW) {
            mode = Mode.PENDING;
        }
    }

    /** A new connection; the group has read so far. */
    void resumed(Position groupDelivered) {
        if (!ignoresGroup) {
            delivered = groupDelivered;
        }
    }

    /** After an acknowledgement the group counts as having read so far. */
    void groupMoved(Position groupDelivered) {
        if (mode != Mode.RANGE || underWay != null) {
            return;
        }
        if (groupDelivered.equals(cursor) && isCursorRead) {
            delivered = groupDelivered;
            ignoresGroup = false;
            mode = Mode.NEW;
            mayHaveMore = true;
        } else if (!ignoresGroup) {
            delivered = EntryId.max(delivered, groupDelivered);
        }
    }

    private String name() {
        return Keys.stream(partition);
    }
}
