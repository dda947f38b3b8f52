package dev.syncline.testkit.simulation;

import org.jspecify.annotations.Nullable;

/** A simulation broke a promise, or did not come to an end. The message names seed, promise and how to run it again. */
public final class ViolationException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    private final long seed;

    ViolationException(long seed, String what, @Nullable Throwable cause) {
        super(
                what + System.lineSeparator() + "again: mvn -pl sync-testkit -am test -Dtest=SimulationTest"
                        + " -Dsurefire.failIfNoSpecifiedTests=false -Dsim.seed=" + seed,
                cause);
        this.seed = seed;
    }

    /** Which simulation it was. */
    public long seed() {
        return seed;
    }
}
