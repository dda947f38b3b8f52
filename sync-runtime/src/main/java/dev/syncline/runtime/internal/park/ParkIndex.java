package dev.syncline.runtime.internal.park;

import dev.syncline.runtime.internal.keys.Shards;
import dev.syncline.runtime.internal.log.EventLog;
import java.util.HashMap;
import java.util.Map;

/**
 * Who is parked: the 256 shards, and the use of the log's files by what lives. Changed with the log locked, so that it is
 * always what the log says; each shard is locked beside for those who only ask.
 */
final class ParkIndex {

    /** Enough for topics, and for the few ways in which a target fails at a time. */
    private static final int MOST_TEXTS = 1024;

    private final ShardIndex[] shards = new ShardIndex[Shards.COUNT];
    private final SegmentUse use;
    private final Map<String, String> texts = new HashMap<>();

    ParkIndex(SegmentUse use) {
        this.use = use;
        for (int i = 0; i < shards.length; i++) {
            shards[i] = new ShardIndex(i);
        }
    }

    ShardIndex shard(int number) {
        return shards[number];
    }

    SegmentUse use() {
        return use;
    }

    /** Puts a letter at the end of its key. */
    Letter add(int shardNumber, KeyName name, long number, long index, Identity identity, int bytes) {
        var shard = shards[shardNumber];
        synchronized (shard) {
            var key = shard.find(name);
            if (key == null) {
                key = shard.key(new KeyName(once(name.topic()), name.name()));
            }
            var letter = new Letter(number, index, identity.high(), identity.low(), identity.digest(), bytes, key);
            shard.add(letter);
            if (!letter.isLost()) {
                use.add(index, bytes);
            }
            return letter;
        }
    }

    void setState(ParkedKey key, HeadState state, long index, int bytes) {
        var kept = new HeadState(
                state.attempts(),
                state.redrives(),
                once(state.code()),
                once(state.detail()),
                state.firstFailureMillis(),
                state.lastFailureMillis(),
                state.dueAtMillis(),
                state.pauseMillis(),
                state.isDead());
        synchronized (key.index()) {
            forgetState(key);
            key.setState(kept, index, bytes);
            use.add(index, bytes);
        }
    }

    void removeHead(ParkedKey key) {
        synchronized (key.index()) {
            forgetState(key);
            var head = key.removeHead();
            key.index().remove(head);
            forget(head);
        }
    }

    void removeLast(ParkedKey key, int count) {
        synchronized (key.index()) {
            for (int i = 0; i < count; i++) {
                if (key.size() == 1) {
                    forgetState(key);
                }
                var last = key.removeLast();
                key.index().remove(last);
                forget(last);
            }
        }
    }

    /** Nothing of the letter is left in the log; tells whether that is new. It keeps its place in its key. */
    boolean lose(Letter letter, long index) {
        synchronized (letter.key.index()) {
            if (letter.index != index) {
                return false;
            }
            use.remove(index, letter.bytes);
            letter.key.resize(-letter.bytes);
            letter.index = EventLog.NONE;
            letter.bytes = 0;
            return true;
        }
    }

    /** A lost letter is in the log again. */
    void found(Letter letter, long index, int bytes) {
        synchronized (letter.key.index()) {
            use.add(index, bytes);
            letter.key.resize(bytes);
            letter.index = index;
            letter.bytes = bytes;
        }
    }

    void moveLetter(Letter letter, long index) {
        synchronized (letter.key.index()) {
            use.move(letter.index, index);
            letter.index = index;
        }
    }

    void moveState(ParkedKey key, long index) {
        synchronized (key.index()) {
            use.move(key.stateIndex(), index);
            key.moveState(index);
        }
    }

    private void forget(Letter letter) {
        if (!letter.isLost()) {
            use.remove(letter.index, letter.bytes);
        }
    }

    private void forgetState(ParkedKey key) {
        if (key.stateIndex() >= 0) {
            use.remove(key.stateIndex(), key.stateBytes());
        }
    }

    /** The same text once in memory, since topics and reasons come again and again. */
    private String once(String text) {
        if (texts.size() >= MOST_TEXTS) {
            texts.clear(); // what never comes again must not stay
        }
        var known = texts.putIfAbsent(text, text);
        return known == null ? text : known;
    }
}
