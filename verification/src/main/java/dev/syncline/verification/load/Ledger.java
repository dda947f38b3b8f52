package dev.syncline.verification.load;

import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.concurrent.atomic.LongAdder;

/**
 * What was published and what was applied, by key. Events of a key are counted from 0 without a gap, so one number per
 * key tells a repeat, and an event that came before its elder.
 *
 * <p>Threading: any; one thread at a time per key publishes.
 */
final class Ledger {

    private final AtomicLongArray published;
    private final AtomicLongArray applied;
    private final LongAdder done = new LongAdder();
    private final AtomicLong repeats = new AtomicLong();
    private final AtomicLong overtakes = new AtomicLong();

    Ledger(int keys) {
        published = new AtomicLongArray(keys);
        applied = new AtomicLongArray(keys);
    }

    int keys() {
        return published.length();
    }

    /** The number of the key's next event. */
    long next(int key) {
        return published.getAndIncrement(key);
    }

    /** Takes the number back: it was refused. */
    void refused(int key) {
        published.decrementAndGet(key);
    }

    void apply(int key, long n) {
        long expected = applied.get(key);
        if (n < expected) {
            repeats.incrementAndGet();
            return;
        }
        if (n > expected) {
            overtakes.incrementAndGet();
        }
        applied.set(key, n + 1);
        done.increment();
    }

    /** Events that were applied, repeats not counted. */
    long done() {
        return done.sum();
    }

    long done(int key) {
        return applied.get(key);
    }

    long publishedCount(int key) {
        return published.get(key);
    }

    long publishedCount() {
        long sum = 0;
        for (int key = 0; key < keys(); key++) {
            sum += published.get(key);
        }
        return sum;
    }

    long repeats() {
        return repeats.get();
    }

    /** Events before which at least one of their key was missing. */
    long overtakes() {
        return overtakes.get();
    }

    /** Published, and not applied, or jumped over. */
    long missing() {
        return publishedCount() - done();
    }

    boolean isSound() {
        return missing() == 0 && overtakes() == 0;
    }

    String verdict() {
        return "published " + publishedCount() + ", applied " + done() + ", missing " + missing() + ", overtakes "
                + overtakes() + ", repeats " + repeats();
    }
}
