package dev.syncline.broker.kafka;

import org.apache.kafka.clients.consumer.Consumer;

/**
 * Keeps a wakeup from hitting the wrong call. Kafka's own {@code wakeup} makes whatever blocks next throw: a commit, as
 * well as the wait it was meant for. So it is passed on only while somebody waits, and taken back when it came too late
 * to be noticed there. Thread-safe.
 */
final class Wakeups {

    private boolean isWaiting;
    private boolean isRequested;
    private boolean isPassedOn;

    /** From any thread: ends the wait that is on, or else the next one. */
    synchronized void request(Consumer<?, ?> client) {
        isRequested = true;
        if (isWaiting) {
            passOn(client);
        }
    }

    /** As {@link #request} before there is anything that could wait. */
    synchronized void request() {
        isRequested = true;
    }

    /** From inside of the wait: it shall go on no longer than it must, but nobody asked for the whole poll to end. */
    synchronized void cutShort(Consumer<?, ?> client) {
        if (isWaiting) {
            passOn(client);
        }
    }

    private void passOn(Consumer<?, ?> client) {
        if (!isPassedOn) {
            isPassedOn = true;
            client.wakeup();
        }
    }

    /** Before a wait; returns false if it must not take any time. */
    synchronized boolean begin() {
        isWaiting = true;
        return !isRequested;
    }

    /** A call threw the wakeup that was passed on. */
    synchronized void noticed() {
        isPassedOn = false;
    }

    /** After a wait; returns whether the client still has a wakeup to throw. */
    synchronized boolean end() {
        isWaiting = false;
        boolean isLeft = isPassedOn;
        isPassedOn = false;
        return isLeft;
    }

    synchronized boolean isRequested() {
        return isRequested;
    }

    /** The poll returns: what was asked of it is done. */
    synchronized void done() {
        isRequested = false;
    }
}
