package dev.syncline.runtime.internal.dispatch;

import dev.syncline.runtime.internal.settings.Limit;
import java.util.ArrayDeque;
import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Tells a target that is away from events that are bad: the one fails whatever the key, the other fails alone. Only the
 * first opens it. While it is open no attempt begins; then exactly one does, the probe, at another key than the last
 * one; if that goes well it is closed, if it fails it is open anew (S16, L5).
 *
 * <pre>
 *           many keys fail                      the pause is over, a key asks
 *   CLOSED ───────────────► OPEN ◄───────────┐ ──────────────────────────────► PROBING
 *      ▲                      └── it failed ─┴────────────────────────────────────┘ │
 *      └────────────────────────────────── it went well ────────────────────────────┘
 * </pre>
 *
 * <p>What failed is counted by <em>disjoint</em> attempts: two attempts at a list that share a key may both have failed
 * of that one. So n disjoint ones mean that n keys fail at least, and a poisoned key counts once, however often it is
 * tried, alone or in company.
 *
 * <p>Who may be the probe. A key that is known to fail says little about the target, and if only such were asked a few
 * poisoned ones could keep it open for all. So for a moment after the pause only others may; then any but the last
 * one; then any.
 *
 * <p>No thread, clock or random number inside. Threading: any; all but {@link #isClosed} takes a lock, and while it is
 * closed only failures need more. Memory: bounded by the number of keys that open it and {@link #MOST_SUSPECTS}.
 */
final class Breaker {

    /** How long keys that are not known to fail are preferred. Those that wait, wait already: it is short. */
    static final long PREFERENCE = TimeUnit.MILLISECONDS.toNanos(100);

    private static final int MOST_SUSPECTS = 64;

    private final Limit limit;
    private final long windowNanos;
    private final long pauseNanos;
    private final List<Tally> successes = new CopyOnWriteArrayList<>();
    private Tally failures;

    private volatile State state = State.CLOSED;
    private final ArrayDeque<Evidence> evidence = new ArrayDeque<>();
    private long closedAt;

    private int inRow;
    private long number;
    private long rowBegin;
    private int successesBefore;

    private long openedAt;
    private long until;
    private String why = "";
    private final LinkedHashSet<String> suspects = new LinkedHashSet<>();
    private @Nullable String probed;

    Breaker(Limit limit, long pauseNanos, long now) {
        this.limit = limit;
        this.windowNanos = limit.window().toNanos();
        this.pauseNanos = pauseNanos;
        this.failures = new Tally(windowNanos, now);
        this.closedAt = now;
    }

    /** What it does. */
    enum State {
        CLOSED,
        OPEN,
        PROBING
    }

    /** What an attempt that ended has changed. */
    enum Change {
        NONE,
        OPENED,
        OPENED_AGAIN,
        /** The probe said nothing: another one may begin. */
        STILL_OPEN,
        CLOSED
    }

    /** How an attempt ended, for the target. */
    enum End {
        WELL,
        FAILED,
        /** It says nothing: what was refused or skipped may never have come to the target. */
        NEUTRAL
    }

    /** Counts what a lane does well, too. */
    void add(Tally tally) {
        successes.add(tally);
    }

    /** Whether any attempt may begin; what nearly always holds. */
    boolean isClosed() {
        return state == State.CLOSED;
    }

    /** Whether no attempt may begin, whatever its key. */
    synchronized boolean isShut(long now) {
        return switch (state) {
            case CLOSED -> false;
            case OPEN -> now - until < 0;
            case PROBING -> true;
        };
    }

    /** When more may begin than now, if nothing else happens; {@link Long#MAX_VALUE} if that is not known. */
    synchronized long nextNanos(long now) {
        if (state == State.OPEN) {
            for (long next = until; next - until <= 2 * PREFERENCE; next += PREFERENCE) {
                if (now - next < 0) {
                    return next;
                }
            }
        }
        return Long.MAX_VALUE;
    }

    /**
     * Whether an attempt at the key may begin. If it is not closed and says yes, this is the probe: it must begin and
     * its end be told, or be taken back by {@link End#NEUTRAL}.
     */
    synchronized boolean mayBegin(String key, long now) {
        if (state == State.CLOSED) {
            return true;
        }
        if (isShut(now) || isPutOff(key, now - until)) {
            return false;
        }
        state = State.PROBING;
        suspect(key);
        probed = key;
        return true;
    }

    private boolean isPutOff(String key, long sinceNanos) {
        if (sinceNanos < PREFERENCE) {
            return suspects.contains(key);
        }
        return sinceNanos < 2 * PREFERENCE && key.equals(probed);
    }

    private void suspect(String key) {
        suspects.remove(key); // so that the last one is the last to be forgotten
        suspects.add(key);
        if (suspects.size() > MOST_SUSPECTS) {
            var oldest = suspects.iterator();
            oldest.next();
            oldest.remove();
        }
    }

    /** A person says that the target is back: the probe may begin now. */
    synchronized void probeNow(long now) {
        if (isShut(now) && state == State.OPEN) {
            until = now;
        }
    }

    /** An attempt at these keys has ended. Those that go well while it is closed need not be told, only tallied. */
    synchronized Change ended(Set<String> keys, End end, long now) {
        return switch (state) {
            case CLOSED -> end == End.FAILED ? failed(keys, now) : Change.NONE;
            case OPEN -> Change.NONE; // it began before
            case PROBING -> keys.contains(probed) ? probeEnded(end, now) : Change.NONE;
        };
    }

    private Change probeEnded(End end, long now) {
        if (end == End.WELL) {
            close(now);
            return Change.CLOSED;
        }
        state = State.OPEN;
        if (end == End.NEUTRAL) {
            return Change.STILL_OPEN;
        }
        until = now + pauseNanos;
        return Change.OPENED_AGAIN;
    }

    private void close(long now) {
        state = State.CLOSED;
        closedAt = now;
        failures = new Tally(windowNanos, now);
        evidence.clear();
        suspects.clear();
        probed = null;
        inRow = 0;
        why = "";
    }

    private Change failed(Set<String> keys, long now) {
        failures.add(keys.size(), now);
        number++;
        int successesNow = successes.stream().mapToInt(Tally::attempts).sum();
        if (inRow == 0 || successesNow != successesBefore) {
            successesBefore = successesNow;
            inRow = 0;
            rowBegin = number;
        }
        inRow++;
        evidence.removeIf(known -> !Collections.disjoint(known.keys, keys));
        evidence.add(new Evidence(Set.copyOf(keys), number, now));
        if (evidence.size() > limit.keys()) {
            evidence.remove();
        }
        why = reason(now);
        if (why.isEmpty()) {
            return Change.NONE;
        }
        state = State.OPEN;
        openedAt = now;
        until = now + pauseNanos;
        evidence.forEach(known -> known.keys.forEach(this::suspect));
        return Change.OPENED;
    }

    private String reason(long now) {
        long ofRow = evidence.stream().filter(known -> known.number >= rowBegin).count();
        if (inRow >= limit.keys() && ofRow >= 2) {
            return inRow + " failures in a row";
        }
        long fresh =
                evidence.stream().filter(known -> now - known.at <= windowNanos).count();
        if (fresh < limit.keys()) {
            return "";
        }
        long window = Math.min(windowNanos, now - closedAt);
        long failed = failures.attempts(window, now);
        long well = successes.stream()
                .mapToLong(tally -> tally.attempts(window, now))
                .sum();
        return failed * 100 >= limit.percent() * (failed + well)
                ? failed + " of " + (failed + well) + " attempts failed, " + fresh + " keys at least"
                : "";
    }

    /** What it does, for people; null while it is closed. */
    synchronized @Nullable Told told(long now) {
        return state == State.CLOSED ? null : new Told(state == State.PROBING, why, now - openedAt, until - now);
    }

    /**
     * What it does while it is not closed.
     *
     * @param isProbing whether a probe runs
     * @param why what opened it
     * @param sinceNanos how long ago
     * @param leftNanos how long no attempt begins; 0 or less: one that may be the probe is waited for
     */
    record Told(boolean isProbing, String why, long sinceNanos, long leftNanos) {}

    /**
     * An attempt that failed and shares no key with another one.
     *
     * @param number of the failure, from 1
     */
    private record Evidence(Set<String> keys, long number, long at) {}
}
