package dev.syncline.runtime.internal.park;

import dev.syncline.api.OutboxException;
import dev.syncline.runtime.internal.envelope.Envelope;
import dev.syncline.runtime.internal.log.LogReader.Step;
import dev.syncline.runtime.internal.log.StoreId;
import dev.syncline.spi.Position;
import dev.syncline.spi.TopicPartition;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.IntPredicate;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Letters that stand behind an entry which a start could not read. A power failure may have damaged that entry before it was
 * forced: then what stands behind it was not settled either, and the broker hands on all of it again, the lost event
 * first. Were the letters behind it taken up, they would go before it (S7), and it would be taken for a repeat then (S1). If the
 * entry was forced and the disk failed later, nothing comes again.
 *
 * <p>What the group has acknowledged tells which it was. So each letter waits, and is no letter of its key, until
 * <ul>
 *   <li>its partition is assigned and its position is acknowledged: it is its key's again, in its place;
 *   <li>or its event comes again: it is closed, and the event is treated as if it had never been parked;
 *   <li>or a later event of its key comes instead, the broker having it no more: it is parked anew, before that one.
 * </ul>
 *
 * <p>While any waits nothing is compacted, since the index does not know of it.
 *
 * <p>Threading: letters of a key by the lane that owns it; the rest by any thread.
 */
public final class Doubts {

    private static final Logger LOG = LoggerFactory.getLogger(Doubts.class);

    private static final Closing AGAIN = Closing.skipped("", "its event comes again, behind what the disk has lost");

    private final ParkLog log;
    private final ParkIndex index;
    private final StoreId storeId;
    private final AtomicInteger size;
    private final Map<KeyName, Waiting> letters = new ConcurrentHashMap<>();
    private final Map<TopicPartition, Predicate<Position>> acknowledged = new ConcurrentHashMap<>();

    /** @param found by the start, in the order of the log */
    Doubts(ParkLog log, ParkIndex index, StoreId storeId, List<Doubtful> found) {
        this.log = log;
        this.index = index;
        this.storeId = storeId;
        this.size = new AtomicInteger(found.size());
        for (var letter : found) {
            letters.computeIfAbsent(letter.letter.key(), key -> new Waiting(letter.letter.shard(), new ArrayDeque<>(1)))
                    .letters
                    .add(letter);
        }
        if (!found.isEmpty()) {
            LOG.warn(
                    "{} parked events stand behind entries that cannot be read: each waits until it is known whether it"
                            + " comes again from its broker",
                    found.size());
        }
    }

    /** Whether no letter waits. */
    public boolean isEmpty() {
        return letters.isEmpty();
    }

    /** How many wait. */
    public int size() {
        return size.get();
    }

    /**
     * A partition was assigned. Before any of its events comes.
     *
     * @param isAcknowledged whether what is at a position of it will not come again
     */
    public void assigned(TopicPartition partition, Predicate<Position> isAcknowledged) {
        acknowledged.put(partition, isAcknowledged);
    }

    /** Those of these shards that were acknowledged are letters again; returns their keys. */
    public List<ParkedKey> confirm(IntPredicate shards) {
        var keys = new ArrayList<ParkedKey>();
        for (var name : List.copyOf(letters.keySet())) {
            var waiting = letters.get(name);
            if (waiting != null && shards.test(waiting.shard)) { // before its letters: they are another lane's else
                var key = confirm(waiting.letters);
                forgetIfEmpty(name, waiting.letters);
                if (key != null) {
                    keys.add(key);
                }
            }
        }
        return keys;
    }

    private @Nullable ParkedKey confirm(ArrayDeque<Doubtful> waiting) {
        ParkedKey key = null;
        for (Doubtful first; (first = waiting.peek()) != null && isAcknowledged(first); remove(waiting)) {
            key = takeBack(first);
        }
        return key;
    }

    private boolean isAcknowledged(Doubtful letter) {
        var isDone = acknowledged.get(letter.partition);
        return isDone != null && isDone.test(letter.position);
    }

    private ParkedKey takeBack(Doubtful doubtful) {
        log.lock();
        try {
            return doubtful.letter.addTo(index, doubtful.state).key;
        } finally {
            log.unlock();
        }
    }

    /**
     * An event comes. Settles what is known by that of the letters of its key.
     *
     * @return the key, if letters of it are taken up that come before the event
     */
    public @Nullable ParkedKey arrives(Envelope event, long nowMillis) {
        var name = KeyName.of(event);
        var ofKey = letters.get(name);
        if (ofKey == null) {
            return null;
        }
        var waiting = ofKey.letters;
        var key = confirm(waiting);
        var itself = Identity.of(event);
        for (Doubtful first; (first = waiting.peek()) != null; remove(waiting)) {
            if (first.letter.identity().equals(itself)) {
                close(first, nowMillis);
            } else if (first.isBefore(event)) {
                key = parkAnew(first, nowMillis);
            } else {
                break;
            }
        }
        forgetIfEmpty(name, waiting);
        return key;
    }

    private void remove(ArrayDeque<Doubtful> waiting) {
        waiting.remove();
        size.decrementAndGet();
    }

    private void forgetIfEmpty(KeyName name, ArrayDeque<Doubtful> waiting) {
        if (waiting.isEmpty()) {
            letters.remove(name);
        }
    }

    /**
     * Not forced, and not needed where the event is parked again, as the newer of two letters of one event counts. Where it
     * is handled and the disk refuses the close, a later start attempts it again, unless the inbox knows it.
     */
    private void close(Doubtful doubtful, long nowMillis) {
        var record = RecordWriter.close(storeId, AGAIN, nowMillis, new long[] {doubtful.letter.number()});
        log.lock();
        try {
            log.append(record.array(), record.length());
        } catch (OutboxException refused) {
            LOG.debug("letter {} could not be closed: {}", doubtful.letter.number(), refused.getMessage());
        } finally {
            log.unlock();
        }
    }

    /** Under another name, since what was parked of its key meanwhile comes before it. */
    private ParkedKey parkAnew(Doubtful doubtful, long nowMillis) {
        var letter = doubtful.letter;
        log.lock();
        try {
            var copy = copy(letter);
            if (copy == null) {
                return takeBack(doubtful); // lost by now: its key will wait for a person
            }
            long at = log.append(copy, copy.length);
            close(doubtful, nowMillis);
            return index.add(letter.shard(), letter.key(), at, at, letter.identity(), copy.length).key;
        } catch (OutboxException refused) {
            return takeBack(doubtful); // in its place until the next start
        } finally {
            log.unlock();
        }
    }

    private byte @Nullable [] copy(FoundLetter letter) {
        var record = new RecordReader(storeId);
        try (var reader = log.newReader()) {
            reader.moveTo(letter.index());
            boolean isThere = reader.next() == Step.ENTRY
                    && reader.index() == letter.index()
                    && record.open(reader) == RecordLayout.LETTER;
            return isThere ? record.copyAsNew() : null;
        }
    }

    /** Those of a key, in order. */
    private record Waiting(int shard, ArrayDeque<Doubtful> letters) {}

    /**
     * A letter that waits.
     *
     * @param state how it stands with it if it is the head of its key
     */
    record Doubtful(
            FoundLetter letter,
            TopicPartition partition,
            Position position,
            @Nullable FoundState state) {

        boolean isBefore(Envelope event) {
            var received = event.received();
            return partition.equals(received.partition()) && position.compareTo(received.position()) < 0;
        }
    }
}
