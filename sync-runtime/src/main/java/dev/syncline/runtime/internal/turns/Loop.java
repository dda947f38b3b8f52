package dev.syncline.runtime.internal.turns;

/**
 * What a room does again and again: turns, each a bounded amount of work, and rests between them. Production gives it a
 * thread, simulation a turn now and then.
 *
 * <p>Threading: one turn or rest at a time, in production on one thread.
 */
public interface Loop {

    /** As the rest after a turn: there are no more turns. */
    long END = -1;

    /** As the rest after a turn: until something comes in. */
    long UNTIL_INPUT = Long.MAX_VALUE;

    /** Before the first turn. */
    default void begin() {}

    /**
     * One turn.
     *
     * @param nowNanos of {@link Turns#nanoTime}
     * @return how long it may rest unless something comes in; 0 if there is more to do, {@link #END}
     */
    long turn(long nowNanos);

    /**
     * Rests: until something comes in, at most for so long, and may return early. Blocks; simulation does not call it.
     *
     * @param nanos what {@link #turn} returned, above 0
     */
    void rest(long nanos);

    /** Whether something came in since the last turn. Simulation asks it of one that rests. */
    default boolean hasInput(long nowNanos) {
        return false;
    }
}
