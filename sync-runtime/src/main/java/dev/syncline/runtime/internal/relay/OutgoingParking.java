package dev.syncline.runtime.internal.relay;

import dev.syncline.api.OutboxException;
import dev.syncline.runtime.DeadLetter;
import dev.syncline.runtime.DeadLetters.Selection;
import dev.syncline.runtime.internal.envelope.Envelope;
import dev.syncline.runtime.internal.envelope.EnvelopeReader;
import dev.syncline.runtime.internal.envelope.LogText;
import dev.syncline.runtime.internal.keys.Shards;
import dev.syncline.runtime.internal.log.EventLog;
import dev.syncline.runtime.internal.park.Closing;
import dev.syncline.runtime.internal.park.LetterDamagedException;
import dev.syncline.runtime.internal.park.ParkStore;
import dev.syncline.runtime.internal.park.ParkedKey;
import dev.syncline.spi.Message;
import dev.syncline.spi.Position;
import dev.syncline.spi.Received;
import dev.syncline.spi.TopicPartition;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiPredicate;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The keys of one broker that wait on the way out, because it refuses their head for good: the head and what comes behind
 * it lie in a park store, in order, and nothing of the key is sent before its head is. What lies before the head in the
 * outbox is none of it: a rewind may send that again.
 *
 * <p>Threading: the relay's thread; questions of people by any.
 */
public final class OutgoingParking {

    /** Why heads are dead here. */
    static final String CODE = "refused.by.broker";

    private static final int MOST_PROBLEMS = 10;

    private final String broker;
    private final Supplier<ParkStore> opening;
    private final EnvelopeReader reader;
    private final InstantSource clock;

    /** What was refused and is to be parked once it is read again, and why. */
    private final Map<Position, String> refused = new HashMap<>();

    /** Where in the outbox the head of each parked key stands; those first that were parked first. */
    private final Map<ParkedKey, Position> heads = new LinkedHashMap<>();

    private volatile @Nullable ParkStore opened;
    private long appended = EventLog.NONE;

    /**
     * Of a broker; reads the heads of what is parked.
     *
     * @param opened null if there is no store yet
     * @param opening makes it when the first message is refused
     * @throws OutboxException if the disk fails
     */
    public OutgoingParking(
            String broker,
            @Nullable ParkStore opened,
            Supplier<ParkStore> opening,
            EnvelopeReader reader,
            InstantSource clock) {
        this.broker = broker;
        this.opened = opened;
        this.opening = opening;
        this.reader = reader;
        this.clock = clock;
        if (opened != null) {
            for (int shard = 0; shard < Shards.COUNT; shard++) {
                opened.keys(shard).forEach(key -> heads.put(key, headOf(opened, key, Position.of(0))));
            }
        }
    }

    private ParkStore store() {
        var store = opened;
        if (store == null) {
            store = opening.get();
            opened = store;
        }
        return store;
    }

    private static Position headOf(ParkStore store, ParkedKey key, Position otherwise) {
        try {
            return store.readHead(key).received().position();
        } catch (LetterDamagedException damaged) {
            return otherwise; // too much of the key waits, rather than too little
        }
    }

    // --- into the store

    /** The relay begins there in a topic: before it everything is shipped, or parked for good. */
    void begins(String topic, Mark from) {
        var store = opened;
        if (store != null && !store.doubts().isEmpty()) {
            store.doubts().assigned(new TopicPartition(topic, 0), at -> at.compareTo(from.position()) < 0);
            store.doubts().confirm(shard -> true).forEach(key -> isParked(store, key, from.position()));
        }
    }

    private void isParked(ParkStore store, ParkedKey key, Position otherwise) {
        heads.computeIfAbsent(key, unknown -> headOf(store, key, otherwise));
    }

    /** Whether nothing is parked or about to be: then no entry need be looked at. */
    boolean isIdle() {
        var store = opened;
        return refused.isEmpty()
                && heads.isEmpty()
                && (store == null || store.doubts().isEmpty());
    }

    /** The broker refuses an entry for good; it is parked when it is read again. */
    void refuse(Position at, String why) {
        refused.put(at, why);
    }

    /** An entry as the store takes it. */
    Envelope envelope(Message message, Position at, long appendedAtMillis) {
        return reader.read(new Received(
                new TopicPartition(message.topic(), 0), at, message, Instant.ofEpochMilli(appendedAtMillis), null));
    }

    /** Whether an entry is to be parked and not sent. */
    boolean takes(Envelope event) {
        var at = event.received().position();
        var store = opened;
        if (store != null && !store.doubts().isEmpty()) {
            var older = store.doubts().arrives(event, clock.millis());
            if (older != null) {
                isParked(store, older, at);
            }
        }
        if (refused.containsKey(at)) {
            return true;
        }
        var key = store == null ? null : store.find(event);
        var head = key == null ? null : heads.get(key);
        return head != null && at.compareTo(head) >= 0;
    }

    /**
     * Puts an entry behind those of its key. It counts once {@link #force} has returned.
     *
     * @throws OutboxException if the disk fails or has no room
     */
    void park(Envelope event) {
        var at = event.received().position();
        var parked = store().append(event, clock.millis());
        note(parked.index());
        heads.putIfAbsent(parked.key(), at);
        var why = refused.get(at);
        if (why != null && parked.letter() == parked.key().head()) {
            note(store().record(parked.key(), parked.key().state().dead(1, CODE, why, clock.millis())));
        }
        refused.remove(at);
    }

    private void note(long index) {
        appended = Math.max(appended, index);
    }

    /**
     * Makes what was parked durable.
     *
     * @throws OutboxException if the disk fails
     */
    void force() {
        store().force(appended);
    }

    // --- out of it

    /**
     * A key whose head is to be sent: handed in again by a person, or behind one that was sent or given up.
     *
     * @param isBehind whether a topic has been shipped up to its head; what is before it goes first
     * @return null if there is none
     */
    @Nullable
    ParkedKey next(BiPredicate<String, Position> isBehind) {
        for (var each : heads.entrySet()) {
            var key = each.getKey();
            if (!key.state().isDead() && isBehind.test(key.topic(), each.getValue())) {
                return key;
            }
        }
        return null;
    }

    /** Reads the head. */
    Message head(ParkedKey key) {
        return store().readHead(key).received().message();
    }

    /** The head was sent. */
    void sent(ParkedKey key) {
        closed(key, store().closeHead(key, Closing.DONE, clock.millis()));
    }

    /** The broker refuses the head again. */
    void refusedAgain(ParkedKey key, String code, String why) {
        var state = key.state();
        note(store().record(key, state.dead(state.attempts() + 1, code, why, clock.millis())));
    }

    /** Before an emptied key is free again its end is forced, or a power failure could bring it back. */
    private void closed(ParkedKey key, long at) {
        if (key.isEmpty()) {
            heads.remove(key);
            store().force(at);
        } else {
            heads.computeIfPresent(key, (same, before) -> headOf(store(), key, before));
        }
    }

    // --- for people

    /** The head is to be sent again; false if it is no dead letter any more. */
    boolean redrive(ParkedKey key, long letter) {
        if (!store().isDeadHead(key, letter)) {
            return false;
        }
        store().readHead(key); // what is damaged cannot be sent again: says so
        store().force(store().record(key, key.state().redriven(clock.millis())));
        return true;
    }

    /** The head is given up; false if it is no dead letter any more. */
    boolean skip(ParkedKey key, long letter, String who, String why) {
        if (!store().isDeadHead(key, letter)) {
            return false;
        }
        long at = store().closeHead(key, Closing.skipped(who, why), clock.millis());
        store().force(at);
        closed(key, at);
        return true;
    }

    /** All of the key is given up; returns how many, 0 if the letter is no dead one any more. */
    int drop(ParkedKey key, long letter, String who, String why) {
        if (!store().isDeadHead(key, letter)) {
            return 0;
        }
        int letters = key.size();
        store().force(store().closeAll(key, Closing.dropped(who, why), clock.millis()));
        heads.remove(key);
        return letters;
    }

    /** Name of the broker. */
    public String broker() {
        return broker;
    }

    /** Under which name its dead letters are listed. No handler has a colon in its id. */
    public String name() {
        return "relay:" + broker;
    }

    /** Those that are dead. Any thread. */
    public List<DeadLetter> deadLetters(Selection which, long after, int limit) {
        var store = opened;
        return store == null ? List.of() : store.deadLetters(name(), which, after, limit);
    }

    /** How many are dead. Any thread. */
    public long countDeadLetters(Selection which) {
        var store = opened;
        return store == null ? 0 : store.countDeadLetters(name(), which);
    }

    /** The key that a letter is the dead head of; null if it is not. Any thread. */
    public @Nullable ParkedKey find(DeadLetter letter) {
        var store = opened;
        return store == null ? null : store.find(letter);
    }

    /** What waits for a person, a line each, the first few of them. Any thread. */
    public List<String> problems() {
        var problems = new ArrayList<String>();
        for (var letter : deadLetters(Selection.all(), -1, MOST_PROBLEMS)) {
            problems.add("key " + LogText.of(letter.key()) + " of " + LogText.of(letter.topic())
                    + " waits on its way to"
                    + " broker " + LogText.of(broker) + ", which refuses event " + LogText.of(letter.id()) + ": "
                    + letter.reason() + "; mend that and redrive it, or give it up: dead letters of " + name());
        }
        long more = countDeadLetters(Selection.all()) - problems.size();
        if (more > 0) {
            problems.add(more + " more keys wait on their way to broker " + LogText.of(broker));
        }
        return problems;
    }
}
