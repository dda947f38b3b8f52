package dev.syncline.runtime.internal.park;

import dev.syncline.api.OutboxException;
import dev.syncline.runtime.DeadLetter;
import dev.syncline.runtime.DeadLetters.Selection;
import dev.syncline.runtime.internal.envelope.Envelope;
import dev.syncline.runtime.internal.envelope.LogText;
import dev.syncline.runtime.internal.log.ChronicleEventLog;
import dev.syncline.runtime.internal.log.EventLog;
import dev.syncline.runtime.internal.log.StoreId;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Keeps the parked keys of one handler: for each its events in order, and how it stands with the first. One store for
 * what waits for its next attempt, for dead letters and for what is handed in again.
 *
 * <p>Threading: a key is changed by one thread at a time, that of the lane that owns its shard; everybody may ask. It
 * owns no thread: a disk sync is done by one of those who wait for it, {@link #compact} by whoever calls it. It reads no
 * clock.
 *
 * <p>Owns the log, which is the truth, and the index of it in memory, about 340 bytes a key and 75 a further letter.
 * Hands on events as they came. An event counts as parked, and may be settled, once {@link #force} has covered what
 * {@link #append} returned, whatever durability the outbox has.
 *
 * <p>When it fails: no room is {@link dev.syncline.api.OutboxFullException}, an event that is too large
 * {@link LetterTooLargeException}, and nothing was stored. A log elsewhere that is
 * {@linkplain dev.syncline.runtime.internal.log.LogAwayException away} is to be forced again later. Any other
 * {@link OutboxException} from a change leaves it open whether it is stored, and the store refuses from then on; what is on
 * the disk shows after the next start. In each case
 * the caller keeps the event and does not settle it; appended again, it finds itself if it is there.
 */
public final class ParkStore implements AutoCloseable {

    static final int CLOSE_BYTES = 8 << 10;

    private final StoreId storeId;
    private final ParkSettings settings;
    private final ParkLog log;
    private final Damage damage;
    private final ParkIndex index;
    private final LetterReader letters;
    private final Compaction compaction;
    private final ForcedChanges forced;
    private final Doubts doubts;

    private ParkStore(EventLog eventLog, StoreId storeId, ParkSettings settings, ParkAlarms alarms, boolean isTearing) {
        this.storeId = storeId;
        this.settings = settings;
        damage = new Damage(alarms);
        index = new ParkIndex(new SegmentUse(eventLog));
        var found = Recovery.of(eventLog, storeId, damage, isTearing);
        log = new ParkLog(eventLog);
        doubts = new Doubts(log, index, storeId, found.build(index));
        letters = new LetterReader(log, index, damage, storeId);
        compaction = new Compaction(log, index, damage, storeId, settings.log().segmentBytes());
        forced = new ForcedChanges(log, index, storeId);
    }

    /**
     * Opens the store in a directory, made if it is not there, and reads all of it. The data directory around it must
     * stay locked until the store is closed.
     *
     * @param storeId of that data directory
     * @param alarms told of entries that cannot be read; the rest is used
     * @throws OutboxException if the disk cannot be used, or holds what is not this store's or a newer release's
     * @throws dev.syncline.api.ConfigurationException if the JDK keeps closed what the log on disk needs
     */
    public static ParkStore open(Path directory, StoreId storeId, ParkSettings settings, ParkAlarms alarms) {
        var log = ChronicleEventLog.open(directory, settings.log());
        try {
            return onDisk(log, storeId, settings, alarms);
        } catch (Throwable e) {
            log.close();
            throw e;
        }
    }

    /**
     * A store over a log on a disk, which it will close. A power failure may have damaged what was not forced and left what stands
     * behind it: where an entry cannot be read, what does waits until it is known whether it comes again.
     */
    public static ParkStore onDisk(EventLog log, StoreId storeId, ParkSettings settings, ParkAlarms alarms) {
        return new ParkStore(log, storeId, settings, alarms, true);
    }

    /** A store over a log that it will close, and that confirms its entries in order. */
    public static ParkStore over(EventLog log, StoreId storeId, ParkSettings settings, ParkAlarms alarms) {
        return new ParkStore(log, storeId, settings, alarms, false);
    }

    // --- changes, each by the lane that owns the shard

    /**
     * Puts an event at the end of its key, unless the same one waits there already. Not durable before {@link #force}.
     * One that waits there damaged is as it was again, in its place.
     *
     * @throws OutboxException as the class says; the event is not to be settled
     */
    public Parked append(Envelope event, long nowMillis) {
        var identity = Identity.of(event);
        var record = RecordWriter.letter(storeId, event, identity, EventLog.NONE, nowMillis);
        if (record.length() > log.maxEntryBytes()) {
            throw new LetterTooLargeException(event + " takes " + record.length() + " bytes, the park store takes "
                    + log.maxEntryBytes()
                    + ": it stays unsettled; let the park store take larger ones, or take it from the"
                    + " topic");
        }
        log.lock();
        try {
            var shard = index.shard(event.shard());
            synchronized (shard) {
                var same = shard.find(identity);
                if (same != null) {
                    return same.isLost()
                            ? foundAgain(event, identity, same, nowMillis)
                            : new Parked(same.key, same.number, same.index, false);
                }
            }
            long at = log.append(record.array(), record.length());
            var letter = index.add(event.shard(), KeyName.of(event), at, at, identity, record.length());
            return new Parked(letter.key, at, at, true);
        } finally {
            log.unlock();
        }
    }

    private Parked foundAgain(Envelope event, Identity identity, Letter letter, long nowMillis) {
        var record = RecordWriter.letter(storeId, event, identity, letter.number, nowMillis);
        long at = log.append(record.array(), record.length());
        index.found(letter, at, record.length());
        var state = letter.key.state();
        if (letter.key.head() == letter.number && state.code().equals(HeadState.DAMAGED)) {
            at = record(letter.key, state.found(nowMillis));
        }
        return new Parked(letter.key, letter.number, at, true);
    }

    /**
     * Puts down how it stands with the head. What a crash takes of it costs one attempt more, so it need not be forced.
     *
     * @return what {@link #force} has to cover for it to be durable
     * @throws IllegalStateException if the key is empty
     * @throws OutboxException as the class says
     */
    public long record(ParkedKey key, HeadState state) {
        log.lock();
        try {
            var record = RecordWriter.state(storeId, head(key, "no state without a letter"), state);
            long at = log.append(record.array(), record.length());
            index.setState(key, state, at, record.length());
            return at;
        } finally {
            log.unlock();
        }
    }

    /**
     * Takes the head away; the next letter, if there is one, is {@linkplain HeadState#FRESH fresh}.
     *
     * <p>To be forced for what a person asked for, and before an emptied key is free again: else a power failure may
     * bring the letter back behind an event that came after it and is acknowledged.
     *
     * @return what {@link #force} has to cover for it to be durable
     * @throws IllegalStateException if the key is empty
     * @throws OutboxException as the class says; the letter is still there, close it again later
     */
    public long closeHead(ParkedKey key, Closing closing, long nowMillis) {
        log.lock();
        try {
            var head = head(key, "nothing to close");
            var record = RecordWriter.close(storeId, closing, nowMillis, new long[] {head.number});
            long at = log.append(record.array(), record.length());
            index.removeHead(key);
            return at;
        } finally {
            log.unlock();
        }
    }

    /**
     * Takes all letters away. So many that they need several records go from the last one on, so that a crash between
     * leaves the head where it was.
     *
     * @return what {@link #force} has to cover for it to be durable, {@link EventLog#NONE} if the key is empty
     * @throws OutboxException as the class says; the letters that are still there are to be closed again
     */
    public long closeAll(ParkedKey key, Closing closing, long nowMillis) {
        int most = Math.max(1, (log.maxEntryBytes() - CLOSE_BYTES) / Long.BYTES);
        long at = EventLog.NONE;
        log.lock();
        try {
            while (!key.isEmpty()) {
                long[] letters;
                synchronized (key.index()) {
                    letters = key.lastNumbers(most);
                }
                var record = RecordWriter.close(storeId, closing, nowMillis, letters);
                at = log.append(record.array(), record.length());
                index.removeLast(key, letters.length);
            }
            return at;
        } finally {
            log.unlock();
        }
    }

    /** What is parked, and not known to be so. */
    public Doubts doubts() {
        return doubts;
    }

    /** Changes that show here once they are durable, and not before. */
    ForcedChanges forced() {
        return forced;
    }

    static Letter head(ParkedKey key, String otherwise) {
        synchronized (key.index()) {
            var head = key.headLetter();
            if (head == null) {
                throw new IllegalStateException(
                        "key \"" + LogText.of(key.key()) + "\" is not parked any more: " + otherwise);
            }
            return head;
        }
    }

    /**
     * Returns once everything up to an index survives a power failure. Callers that come at the same time share a sync:
     * append all that a turn has to park, then force the last index, once.
     *
     * @throws OutboxException if the disk failed; nothing of it is to be settled
     */
    public void force(long upTo) {
        log.force(upTo);
    }

    /** As {@link #force}, of all that was appended. */
    public void forceAll() {
        log.force(log.lastIndex());
    }

    /** Whether {@link #force} would return at once. */
    public boolean isForced(long upTo) {
        return log.forcedIndex() >= upTo;
    }

    // --- questions

    /** Whether this very event is parked: it came again after a crash, and may be settled once {@link #append} says so. */
    public boolean contains(Envelope event) {
        var identity = Identity.of(event);
        var shard = index.shard(event.shard());
        synchronized (shard) {
            var same = shard.find(identity);
            return same != null && !same.isLost();
        }
    }

    /** The key of an event, if it is parked. */
    public @Nullable ParkedKey find(Envelope event) {
        var name = KeyName.of(event);
        var shard = index.shard(event.shard());
        synchronized (shard) {
            return shard.find(name);
        }
    }

    /** The key that a dead letter is the head of; null if it is not dead, or not there, any more. */
    public @Nullable ParkedKey find(DeadLetter letter) {
        return DeadLetterList.find(index, letter);
    }

    /** Whether a key is one of this store. */
    @SuppressWarnings("ReferenceEquality") // this very shard
    public boolean holds(ParkedKey key) {
        return index.shard(key.shard()) == key.index();
    }

    /** Whether a letter is the head of its key, and dead: to be asked by the lane before a command takes place. */
    public boolean isDeadHead(ParkedKey key, long letter) {
        return DeadLetterList.isDeadHead(key, letter);
    }

    /** The parked keys of a shard, in no order. */
    public List<ParkedKey> keys(int shardNumber) {
        var shard = index.shard(shardNumber);
        synchronized (shard) {
            return shard.all();
        }
    }

    /**
     * Reads the head of a key from the disk.
     *
     * @throws IllegalStateException if the key is empty
     * @throws LetterDamagedException if it is not what was appended any more; it can still be closed
     * @throws OutboxException if the disk failed
     */
    public ParkedEvent readHead(ParkedKey key) {
        var head = head(key, "nothing to read");
        var event = letters.read(head);
        if (event == null) {
            throw new LetterDamagedException("letter " + head.number + " of key \"" + LogText.of(key.key())
                    + "\" cannot be read: entry " + head.number + " of the park store is damaged. Its key waits until"
                    + " somebody skips it, or drops it with what waits behind it");
        }
        return event;
    }

    /**
     * Lists dead letters in the order in which they were parked, with what they say of themselves.
     *
     * @param handler the handler's id, for what is returned
     * @param after only letters with greater names; -1 for all
     * @param limit most letters returned
     */
    public List<DeadLetter> deadLetters(String handler, Selection which, long after, int limit) {
        return DeadLetterList.select(index, handler, which, after, limit, letters::read);
    }

    /** How many dead letters there are; does not touch the disk. */
    public long countDeadLetters(String handler, Selection which) {
        return DeadLetterList.count(index, handler, which);
    }

    // --- space

    /** What the letters and the states of the heads take on the disk. */
    public long liveBytes() {
        return index.use().liveBytes();
    }

    /**
     * Whether what is parked takes more than the settings allow: intake is to pause. Appends still succeed, so that what
     * is in memory already need not stop a lane.
     */
    public boolean isFull() {
        return liveBytes() >= settings.maxLiveBytes();
    }

    /**
     * Does a bounded amount of work to give disk space back, if it is worth it. A duty: to be called again while it
     * returns more than 0, and now and then otherwise.
     *
     * @param maxBytes about how much is copied in this call
     * @return 0 if there is nothing to do
     * @throws dev.syncline.api.OutboxFullException if there is no room for copies: it goes on when there is
     * @throws OutboxException if the disk failed
     */
    public int compact(int maxBytes) {
        return doubts.isEmpty() ? compaction.run(maxBytes) : 0;
    }

    /** How it stands; looks at every key. */
    public ParkStats stats() {
        return ParkStats.of(
                index, doubts.size(), log.segments(), damage.indexes().size());
    }

    /** Indexes of entries that could not be read since it was opened: each may be a lost letter. */
    public List<Long> damaged() {
        return damage.indexes();
    }

    /** Why it takes nothing any more; empty as long as it does. */
    public Optional<String> failure() {
        return Optional.ofNullable(log.failure()).map(Throwable::getMessage);
    }

    /** Forces what is not yet, and releases the files. Idempotent. */
    @Override
    public void close() {
        compaction.close();
        log.close();
    }
}
