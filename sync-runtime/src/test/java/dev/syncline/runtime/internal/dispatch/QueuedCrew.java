package dev.syncline.runtime.internal.dispatch;

import dev.syncline.runtime.internal.turns.Crew;
import java.util.ArrayDeque;

/** Threads whose tasks wait until the test runs them. */
class QueuedCrew implements Crew {

    final ArrayDeque<Runnable> tasks = new ArrayDeque<>();
    int grown;

    @Override
    public void execute(Runnable task) {
        tasks.add(task);
    }

    @Override
    public void grow(int threads) {
        grown += threads;
    }

    @Override
    public void end() {
        tasks.clear();
    }
}
