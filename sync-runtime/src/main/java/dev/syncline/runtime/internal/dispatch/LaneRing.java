package dev.syncline.runtime.internal.dispatch;

import com.lmax.disruptor.RingBuffer;
import com.lmax.disruptor.Sequence;
import dev.syncline.runtime.internal.settle.InFlight;
import dev.syncline.runtime.internal.settle.LinePadding;
import org.jspecify.annotations.Nullable;

/**
 * The way of an event from the poll thread to its lane: a Disruptor ring with one producer and one consumer.
 *
 * <p>The lane takes event by event, and gives places back now and then, so that the poll thread's look for room does not
 * disturb it at each: all but a few are free when an attempt begins. (An {@code EventPoller} frees places when its batch is
 * over, which an attempt that hangs would put off for ever.)
 *
 * <p>Threading: {@link #offer} and {@link #hasRoom} by the poll thread, the rest by the lane.
 */
final class LaneRing {

    /** Places that the lane has taken and not given back, at most. */
    private static final int MOST_KEPT = 32;

    private final RingBuffer<Slot> ring;
    private final Sequence freed = new Sequence();
    private final Reading reading = new Reading();

    LaneRing(int size, LaneSignal signal) {
        this.ring = RingBuffer.createSingleProducer(Slot::new, size, signal);
        reading.taken = freed.get();
        reading.published = reading.taken;
        ring.addGatingSequences(freed);
    }

    boolean hasRoom() {
        return ring.hasAvailableCapacity(1);
    }

    /** Hands an event over; false if the ring is full. */
    boolean offer(InFlight event) {
        if (!hasRoom()) {
            return false;
        }
        long sequence = ring.next();
        ring.get(sequence).event = event;
        ring.publish(sequence);
        return true;
    }

    boolean isEmpty() {
        return reading.taken == ring.getCursor();
    }

    /** The oldest event; null if there is none. */
    @Nullable
    InFlight poll() {
        long next = reading.taken + 1;
        if (next > reading.published) {
            reading.published = ring.getCursor();
            if (next > reading.published) {
                free();
                return null;
            }
        }
        var slot = ring.get(next);
        var event = slot.event;
        if (event == null) {
            throw new AssertionError("empty slot in the ring");
        }
        slot.event = null; // the ring keeps no payload alive
        reading.taken = next;
        if (next - freed.get() >= MOST_KEPT) {
            free();
        }
        return event;
    }

    private void free() {
        if (freed.get() != reading.taken) {
            freed.set(reading.taken);
        }
    }

    /** How far the lane is. Apart in memory: it is written with each event, and the poll thread reads what is beside it. */
    private static final class Reading extends LinePadding {
        long taken;
        long published;

        @SuppressWarnings("unused")
        private long b1, b2, b3, b4, b5, b6, b7, b8, b9, b10, b11, b12, b13, b14, b15, b16;
    }

    /** A place of the ring. */
    private static final class Slot {
        @Nullable
        InFlight event;
    }
}
