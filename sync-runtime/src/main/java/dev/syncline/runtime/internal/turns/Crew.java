package dev.syncline.runtime.internal.turns;

import java.util.concurrent.Executor;

/** A few threads for tasks in the order in which they come; they end while there is nothing to do. */
public interface Crew extends Executor {

    /**
     * Hands a task over.
     *
     * @throws java.util.concurrent.RejectedExecutionException after {@link #end}
     */
    @Override
    void execute(Runnable task);

    /** Has so many threads more, for those that do not come back soon; fewer, if negative. */
    void grow(int threads);

    /** Interrupts what runs, forgets what waits, takes nothing more. */
    void end();
}
