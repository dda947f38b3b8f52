package dev.syncline.testkit.simulation;

/**
 * How a simulation went that broke no promise.
 *
 * @param seed of it
 * @param topology what the seed had decided, in words
 * @param published events that were, or may have been, published
 * @param applications attempts that succeeded, of all handlers
 * @param repeats of these, how many were of an event that was applied before a crash already
 * @param deaths of processes
 * @param steps turns that were given
 * @param traceHash of all that happened, in order: equal for equal seeds
 */
public record SimulationResult(
        long seed,
        String topology,
        int published,
        long applications,
        long repeats,
        int deaths,
        long steps,
        long traceHash) {}
