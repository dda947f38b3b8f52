package dev.syncline.runtime.internal.handling;

import dev.syncline.runtime.internal.envelope.Envelope;

/**
 * Says what the outbox is to keep beside the results of events that were handled, so that after a crash they are known to
 * be applied. Any thread.
 */
public interface Marking {

    /** Keeps nothing. */
    Marking NONE = new Marking() {
        @Override
        public byte[] mark(Envelope event) {
            return new byte[0];
        }

        @Override
        public void unmark(Envelope event) {}
    };

    /** The mark of an event that is about to be stored with its results; empty if nothing is to be kept. */
    byte[] mark(Envelope event);

    /** A mark that was asked for was not stored, or nobody is told that its event is done. */
    void unmark(Envelope event);
}
