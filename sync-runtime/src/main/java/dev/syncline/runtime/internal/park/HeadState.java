package dev.syncline.runtime.internal.park;

import dev.syncline.runtime.internal.envelope.LogText;
import java.util.Objects;

/**
 * How it stands with the head of a parked key. Immutable; each step gives another, which {@link ParkStore#record} makes
 * durable. Times are milliseconds since 1970, by the wall clock, because they outlive the process.
 *
 * @param attempts failed ones since it was parked or redriven, those in place among them
 * @param redrives how often it was handed in again
 * @param code stable reason of the last failure, dotted lower case; empty if it never failed
 * @param detail for people, harmless in a log, at most 257 characters; no payload, no stack trace
 * @param firstFailureMillis 0 if it never failed
 * @param lastFailureMillis 0 if it never failed
 * @param dueAtMillis when the next attempt may begin
 * @param pauseMillis how long the whole pause before that is: no clock makes it longer (S25)
 * @param isDead whether it is out of attempts and waits for a person
 */
public record HeadState(
        int attempts,
        int redrives,
        String code,
        String detail,
        long firstFailureMillis,
        long lastFailureMillis,
        long dueAtMillis,
        long pauseMillis,
        boolean isDead) {

    /** Never attempted, due at once: what a letter is when it becomes the head. */
    public static final HeadState FRESH = new HeadState(0, 0, "", "", 0, 0, 0, 0, false);

    /** {@link #code} of a head whose letter is damaged. */
    public static final String DAMAGED = "letter.damaged";

    /** {@link #waitMillis} of what only a person can move. */
    public static final long NEVER = Long.MAX_VALUE;

    public HeadState {
        Objects.requireNonNull(code, "code");
        detail = LogText.of(LogText.of(detail)); // twice, since escaping makes it longer
        if (attempts < 0 || redrives < 0 || pauseMillis < 0) {
            throw new IllegalArgumentException(
                    "attempts, redrives and pause are at least 0: " + attempts + ", " + redrives + ", " + pauseMillis);
        }
    }

    /**
     * An attempt failed and another follows.
     *
     * @param allAttempts that failed so far, this one among them
     */
    public HeadState failed(int allAttempts, String why, String detail, long nowMillis, long pauseMillis) {
        return after(allAttempts, why, detail, nowMillis, pauseMillis, false);
    }

    /** An attempt failed and none follows by itself: it is a dead letter. */
    public HeadState dead(int allAttempts, String why, String detail, long nowMillis) {
        return after(allAttempts, why, detail, nowMillis, 0, true);
    }

    private HeadState after(int allAttempts, String why, String text, long nowMillis, long pause, boolean dead) {
        long first = firstFailureMillis == 0 ? nowMillis : firstFailureMillis;
        return new HeadState(allAttempts, redrives, why, text, first, nowMillis, nowMillis + pause, pause, dead);
    }

    /** The next attempt is put off, or brought forward, and none was spent. */
    public HeadState postponed(long nowMillis, long pauseMillis) {
        return new HeadState(
                attempts,
                redrives,
                code,
                detail,
                firstFailureMillis,
                lastFailureMillis,
                nowMillis + pauseMillis,
                pauseMillis,
                isDead);
    }

    /** Its letter is damaged: no attempt is possible, a person has to give it up. When it failed before stays on record. */
    HeadState lost(long nowMillis) {
        return new HeadState(
                attempts,
                redrives,
                DAMAGED,
                "its bytes are not what was parked: the disk damaged them",
                firstFailureMillis == 0 ? nowMillis : firstFailureMillis,
                lastFailureMillis == 0 ? nowMillis : lastFailureMillis,
                dueAtMillis,
                0,
                true);
    }

    /** Its event came again after its letter was damaged: the next attempt is due now. */
    HeadState found(long nowMillis) {
        return new HeadState(
                attempts, redrives, code, detail, firstFailureMillis, lastFailureMillis, nowMillis, 0, false);
    }

    /** It is handed in again: attempts count anew, the next is due now; why it failed stays on record. */
    public HeadState redriven(long nowMillis) {
        return new HeadState(0, redrives + 1, code, detail, firstFailureMillis, lastFailureMillis, nowMillis, 0, false);
    }

    /**
     * How long the next attempt has to wait, for a timer that does not know the wall clock: at least 0, which also what
     * fell due while nothing ran gets; at most the whole pause, also if the clock was set back meanwhile.
     *
     * @return milliseconds, {@link #NEVER} if it is dead
     */
    public long waitMillis(long nowMillis) {
        return isDead ? NEVER : Math.min(Math.max(0, dueAtMillis - nowMillis), pauseMillis);
    }
}
