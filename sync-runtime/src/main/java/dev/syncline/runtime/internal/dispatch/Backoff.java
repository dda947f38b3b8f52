package dev.syncline.runtime.internal.dispatch;

import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.random.RandomGenerator;

/**
 * When a failed event is tried again: first in place, its key held for a moment; then later, its key blocked and
 * visible, by a second row of pauses whose last one repeats. Jitter lengthens a pause by up to half and never shortens
 * it, so that a target that is coming back is not hit by all keys at once, nor earlier than was said.
 */
final class Backoff {

    /** No further attempt by itself. */
    static final long NEVER = -1;

    /** A key may wait in memory for so long at least, however short the pauses in place are. */
    private static final long SHORT = TimeUnit.SECONDS.toNanos(5);

    private final long[] inPlace;
    private final long[] later;
    private final long giveUpAfter;
    private final long longestHold;
    private final RandomGenerator random;

    Backoff(List<Duration> inPlace, List<Duration> later, Duration giveUpAfter, RandomGenerator random) {
        this.inPlace = inPlace.stream().mapToLong(Duration::toNanos).toArray();
        this.later = later.stream().mapToLong(Duration::toNanos).toArray();
        this.giveUpAfter = giveUpAfter.toNanos();
        this.longestHold =
                Arrays.stream(this.inPlace).map(pause -> pause + pause / 2).reduce(SHORT, Math::max);
        this.random = random;
    }

    /** Whether the attempt with that count, from 1, is the last one in place. */
    boolean isLastInPlace(int attempt) {
        return attempt > inPlace.length;
    }

    /**
     * Whether a pause that the handler asked for is too long to keep a key in memory, where its events hold back their
     * partition: longer than any in place, with its jitter.
     */
    boolean isLong(long pauseNanos) {
        return pauseNanos > longestHold;
    }

    /** Pause in nanoseconds after so many failed attempts; {@link #NEVER} if none follows. */
    long afterFailures(int failures) {
        if (failures <= inPlace.length) {
            return lengthen(inPlace[failures - 1]);
        }
        if (later.length == 0 || waited(failures) >= giveUpAfter) {
            return NEVER;
        }
        return lengthen(later[Math.min(failures - inPlace.length, later.length) - 1]);
    }

    /**
     * The pauses of the later attempts before so many failures, added up. By the row, not by a clock: one that jumps
     * must not end the attempts (S25).
     */
    private long waited(int failures) {
        int attempts = failures - inPlace.length - 1;
        long sum = 0;
        for (int i = 0; i < Math.min(attempts, later.length); i++) {
            sum += later[i];
        }
        return sum + (long) Math.max(0, attempts - later.length) * later[later.length - 1];
    }

    long lengthen(long pauseNanos) {
        return pauseNanos <= 1 ? pauseNanos : pauseNanos + random.nextLong(pauseNanos / 2 + 1);
    }
}
