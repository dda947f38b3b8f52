package dev.syncline.verification.load;

import dev.syncline.api.Outcome;
import dev.syncline.runtime.Sync;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;

/** The child of {@link StartUp}. */
final class StartUpApplication {

    private static final Duration PATIENCE = Duration.ofMinutes(2);

    private StartUpApplication() {}

    public static void main(String[] arguments) {
        Figures.quiet();
        double main = System.currentTimeMillis()
                - ManagementFactory.getRuntimeMXBean().getStartTime();
        var directory = Path.of(arguments[0]);
        if (arguments[1].equals("halt")) {
            halt(directory, Integer.parseInt(arguments[2]), Integer.parseInt(arguments[3]));
        }
        say("first", main, "JVM to main");
        measure("first", directory);
        measure("second", directory.resolve("second"));
        Figures.line("done");
    }

    private static void measure(String which, Path directory) {
        var handled = new AtomicLong();
        long begun = System.nanoTime();
        var sync = builder(directory, thing -> handled.incrementAndGet()).build();
        long built = System.nanoTime();
        sync.start();
        long started = System.nanoTime();
        Await.require(PATIENCE, "ready", () -> sync.health().isReady());
        long ready = System.nanoTime();
        // of a life before this, or this one, which is newer than whatever there was of its key
        sync.publisher().publish(Thing.of(0, System.nanoTime()));
        long published = System.nanoTime();
        Await.require(PATIENCE, "applied", () -> handled.get() > 0);
        long applied = System.nanoTime();
        sync.awaitQuiet(PATIENCE);
        long quiet = System.nanoTime();
        sync.close();
        say(which, (built - begun) / 1e6, "build()");
        say(which, (started - built) / 1e6, "start()");
        say(which, (ready - started) / 1e6, "start() to ready");
        say(which, (ready - begun) / 1e6, "in all to ready");
        say(which, (published - ready) / 1e6, "first publish");
        say(which, (applied - published) / 1e6, "first event applied");
        say(which, (quiet - applied) / 1e6, "then until quiet");
        say(which, (System.nanoTime() - quiet) / 1e6, "close()");
    }

    /** Ends the process with half of what was published applied. */
    private static void halt(Path directory, int events, int keys) {
        var ledger = new Ledger(keys);
        var sync = builder(directory, thing -> ledger.apply(thing.number(), thing.n()))
                .start();
        var publisher = new Publisher(ledger, sync.publisher());
        for (int i = 0; i < events; i++) {
            publisher.publish();
        }
        Await.require(PATIENCE, "half of the events", () -> ledger.done() >= events / 2);
        Runtime.getRuntime().halt(137);
    }

    private static Sync.Builder builder(Path directory, Consumer<Thing> target) {
        return Sync.builder("start-up")
                .broker("local:")
                .dataDirectory(directory)
                .handler("target", Thing.class, (event, delivery) -> {
                    target.accept(event.payload());
                    return Outcome.done();
                });
    }

    private static void say(String which, double millis, String step) {
        Figures.line("%s %.2f %s", which, millis, step);
    }
}
