package dev.syncline.runtime.internal.dispatch;

import com.lmax.disruptor.RingBuffer;
import com.lmax.disruptor.Sequence;
import dev.syncline.runtime.internal.settle.InFlight;
import org.jspecify.annotations.Nullable;

/**
 * The way of an event from the poll thread to its lane: a Disruptor ring with one producer and one consumer.
 *
 * <p>The lane takes event by event, and the place of an event is free before its attempt begins. (An {@code EventPoller}
 * frees places when its batch is over, which an attempt that hangs would put off for ever.)
 *
 * <p>Threading: {@link #offer} and {@link #hasRoom} by the poll thread, the rest by the lane.
 */
final class LaneRing {

    private final RingBuffer<Slot> ring;
    private final Sequence taken = new Sequence();
    private long published;

    LaneRing(int size, LaneSignal signal) {
        this.ring = RingBuffer.createSingleProducer(Slot::new, size, signal);
        this.published = taken.get();
        ring.addGatingSequences(taken);
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
        return taken.get() == ring.getCursor();
    }

    /** The oldest event; null if there is none. */
    @Nullable
    InFlight poll() {
        long next = taken.get() + 1;
        if (next > published) {
            published = ring.getCursor();
            if (next > published) {
                return null;
            }
        }
        var slot = ring.get(next);
        var event = slot.event;
        if (event == null) {
            throw new AssertionError("empty slot in the ring");
        }
        slot.event = null; // the ring keeps no payload alive
        taken.set(next);
        return event;
    }

    /** A place of the ring. */
    private static final class Slot {
        @Nullable
        InFlight event;
    }
}
