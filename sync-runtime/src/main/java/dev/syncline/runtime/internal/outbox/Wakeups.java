package dev.syncline.runtime.internal.outbox;

import java.util.Arrays;

/** Those who want to know that there is something to read. Any thread; running them makes no garbage. */
final class Wakeups {

    private volatile Runnable[] listeners = {};

    synchronized void add(Runnable listener) {
        var more = Arrays.copyOf(listeners, listeners.length + 1);
        more[listeners.length] = listener;
        listeners = more;
    }

    synchronized void remove(Runnable listener) {
        listeners = Arrays.stream(listeners).filter(each -> each != listener).toArray(Runnable[]::new);
    }

    void run() {
        for (var listener : listeners) {
            listener.run();
        }
    }
}
