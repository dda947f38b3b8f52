package dev.syncline.runtime.internal.dispatch;

import dev.syncline.runtime.internal.settings.Limit;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/**
 * Stops a handler whose events become dead letters in bulk because they cannot be read: of decoding, contract or
 * mapping. Then it is the deploy that is wrong, not the data, and every further event would be one letter more. No time
 * cures that, so it holds until a person releases it.
 *
 * <p>No thread or clock inside. Threading: any; {@link #isOn} reads one field. Memory: as many keys as it takes.
 */
final class Brake {

    private final Limit limit;
    private final long windowNanos;
    private final List<Tally> successes = new CopyOnWriteArrayList<>();
    private final LinkedHashMap<String, Long> dead = new LinkedHashMap<>();
    private Tally deaths;
    private long releasedAt;
    private volatile String why = "";

    Brake(Limit limit, long now) {
        this.limit = limit;
        this.windowNanos = limit.window().toNanos();
        this.deaths = new Tally(windowNanos, now);
        this.releasedAt = now;
    }

    /** Counts what a lane does well, too. */
    void add(Tally tally) {
        successes.add(tally);
    }

    /** Whether no attempt may begin. */
    boolean isOn() {
        return !why.isEmpty();
    }

    /** What pulled it, empty if it is not on. */
    String why() {
        return why;
    }

    /**
     * An event could not be read and is a dead letter.
     *
     * @param code why
     * @return whether this one pulled it
     */
    synchronized boolean died(String key, String code, long now) {
        if (isOn()) {
            return false;
        }
        deaths.add(1, now);
        dead.remove(key); // so that the order is that of the last time
        dead.put(key, now);
        if (dead.size() <= limit.keys()) {
            return false;
        }
        if (dead.size() > limit.keys() + 1) {
            var oldest = dead.values().iterator();
            oldest.next();
            oldest.remove();
        }
        if (now - dead.values().iterator().next() > windowNanos) {
            return false;
        }
        long window = Math.min(windowNanos, now - releasedAt);
        long letters = deaths.events(window, now);
        long well =
                successes.stream().mapToLong(tally -> tally.events(window, now)).sum();
        if (letters * 100 <= limit.percent() * (letters + well)) {
            return false;
        }
        why = letters + " of " + (letters + well) + " events cannot be read, last " + code;
        return true;
    }

    /** A person has seen to it; returns whether it was on. */
    synchronized boolean release(long now) {
        boolean wasOn = isOn();
        why = "";
        dead.clear();
        deaths = new Tally(windowNanos, now);
        releasedAt = now;
        return wasOn;
    }
}
