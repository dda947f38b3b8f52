package dev.syncline.testkit.kill;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;

/**
 * What a run over many lives is told, be it of one instance or of several.
 *
 * @param <B> the builder
 */
abstract class RunOptions<B extends RunOptions<B>> {

    final Map<String, Integer> handlers = new TreeMap<>();
    long seed = 1;
    int restEvery;
    Duration patience;
    Path journals = Path.of(
            System.getProperty("java.io.tmpdir"),
            "syncline-journals-" + ProcessHandle.current().pid());
    Runnable afterRest = () -> {};
    Consumer<String> progress = line -> {};

    RunOptions(int restEvery, Duration patience) {
        this.restEvery = restEvery;
        this.patience = patience;
    }

    abstract B self();

    /**
     * Adds a handler that takes every event.
     *
     * @param name as it calls itself in the journal
     * @param mostRepeats how many of its effects may come again after one kill, or pause, of one instance
     */
    public B handler(String name, int mostRepeats) {
        handlers.put(name, mostRepeats);
        return self();
    }

    /** Where the times, points and kinds come from. Default: 1. */
    public B seed(long number) {
        seed = number;
        return self();
    }

    /** After so many kills, or disturbances, all is worked off. Default: 50 of one instance, 25 of several. */
    public B restEvery(int number) {
        restEvery = number;
        return self();
    }

    /**
     * How long an instance may take to its first call of a handler, to end, to work everything off. Default: 1 min, of several
     * 2 min.
     */
    public B patience(Duration time) {
        patience = time;
        return self();
    }

    /** Where the journals since the last rest are kept. Default: in the temporary directory. */
    public B journals(Path directory) {
        journals = directory;
        return self();
    }

    /** Called each time that all was worked off. */
    public B afterRest(Runnable next) {
        afterRest = next;
        return self();
    }

    /** Takes a line per kill, or disturbance, and per rest. Default: nobody does. */
    public B progress(Consumer<String> listener) {
        progress = listener;
        return self();
    }

    void requireHandlers() {
        if (handlers.isEmpty()) {
            throw new IllegalArgumentException("no handler: whose effects are to be counted?");
        }
    }
}
