package dev.syncline.runtime.internal.dispatch;

import dev.syncline.runtime.Health.BlockedKey;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * What others see of the keys of a lane that wait for a later attempt or a person: those that were there first, and how
 * many events all of them have in memory. There may be a hundred thousand, so a change of one costs no look at the others:
 * whoever changes a key has it noted.
 *
 * <p>Threading: the lane's thread, except {@link #shown} and {@link #events}.
 */
final class BlockedKeys {

    private static final int MOST_SHOWN = 100;

    private final Set<KeyState> all = new LinkedHashSet<>();
    private int sum;
    private volatile List<BlockedKey> shown = List.of();
    private volatile int events;

    /** Notes how it stands with a key, which may have left the table; what is shown of it waits for {@link #show}. */
    void note(KeyState state) {
        boolean isVisible = state.isVisible();
        if (isVisible) {
            all.add(state);
        } else {
            all.remove(state);
        }
        int waiting = isVisible ? state.events.size() : 0;
        sum += waiting - state.countedEvents;
        state.countedEvents = waiting;
        events = sum;
    }

    /** Shows what was noted. */
    void show() {
        var list = new ArrayList<BlockedKey>(Math.min(all.size(), MOST_SHOWN));
        for (var state : all) {
            if (list.size() == MOST_SHOWN) {
                break;
            }
            list.add(state.describe());
        }
        shown = List.copyOf(list);
    }

    /** Any thread. */
    List<BlockedKey> shown() {
        return shown;
    }

    /** Events of all of them that are in memory. Any thread. */
    int events() {
        return events;
    }
}
