package dev.syncline.runtime.internal.park;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The parked keys of one shard. Every method is called with the monitor of this object held. */
final class ShardIndex {

    private final int number;
    private final Map<String, Map<String, ParkedKey>> keys = new HashMap<>(2);
    private final Letters letters = new Letters();

    ShardIndex(int number) {
        this.number = number;
    }

    int number() {
        return number;
    }

    int letters() {
        return letters.size();
    }

    @Nullable
    ParkedKey find(KeyName name) {
        var ofTopic = keys.get(name.topic());
        return ofTopic == null ? null : ofTopic.get(name.name());
    }

    @Nullable
    Letter find(Identity identity) {
        return letters.find(identity.high(), identity.low(), letter -> letter.digest == identity.digest());
    }

    /** The letter that lies at this place in the log. */
    @Nullable
    Letter findAt(long high, long low, long index) {
        return letters.find(high, low, letter -> letter.index == index);
    }

    @Nullable
    Letter findNumber(long high, long low, long letterNumber) {
        return letters.find(high, low, letter -> letter.number == letterNumber);
    }

    /** The key of that name, made if it is not there. */
    ParkedKey key(KeyName name) {
        return keys.computeIfAbsent(name.topic(), topic -> new HashMap<>(4))
                .computeIfAbsent(name.name(), key -> new ParkedKey(this, name));
    }

    void add(Letter letter) {
        letter.key.add(letter);
        letters.add(letter);
    }

    /** A letter that its key has let go. */
    void remove(Letter letter) {
        letters.remove(letter);
        var key = letter.key;
        if (key.headLetter() == null) {
            var ofTopic = keys.get(key.topic());
            if (ofTopic == null || ofTopic.remove(key.name()) == null) {
                throw new AssertionError("key of letter " + letter.number + " is not there");
            }
            if (ofTopic.isEmpty()) {
                keys.remove(key.topic());
            }
        }
    }

    List<ParkedKey> all() {
        var all = new ArrayList<ParkedKey>();
        for (var ofTopic : keys.values()) {
            all.addAll(ofTopic.values());
        }
        return all;
    }
}
