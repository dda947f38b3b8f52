package dev.syncline.verification.load;

import dev.syncline.api.Event;
import dev.syncline.api.EventKey;
import dev.syncline.api.EventType;
import dev.syncline.api.Outcome;
import dev.syncline.runtime.Sync;
import dev.syncline.testkit.InMemoryBroker;
import java.time.Duration;
import java.util.Arrays;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.locks.LockSupport;
import java.util.function.IntSupplier;

/**
 * Does anybody starve beside a hot key or a destination that is dead (L4)? The figure is the time from publish to applied
 * of those that are neither, p50 and p99, beside the same load without them, in turns.
 *
 * <p>{@code zipf}: keys chosen by Zipf's law with {@code skew}, beside evenly chosen ones; the hottest key is left out of
 * the times. {@code dead}: a tenth of what is published goes to a topic that the broker refuses, beside the same with the
 * topic taking it. The handler takes {@code work} for each event, as a target over the network would. In-memory broker, so
 * that nothing but Syncline is measured; durability {@code PROCESS}.
 */
public final class Starvation {

    private static final String DEAD_TOPIC = "dead.thing";

    private final Options options;

    private Starvation(Options options) {
        this.options = options;
    }

    /** An event for a topic that takes nothing. */
    @EventType("dead.thing.changed")
    record Lost(@EventKey String key) {}

    /** See the class. */
    public static void main(String[] arguments) {
        var options = Options.of(
                arguments,
                Map.of(
                        "cases", "zipf,dead",
                        "rate", "2000",
                        "keys", "1000",
                        "skew", "1.2",
                        "work", "1ms",
                        "concurrency", "8",
                        "rounds", "3",
                        "round", "10s",
                        "warm-up", "5s"));
        Figures.begin("Starvation: times of others beside a hot key and a dead destination", options);
        for (var each : options.text("cases").split(",", 0)) {
            new Starvation(options).compare(each);
        }
        Figures.line("%s at the end", Figures.load());
    }

    private void compare(String what) {
        round(what, false, options.duration("warm-up"));
        int rounds = options.number("rounds");
        var with = new double[rounds];
        var without = new double[rounds];
        for (int i = 0; i < rounds; i++) {
            without[i] = round(what, false, options.duration("round"));
            with[i] = round(what, true, options.duration("round"));
        }
        Figures.line(
                "%s: p99 of others without %.2f ms, with %.2f ms, ratio %.2f (medians of %d)",
                what,
                Figures.median(without),
                Figures.median(with),
                Figures.median(with) / Figures.median(without),
                rounds);
    }

    private double round(String what, boolean isWith, Duration time) {
        boolean isZipf = what.equals("zipf");
        var memory = new InMemoryBroker();
        memory.createTopic(Thing.TOPIC, 8);
        memory.createTopic(DEAD_TOPIC, 8);
        int rate = options.number("rate");
        var ledger = new Ledger(options.number("keys"));
        var latencies = new Latencies((int) (rate * (time.toSeconds() + 1)));
        try (var scratch = new Scratch();
                var sync = start(memory, scratch, ledger, latencies, isZipf ? 0 : -1)) {
            if (isWith && !isZipf) {
                memory.denyTopic(DEAD_TOPIC);
            }
            var keys = isZipf && isWith ? zipf(ledger.keys()) : evenly(ledger.keys());
            publish(sync, new Publisher(ledger, sync.publisher(), keys), isZipf, rate, time);
            Await.require(Duration.ofMinutes(2), "all applied", () -> ledger.missing() == 0);
            Figures.line(
                    "  %s %s: p50 %.2f ms, p99 %.2f ms, p99.9 %.2f ms of %d; %s",
                    what,
                    isWith ? "with" : "without",
                    latencies.percentile(0.5),
                    latencies.percentile(0.99),
                    latencies.percentile(0.999),
                    latencies.count(),
                    ledger.verdict());
            return latencies.percentile(0.99);
        }
    }

    private Sync start(InMemoryBroker memory, Scratch scratch, Ledger ledger, Latencies latencies, int leftOut) {
        long work = options.duration("work").toNanos();
        return Sync.builder("starvation")
                .broker(memory, "memory:")
                .dataDirectory(scratch.path())
                .settings(Map.of("defaults.concurrency", options.text("concurrency"), "close-deadline", "2s"))
                .payloads(Lost.class)
                .handler("target", Thing.class, (event, delivery) -> {
                    if (work > 0) {
                        LockSupport.parkNanos(work);
                    }
                    var thing = event.payload();
                    if (thing.number() != leftOut) {
                        latencies.add(System.nanoTime() - thing.publishedNanos());
                    }
                    ledger.apply(thing.number(), thing.n());
                    return Outcome.done();
                })
                .start();
    }

    private static void publish(Sync sync, Publisher publisher, boolean isZipf, int rate, Duration time) {
        if (isZipf) {
            publisher.paced(rate, time);
            return;
        }
        long end = System.nanoTime() + time.toNanos();
        long begun = System.nanoTime();
        long sent = 0;
        while (System.nanoTime() < end) {
            long due = (long) ((System.nanoTime() - begun) / 1e9 * rate);
            for (; sent < due; sent++) {
                if (sent % 10 == 0) {
                    sync.publisher().publish(Event.of(new Lost("lost-" + sent % 64)));
                } else {
                    publisher.publish();
                }
            }
            LockSupport.parkNanos(500_000);
        }
    }

    private static IntSupplier evenly(int keys) {
        var random = new SplittableRandom(1);
        return () -> random.nextInt(keys);
    }

    /** Key k with a share of 1/(k+1)^skew. */
    private IntSupplier zipf(int keys) {
        double skew = Double.parseDouble(options.text("skew"));
        var upTo = new double[keys];
        double sum = 0;
        for (int key = 0; key < keys; key++) {
            sum += Math.pow(key + 1, -skew);
            upTo[key] = sum;
        }
        double all = sum;
        var random = new SplittableRandom(1);
        return () -> {
            int at = Arrays.binarySearch(upTo, random.nextDouble() * all);
            return Math.min(keys - 1, at < 0 ? -at - 1 : at);
        };
    }
}
