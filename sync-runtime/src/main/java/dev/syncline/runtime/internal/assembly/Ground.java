package dev.syncline.runtime.internal.assembly;

import dev.syncline.runtime.internal.handling.Handling;
import dev.syncline.runtime.internal.turns.Turns;
import java.nio.file.Path;
import java.util.function.BiFunction;
import java.util.function.Function;

/**
 * What an instance stands on: threads, time and disk. Production has one; a simulation brings its own.
 *
 * @param turns threads, monotonic time and chance
 * @param storage what is kept in a data directory
 * @param handling by the id of a handler and its handling, what its lanes use: a simulation looks on from there
 */
public record Ground(Turns turns, Function<Path, Storage> storage, BiFunction<String, Handling, Handling> handling) {

    /** The machine. */
    public static final Ground MACHINE = new Ground(Turns.threads(), FileStorage::new, (handler, handling) -> handling);

    /** A builder that can be told to build on other ground: the door for the testkit, not part of the API. */
    public interface Movable {

        /** What is built stands on this. */
        void on(Ground ground);
    }
}
