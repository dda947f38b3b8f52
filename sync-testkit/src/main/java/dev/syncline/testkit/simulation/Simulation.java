package dev.syncline.testkit.simulation;

import dev.syncline.testkit.internal.Scheduler;

/**
 * One or two applications on the whole real pipeline, in one thread, under faults that a seed picks: crashes at any touch
 * of the world outside, power failures, brokers that are away, repeat, lose confirmations, rebalance, disks that are full
 * or fail, clocks that jump, handlers that fail, hang, reject, persons who redrive, skip and drop. After every step the promises are checked (S3, S6, S7, S8,
 * S9, S11, S27, the guard); at the end all is healed, and everything must be applied, nothing parked, within a bound of
 * steps (S1, S2, L3).
 *
 * <p>Threading: a run keeps to the thread that calls it; several run side by side.
 */
public final class Simulation {

    /** Most events of a run, if it is not told otherwise. */
    private static final int MOST_EVENTS = 150;

    private Simulation() {}

    /**
     * Runs one seed.
     *
     * @throws ViolationException if a promise was broken
     */
    public static SimulationResult run(long seed) {
        return run(seed, MOST_EVENTS);
    }

    /**
     * Runs one seed with at most so many events, at least a tenth of it.
     *
     * @throws ViolationException if a promise was broken
     */
    public static SimulationResult run(long seed, int mostEvents) {
        var run = new SimulationRun(seed, mostEvents);
        try {
            return run.run();
        } catch (Scheduler.ViolationError violated) {
            throw new ViolationException(seed, run.describe(String.valueOf(violated.getMessage())), null);
        } catch (RuntimeException | Error broken) {
            throw new ViolationException(seed, run.describe("ended by " + broken), broken);
        }
    }
}
