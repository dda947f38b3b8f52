package dev.syncline.runtime.internal.dispatch;

import dev.syncline.runtime.internal.envelope.Envelope;
import dev.syncline.runtime.internal.envelope.LogText;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** A lane's table of the keys that are not idle, by topic and key. */
final class Keys {

    /** Begins the name of what has no key; no real key contains it. */
    static final String NO_KEY = "\u0000";

    private final Map<String, Map<String, KeyState>> byTopic = new HashMap<>();
    private int size;

    @Nullable
    KeyState find(String topic, String name) {
        var keys = byTopic.get(topic);
        return keys == null ? null : keys.get(name);
    }

    @Nullable
    KeyState find(Envelope event) {
        if (size == 0) {
            return null; // nearly always: the table knows only keys in trouble or in a batch
        }
        return find(event.received().partition().topic(), name(event));
    }

    KeyState add(Envelope event) {
        return add(event.received().partition().topic(), name(event));
    }

    KeyState add(String topic, String name) {
        var state = new KeyState(topic, name);
        var before = byTopic.computeIfAbsent(topic, t -> new HashMap<>()).put(state.key, state);
        if (before != null) {
            throw new AssertionError("key is not idle: " + LogText.of(name) + " of " + topic);
        }
        size++;
        return state;
    }

    void remove(KeyState state) {
        var keys = byTopic.get(state.topic);
        if (keys == null || keys.remove(state.key) != state) {
            throw new AssertionError("key is idle already");
        }
        size--;
    }

    int size() {
        return size;
    }

    void forEach(Consumer<KeyState> action) {
        for (var keys : byTopic.values()) {
            keys.values().forEach(action);
        }
    }

    /** Events without a key keep no order, so each is a key of its own. */
    static String name(Envelope event) {
        return event.key().isEmpty()
                ? NO_KEY + event.received().partition().partition() + "@"
                        + event.received().position()
                : event.key();
    }
}
