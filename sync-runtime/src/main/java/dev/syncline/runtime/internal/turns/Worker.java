package dev.syncline.runtime.internal.turns;

/** Who gives a loop its turns. All methods: any thread. */
public interface Worker {

    /** Begins. Once. */
    void start();

    /** Whether the caller is called by the loop. */
    boolean isCurrent();

    /** Interrupts what the loop does just now. */
    void interrupt();

    /**
     * Waits for the loop's end.
     *
     * @param atMostNanos 0 and less only asks
     * @return whether it has ended
     */
    boolean join(long atMostNanos) throws InterruptedException;

    /** Where it is, for a person to read: name, state and frames. */
    String whereItIs();
}
