package dev.syncline.runtime.internal.park;

import dev.syncline.runtime.internal.log.EventLog;
import java.util.ArrayDeque;
import org.jspecify.annotations.Nullable;

/**
 * A key that is parked: its letters in order and how it stands with the first. A handle that stays the same as long as
 * the key has letters; once it is {@linkplain #isEmpty empty} it is done with, and the next letter makes another.
 *
 * <p>Threading: any thread may ask; only the lane that owns the shard has it changed, by the {@link ParkStore}.
 */
public final class ParkedKey {

    private final ShardIndex shard;
    private final KeyName name;

    // guarded by the shard
    private final ArrayDeque<Letter> letters = new ArrayDeque<>(1);
    private long bytes;
    private HeadState state = HeadState.FRESH;
    private long stateIndex = EventLog.NONE;
    private int stateBytes;

    ParkedKey(ShardIndex shard, KeyName name) {
        this.shard = shard;
        this.name = name;
    }

    /** The topic that scopes it. */
    public String topic() {
        return name.topic();
    }

    /** The key; empty if the event has none and is a key of its own. */
    public String key() {
        return KeyName.isPlace(name.name()) ? "" : name.name();
    }

    /** The key; for an event without one NUL, its partition, @ and its position. */
    public String name() {
        return name.name();
    }

    /** 0 to 255. */
    public int shard() {
        return shard.number();
    }

    /** Whether nothing is left. */
    public boolean isEmpty() {
        synchronized (shard) {
            return letters.isEmpty();
        }
    }

    /** How many letters, the head among them. */
    public int size() {
        synchronized (shard) {
            return letters.size();
        }
    }

    /** What its letters take on the disk. */
    public long bytes() {
        synchronized (shard) {
            return bytes;
        }
    }

    /** How it stands with the head. */
    public HeadState state() {
        synchronized (shard) {
            return state;
        }
    }

    /** Name of the first letter, {@link EventLog#NONE} if there is none; grows from head to head. */
    public long head() {
        synchronized (shard) {
            var head = letters.peek();
            return head == null ? EventLog.NONE : head.number;
        }
    }

    KeyName keyName() {
        return name;
    }

    ShardIndex index() {
        return shard;
    }

    // the rest is called with the shard held

    @Nullable
    Letter headLetter() {
        return letters.peek();
    }

    void add(Letter letter) {
        letters.add(letter);
        bytes += letter.bytes;
    }

    /** One of its letters takes so much more, or less if negative. */
    void resize(int more) {
        bytes += more;
    }

    /** Takes the first letter away; the next one begins anew. */
    Letter removeHead() {
        var head = letters.remove();
        bytes -= head.bytes;
        setState(HeadState.FRESH, EventLog.NONE, 0);
        return head;
    }

    Letter removeLast() {
        var last = letters.removeLast();
        bytes -= last.bytes;
        if (letters.isEmpty()) {
            setState(HeadState.FRESH, EventLog.NONE, 0);
        }
        return last;
    }

    void setState(HeadState newState, long index, int length) {
        state = newState;
        stateIndex = index;
        stateBytes = length;
    }

    void moveState(long index) {
        stateIndex = index;
    }

    long stateIndex() {
        return stateIndex;
    }

    int stateBytes() {
        return stateBytes;
    }

    /** The newest place at which one of the first letters lies. */
    long newestPlace(int most) {
        return letters.stream()
                .limit(most)
                .mapToLong(letter -> letter.index)
                .max()
                .orElse(EventLog.NONE);
    }

    long[] lastNumbers(int most) {
        return letters.stream()
                .skip(Math.max(0, letters.size() - most))
                .mapToLong(letter -> letter.number)
                .toArray();
    }
}
