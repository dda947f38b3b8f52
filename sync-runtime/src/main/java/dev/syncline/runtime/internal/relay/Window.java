package dev.syncline.runtime.internal.relay;

import dev.syncline.spi.Position;

/**
 * What was sent of one destination and is not confirmed up to the lowest: in the order of the outbox, each entry under a
 * ticket that counts up and is never given twice. Answers may come in any order; the window begins at the lowest entry
 * that is not confirmed.
 *
 * <p>Threading: one thread. Its slots are used again and again: no garbage once it has grown to what is needed.
 */
final class Window {

    private static final int SMALLEST = 16;

    private Slot[] ring = slots(SMALLEST);
    private long head;
    private long tail;
    private int confirmed;
    private int pending;
    private long pendingBytes;

    /** Enters what is about to be sent; returns its ticket. */
    long add(long index, long ordinal, long n, int bytes) {
        if (size() == ring.length) {
            grow();
        }
        var slot = slot(tail);
        slot.index = index;
        slot.ordinal = ordinal;
        slot.n = n;
        slot.bytes = bytes;
        slot.answer = Answer.NONE;
        pending++;
        pendingBytes += bytes;
        return tail++;
    }

    /** Whether the ticket waits for its answer; one that was forgotten, passed or answered does not. */
    boolean isPending(long ticket) {
        return ticket >= head && ticket < tail && slot(ticket).answer == Answer.NONE;
    }

    /** Where the entry of a pending ticket is. */
    Position position(long ticket) {
        var slot = slot(ticket);
        return new Position(slot.index, slot.ordinal);
    }

    /** The pending ticket is confirmed; returns by how many entries the lowest moved up. */
    int confirm(long ticket) {
        answer(ticket, Answer.SENT);
        confirmed++;
        long before = head;
        while (head < tail && slot(head).answer == Answer.SENT) {
            head++;
            confirmed--;
        }
        return (int) (head - before);
    }

    /** The pending ticket was not sent, or is not known to be. */
    void reject(long ticket) {
        answer(ticket, Answer.NOT_SENT);
    }

    /** Forgets all that is in it; answers to it come too late. */
    void clear() {
        head = tail;
        confirmed = 0;
        pending = 0;
        pendingBytes = 0;
    }

    boolean isEmpty() {
        return head == tail;
    }

    /** Entries from the lowest that is not confirmed to the newest. */
    int size() {
        return (int) (tail - head);
    }

    /** Entries that are not confirmed. */
    int unconfirmed() {
        return size() - confirmed;
    }

    /** Entries without an answer. */
    int pending() {
        return pending;
    }

    /** Bytes of the entries without an answer. */
    long pendingBytes() {
        return pendingBytes;
    }

    /** Before the lowest entry that is not confirmed; of a window that is not empty. */
    Mark lowest() {
        var slot = slot(head);
        return new Mark(new Position(slot.index, slot.ordinal), slot.n - 1);
    }

    private void answer(long ticket, Answer answer) {
        var slot = slot(ticket);
        slot.answer = answer;
        pending--;
        pendingBytes -= slot.bytes;
    }

    private Slot slot(long ticket) {
        return ring[(int) ticket & ring.length - 1];
    }

    private void grow() {
        var grown = slots(2 * ring.length);
        for (long ticket = head; ticket < tail; ticket++) {
            grown[(int) ticket & grown.length - 1] = slot(ticket);
        }
        ring = grown;
    }

    private static Slot[] slots(int count) {
        var slots = new Slot[count];
        for (int i = 0; i < count; i++) {
            slots[i] = new Slot();
        }
        return slots;
    }

    private enum Answer {
        NONE,
        SENT,
        NOT_SENT
    }

    private static final class Slot {
        private long index;
        private long ordinal;
        private long n;
        private int bytes;
        private Answer answer = Answer.NONE;
    }
}
