package dev.syncline.runtime.internal.dispatch;

import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.LongConsumer;

/**
 * What others want a lane to do on its own thread: take the end of an attempt, carry out a command. It holds at most one
 * item per running attempt and per waiting command, so it needs no bound of its own.
 */
final class Mailbox {

    private final Queue<LongConsumer> items = new ConcurrentLinkedQueue<>();
    private final LaneSignal signal;

    Mailbox(LaneSignal signal) {
        this.signal = signal;
    }

    /** Has it done soon; it is told the time of the lane's turn. Any thread. */
    void post(LongConsumer item) {
        items.add(item);
        signal.wake();
    }

    boolean isEmpty() {
        return items.isEmpty();
    }

    /** Does what was posted; returns how much. Lane's thread. */
    int run(long now) {
        int work = 0;
        for (LongConsumer item; (item = items.poll()) != null; work++) {
            item.accept(now);
        }
        return work;
    }
}
