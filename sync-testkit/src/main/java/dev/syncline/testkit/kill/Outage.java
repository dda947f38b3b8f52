package dev.syncline.testkit.kill;

/**
 * A time in which what instances share, a broker or the store of their state, was killed, stopped, or cut off.
 *
 * @param fromNanos before it began, by {@link System#nanoTime()}
 * @param toNanos when all was as before
 */
public record Outage(long fromNanos, long toNanos) {

    public Outage {
        if (toNanos - fromNanos < 0) {
            throw new IllegalArgumentException("it ends before it begins");
        }
    }
}
