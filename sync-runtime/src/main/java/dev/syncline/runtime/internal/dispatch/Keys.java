package dev.syncline.runtime.internal.dispatch;

import dev.syncline.runtime.internal.dispatch.KeyState.Status;
import dev.syncline.runtime.internal.envelope.Envelope;
import dev.syncline.runtime.internal.envelope.LogText;
import dev.syncline.runtime.internal.settle.InFlight;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** A lane's table of the keys that are not idle, by topic and key, with the events that queue in them. */
final class Keys {

    /** Begins the name of what has no key; no real key contains it. */
    static final String NO_KEY = "\u0000";

    private final Map<String, Map<String, KeyState>> byTopic = new HashMap<>();
    private int size;
    private int queued;

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

    /** A key that is not idle any more. */
    KeyState add(String topic, String name) {
        var state = new KeyState(topic, name);
        var before = byTopic.computeIfAbsent(topic, t -> new HashMap<>()).put(state.key, state);
        if (before != null) {
            throw new AssertionError("key is not idle: " + LogText.of(name) + " of " + topic);
        }
        size++;
        return state;
    }

    /** The event becomes the head of its key, which was idle. */
    KeyState queue(InFlight event) {
        var state = add(event.envelope().received().partition().topic(), name(event.envelope()));
        queue(state, event);
        return state;
    }

    /** The event goes behind the others of its key. */
    void queue(KeyState state, InFlight event) {
        state.events.add(event);
        queued++;
    }

    /** The head leaves its key; what follows it is new. */
    InFlight removeHead(KeyState state) {
        var head = state.events.remove();
        queued--;
        state.resetHead();
        return head;
    }

    /** So many events left keys for the durable store or were let go. */
    void dequeued(int number) {
        queued -= number;
    }

    /** The key is idle again. */
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

    /** Events in the keys: in memory and unsettled. */
    int queued() {
        return queued;
    }

    /**
     * Lets go of queued events whose partition is gone. What runs goes on: its key stays BUSY until it ends, whatever
     * became of the partition.
     *
     * @return the keys whose head was among them
     */
    List<KeyState> dropFenced() {
        var headless = new ArrayList<KeyState>();
        forEach(state -> {
            boolean isParked = state.parked != null; // its head is in the store, and waits for its partition there
            if (state.status == Status.BUSY && !isParked) {
                return;
            }
            if (!isParked && state.head().isFenced()) {
                headless.add(state);
            }
            int before = state.events.size();
            state.events.removeIf(Keys::isDropped);
            dequeued(before - state.events.size());
        });
        return headless;
    }

    private static boolean isDropped(InFlight event) {
        if (event.isFenced()) {
            event.drop();
            return true;
        }
        return false;
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
