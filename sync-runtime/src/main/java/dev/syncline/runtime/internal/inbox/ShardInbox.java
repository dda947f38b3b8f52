package dev.syncline.runtime.internal.inbox;

import dev.syncline.runtime.internal.envelope.Envelope;
import dev.syncline.runtime.internal.table.KeyedHash;
import dev.syncline.runtime.internal.table.Stamps;
import dev.syncline.runtime.internal.table.Table;
import org.jspecify.annotations.Nullable;

/**
 * The inbox of one shard: the rules by which an event is a duplicate.
 *
 * <p><b>Events of our own outboxes</b> carry its number n, and within one partition come by n, each key's, with repeats
 * ({@code n n+1 n n+1}). So two numbers per (outbox, topic, key) say it all: what lies from the first to the highest n
 * done is a duplicate, for ever. That holds as long as a key stays in its partition. When the number of a topic's
 * partitions changes while events wait, the later ones of a key may come first, by another partition. From then on the
 * key is <i>mixed</i>: there are two numbers per partition, and each of its events is remembered by (outbox, n), as are
 * events without a key, which have no order. An n outside of its partition's range and below the highest of all is a
 * duplicate only if it is remembered. An event that was done before its key was mixed and comes again by the other
 * partition, behind a newer one, is then taken for new: the price of never taking a new one for a duplicate.
 *
 * <p>The first is needed because a relay may send 4 to the old partition and 6 to the new one, get no answer for 4, and
 * send 4 again, now to the new one: {@code 6 4 5 6}. Below the first of a partition its order says nothing. A power failure
 * may take the first and leave the highest, or leave a first above it; then the next number is the first. So that it is not
 * looked for with each event, it is noted at the highest that it was there.
 *
 * <p><b>Foreign events</b> are remembered by (source, id), with a digest of what they say: another digest under the same
 * id is a conflict. A result of a handler has an id that derives from its cause, and may be published again after a crash
 * by another instance, with other contents and another n: so what has a {@code causationid} is remembered by (source, id)
 * also if it is of our own outboxes, and is never in conflict.
 *
 * <pre>
 * table sequence    hash(outbox, topic, key)                value: highest n    mark: partition, or mixed
 *                   hash(outbox, topic, key, partition, 0)  value: first n      mark: 0
 *                   hash(outbox, topic, key, partition, 1)  value: highest n    mark: 0; only of mixed keys
 * table ids         hash(source, id)                        value: digest       mark: stamp
 *                   hash(outbox, n)                         value: 0            mark: stamp
 * </pre>
 *
 * <p>Threading: one thread at a time, the lane that owns the shard.
 */
final class ShardInbox {

    private static final int MIXED = -1;
    private static final int FIRST = 0;
    private static final int HIGHEST = 1;

    private final Table sequences;
    private final Table ids;
    private final StampClock clock;
    private final boolean isOrderedByLog;
    private final KeyedHash hash = new KeyedHash();
    private final OutboxSequence sequence = new OutboxSequence();

    // hashes of what was asked for last: it is marked next, mostly
    private @Nullable String hashedSource;
    private @Nullable String hashedId;
    private long eventHigh;
    private long eventLow;
    private @Nullable String hashedTopic;
    private @Nullable String hashedKey;
    private long hashedOutboxHigh;
    private long hashedOutboxLow;
    private long keyHigh;
    private long keyLow;

    ShardInbox(Table sequences, Table ids, StampClock clock, boolean isOrderedByLog) {
        this.sequences = sequences;
        this.ids = ids;
        this.clock = clock;
        this.isOrderedByLog = isOrderedByLog;
    }

    Seen check(Envelope event) {
        if (sequence.parse(event.message().attribute("outboxseq"))) {
            boolean isDone = isSequenceDone(event) || (isResult(event) && findEvent(event) != Table.ABSENT);
            return isDone ? Seen.DUPLICATE : Seen.NEW;
        }
        int entry = findEvent(event);
        if (entry == Table.ABSENT) {
            ids.makeKeysLast(); // its digest may be kept elsewhere before it is here
            return Seen.NEW;
        }
        return isResult(event) || ids.value(entry) == digest(hash, ids, event) ? Seen.DUPLICATE : Seen.CONFLICT;
    }

    void mark(Envelope event) {
        boolean isOurs = sequence.parse(event.message().attribute("outboxseq"));
        if ((!isOurs || isResult(event)) && findEvent(event) == Table.ABSENT) { // the first one stands
            ids.put(eventHigh, eventLow, digest(hash, ids, event), Stamps.of(clock.epochSecond(), false));
        }
        if (isOurs) {
            markNumber(event);
        }
    }

    /** As {@link #mark}, of an event whose payload is not at hand. */
    void mark(Envelope event, long digest) {
        boolean isOurs = sequence.parse(event.message().attribute("outboxseq"));
        if ((!isOurs || isResult(event)) && findEvent(event) == Table.ABSENT) {
            ids.put(eventHigh, eventLow, digest, Stamps.of(clock.epochSecond(), false));
        }
        if (isOurs) {
            markNumber(event);
        }
    }

    private void markNumber(Envelope event) {
        if (event.key().isEmpty()) {
            putNumber();
        } else {
            markSequence(event);
        }
    }

    // --- events of our own outboxes

    private boolean isSequenceDone(Envelope event) {
        if (event.key().isEmpty()) {
            return isNumberKnown();
        }
        int entry = findKey(event);
        if (entry == Table.ABSENT) {
            return false;
        }
        long highest = sequences.value(entry);
        int partition = sequences.mark(entry);
        if (sequence.n() >= highest) {
            return sequence.n() == highest; // by whatever partition: a number is given once
        }
        boolean isWithin = partition == partition(event)
                ? isAtLeastFirst(event)
                : partition == MIXED && isAtMostHighest(event) && isAtLeastFirst(event);
        return isWithin || isNumberKnown();
    }

    private boolean isAtLeastFirst(Envelope event) {
        int entry = find(event, partition(event), FIRST);
        return entry != Table.ABSENT && sequence.n() >= sequences.value(entry);
    }

    private boolean isAtMostHighest(Envelope event) {
        int entry = find(event, partition(event), HIGHEST);
        return entry != Table.ABSENT && sequence.n() <= sequences.value(entry);
    }

    private void markSequence(Envelope event) {
        long n = sequence.n();
        int entry = findKey(event);
        if (entry == Table.ABSENT) {
            put(event, partition(event), FIRST, n);
            putKey(n, partition(event));
            sequences.note(findKey(event));
            return;
        }
        long highest = sequences.value(entry);
        int partition = sequences.mark(entry);
        if (partition != partition(event)) {
            markMixed(event, highest, partition);
        } else if (n > highest && sequences.isNoted(entry)) {
            putKey(n, partition);
        } else if (n > highest) {
            if (!isAtLeastFirst(event)) {
                put(event, partition, FIRST, n);
            }
            putKey(n, partition);
            sequences.note(findKey(event));
        } else if (n < highest && !isAtLeastFirst(event)) {
            putNumber();
        }
    }

    /** The key's own entry last: until then a crash leaves a key as it was, and this event unmarked. */
    private void markMixed(Envelope event, long highest, int partition) {
        long n = sequence.n();
        if (partition != MIXED) {
            put(event, partition, HIGHEST, highest);
        }
        putNumber();
        int entry = find(event, partition(event), HIGHEST);
        if (entry == Table.ABSENT) {
            put(event, partition(event), FIRST, n);
            put(event, partition(event), HIGHEST, n);
        } else if (n > sequences.value(entry)) {
            sequences.put(hash.high(), hash.low(), n, 0);
        }
        putKey(Math.max(n, highest), MIXED);
    }

    private int partition(Envelope event) {
        return isOrderedByLog ? 0 : event.received().partition().partition();
    }

    private int findKey(Envelope event) {
        var topic = event.received().partition().topic();
        boolean isHashed = event.key().equals(hashedKey)
                && topic.equals(hashedTopic)
                && sequence.idHigh() == hashedOutboxHigh
                && sequence.idLow() == hashedOutboxLow;
        if (!isHashed) {
            hashKey(event).end(sequences.hashKey0(), sequences.hashKey1());
            hashedKey = event.key();
            hashedTopic = topic;
            hashedOutboxHigh = sequence.idHigh();
            hashedOutboxLow = sequence.idLow();
            keyHigh = hash.high();
            keyLow = hash.low();
        }
        return sequences.find(keyHigh, keyLow);
    }

    /** Of the event for which {@link #findKey} was asked last. */
    private void putKey(long n, int partition) {
        sequences.put(keyHigh, keyLow, n, partition);
    }

    private int find(Envelope event, int partition, int which) {
        hashKey(event).put(partition).put(which).end(sequences.hashKey0(), sequences.hashKey1());
        return sequences.find(hash.high(), hash.low());
    }

    private void put(Envelope event, int partition, int which, long n) {
        hashKey(event).put(partition).put(which).end(sequences.hashKey0(), sequences.hashKey1());
        sequences.put(hash.high(), hash.low(), n, 0);
    }

    private KeyedHash hashKey(Envelope event) {
        return hash.begin()
                .put(sequence.idHigh())
                .put(sequence.idLow())
                .put(event.received().partition().topic())
                .put(event.key());
    }

    private boolean isNumberKnown() {
        hashNumber();
        return ids.find(hash.high(), hash.low()) != Table.ABSENT;
    }

    private void putNumber() {
        hashNumber();
        if (ids.find(hash.high(), hash.low()) == Table.ABSENT) {
            ids.put(hash.high(), hash.low(), 0, Stamps.of(clock.epochSecond(), false));
        }
    }

    private void hashNumber() {
        hash.begin()
                .put(sequence.idHigh())
                .put(sequence.idLow())
                .put(sequence.n())
                .end(ids.hashKey0(), ids.hashKey1());
    }

    // --- events by source and id

    private static boolean isResult(Envelope event) {
        return !event.message().attribute("causationid").isEmpty();
    }

    private int findEvent(Envelope event) {
        if (!event.id().equals(hashedId) || !event.source().equals(hashedSource)) {
            hash.begin().put(event.source()).put(event.id()).end(ids.hashKey0(), ids.hashKey1());
            hashedSource = event.source();
            hashedId = event.id();
            eventHigh = hash.high();
            eventLow = hash.low();
        }
        return ids.find(eventHigh, eventLow);
    }

    /** Of what an event says: not of its time and traces, which a producer that sends again may make anew. */
    static long digest(KeyedHash hash, Table ids, Envelope event) {
        var message = event.message();
        var data = message.data();
        hash.begin();
        if (data != null) {
            hash.of(ids.hashKey0(), ids.hashKey1(), data);
            hash.put(hash.high()).put(hash.low());
        }
        hash.put(event.type())
                .put(event.dataVersion())
                .put(event.key())
                .put(message.attribute("entityversion"))
                .put(message.attribute("origin"))
                .end(ids.hashKey0(), ids.hashKey1());
        return hash.high();
    }
}
