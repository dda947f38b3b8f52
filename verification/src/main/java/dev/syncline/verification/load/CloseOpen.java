package dev.syncline.verification.load;

import dev.syncline.api.Outcome;
import dev.syncline.runtime.Sync;
import java.io.File;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;

/**
 * Opens and closes an application under load, again and again (S23): what was published before a close is applied after
 * it, once, and no thread and no file stays open.
 */
public final class CloseOpen {

    private static final int WARM_UP = 5;

    private CloseOpen() {}

    /** See the class. */
    public static void main(String[] arguments) {
        var options = Options.of(
                arguments,
                Map.of("broker", "local", "times", "1000", "events", "200", "keys", "16", "concurrency", "4"));
        Figures.begin("Close and open: an application is closed under load", options);
        try (var scratch = new Scratch();
                var seat = Seat.of(options.text("broker"))) {
            var found = run(
                    seat,
                    scratch.path(),
                    options.number("times"),
                    options.number("events"),
                    options.number("keys"),
                    options.text("concurrency"));
            Figures.line("%s", found);
            Figures.line("%s at the end", Figures.load());
            if (!found.isSound()) {
                throw new IllegalStateException("something was lost, repeated or left open");
            }
        }
    }

    /**
     * What was found.
     *
     * @param threads of ours that are left after the last close
     * @param descriptors that are open at the end, less those that were after the first few times
     */
    record Found(
            int times,
            long published,
            long missing,
            long overtakes,
            long repeats,
            long threads,
            long descriptors,
            double medianCloseMillis,
            double longestCloseMillis) {

        boolean isSound() {
            return missing == 0 && overtakes == 0 && repeats == 0 && threads == 0 && descriptors <= 0;
        }
    }

    /** Opens so many times, and once more to see that nothing is missing. */
    static Found run(Seat seat, Path directory, int times, int events, int keys, String concurrency) {
        var ledger = new Ledger(keys);
        var closes = new double[times];
        long descriptors = 0;
        for (int i = 0; i < times; i++) {
            var sync = open(seat, directory, ledger, concurrency);
            var publisher = new Publisher(ledger, sync.publisher());
            long doneBefore = ledger.done();
            for (int n = 0; n < events; n++) {
                publisher.publish();
            }
            // in turn: while the flow still starts, in the midst of it, and when little is left
            long wanted = doneBefore + (long) events * (i % 3) / 3;
            Await.require(Duration.ofMinutes(1), "events go on being applied", () -> ledger.done() >= wanted);
            long begun = System.nanoTime();
            sync.close();
            closes[i] = (System.nanoTime() - begun) / 1e6;
            if (i == Math.min(WARM_UP, times) - 1) {
                descriptors = descriptors();
            }
        }
        descriptors = descriptors() - descriptors;
        long threads = threads();
        try (var last = open(seat, directory, ledger, concurrency)) {
            last.awaitQuiet(Duration.ofMinutes(1));
        }
        return new Found(
                times,
                ledger.publishedCount(),
                ledger.missing(),
                ledger.overtakes(),
                ledger.repeats(),
                threads,
                descriptors,
                Figures.median(closes),
                Figures.percentile(closes, 1));
    }

    private static Sync open(Seat seat, Path directory, Ledger ledger, String concurrency) {
        return seat.under(Sync.builder("reopened"))
                .dataDirectory(directory)
                .settings(Map.of("defaults.concurrency", concurrency))
                .handler("target", Thing.class, (event, delivery) -> {
                    ledger.apply(event.payload().number(), event.payload().n());
                    return Outcome.done();
                })
                .start();
    }

    private static long threads() {
        return Thread.getAllStackTraces().keySet().stream()
                .filter(thread -> thread.getName().startsWith("syncline-reopened"))
                .count();
    }

    private static long descriptors() {
        var open = new File("/proc/self/fd").list();
        return open == null ? 0 : open.length;
    }
}
