package dev.syncline.verification.load;

import dev.syncline.api.Delivery;
import dev.syncline.api.Event;
import dev.syncline.api.Outcome;
import dev.syncline.runtime.DeadLetters;
import dev.syncline.runtime.Sync;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;

/**
 * What do the other keys notice of one that cannot be handled (S10)? Rounds without and with the poison take turns, each
 * on a directory and a broker of its own; the figure is the throughput of the other keys with it over that without.
 *
 * <p>Variants: {@code fail} throws at once, {@code hang} sleeps 50 ms and throws, {@code reject} is dead at once. At the
 * end of a round the cause is mended, dead letters are redriven, and the poisoned key must come out complete and in order.
 *
 * <p>{@code rate=0} publishes as fast as it is applied, which is what shows most: the poisoned key's events are put on
 * disk, and forced, by the lanes that serve the others. Durability of the outbox: {@code PROCESS}.
 */
public final class Poison {

    private static final int POISONED = 0;
    private static final String HANDLER = "target";

    private final Options options;
    private final String variant;

    private Poison(Options options, String variant) {
        this.options = options;
        this.variant = variant;
    }

    /** See the class. */
    public static void main(String[] arguments) {
        var options = Options.of(
                arguments,
                Map.of(
                        "broker", "memory",
                        "variants", "fail,hang,reject",
                        "keys", "64",
                        "rate", "0",
                        "rounds", "3",
                        "round", "10s",
                        "warm-up", "5s",
                        "concurrency", "2"));
        Figures.begin("Poison: throughput of the other keys beside one that cannot be handled", options);
        boolean isSound = true;
        for (var variant : options.text("variants").split(",", 0)) {
            isSound &= new Poison(options, variant).compare();
        }
        Figures.line("%s at the end", Figures.load());
        if (!isSound) {
            throw new IllegalStateException("an event was lost or overtaken");
        }
    }

    private boolean compare() {
        int rounds = options.number("rounds");
        var clean = new double[rounds];
        var poisoned = new double[rounds];
        boolean isSound = round(false, options.duration("warm-up"), new double[1], 0);
        for (int i = 0; i < rounds; i++) {
            isSound &= round(false, options.duration("round"), clean, i);
            isSound &= round(true, options.duration("round"), poisoned, i);
        }
        Figures.line(
                "%s: others without %.0f/s, with %.0f/s, ratio %.2f (medians of %d)",
                variant,
                Figures.median(clean),
                Figures.median(poisoned),
                Figures.median(poisoned) / Figures.median(clean),
                rounds);
        return isSound;
    }

    private boolean round(boolean isPoisoned, Duration time, double[] figures, int at) {
        var ledger = new Ledger(options.number("keys"));
        var target = new Target(ledger, variant);
        target.isPoisoned = isPoisoned;
        try (var scratch = new Scratch();
                var seat = Seat.of(options.text("broker"));
                var sync = start(scratch, seat, target)) {
            var publisher = new Publisher(ledger, sync.publisher());
            long begun = System.nanoTime();
            int rate = options.number("rate");
            if (rate > 0) {
                publisher.paced(rate, time);
            } else {
                publisher.saturating(time, () -> isPoisoned ? waiting(ledger) : 0);
            }
            figures[at] = (ledger.done() - ledger.done(POISONED)) / ((System.nanoTime() - begun) / 1e9);
            return heal(sync, ledger, target, isPoisoned);
        }
    }

    private static int waiting(Ledger ledger) {
        return (int) (ledger.publishedCount(POISONED) - ledger.done(POISONED));
    }

    private Sync start(Scratch scratch, Seat seat, Target target) {
        var settings = new HashMap<String, String>();
        settings.put("defaults.concurrency", options.text("concurrency"));
        settings.put("defaults.retry-later", "1s 5s");
        return seat.under(Sync.builder("poison"))
                .dataDirectory(scratch.path())
                .settings(settings)
                .handler(HANDLER, Thing.class, target::handle)
                .start();
    }

    private boolean heal(Sync sync, Ledger ledger, Target target, boolean wasPoisoned) {
        long parked = waiting(ledger);
        long dead = sync.deadLetters().count(DeadLetters.Selection.all());
        target.isPoisoned = false;
        boolean isComplete = Await.until(Duration.ofMinutes(5), () -> {
            sync.deadLetters()
                    .list(DeadLetters.Selection.all(), null, 10)
                    .forEach(letter -> sync.deadLetters().redrive(letter));
            return ledger.missing() == 0;
        });
        if (wasPoisoned || !ledger.isSound()) {
            Figures.line(
                    "  %s: %d of the poisoned key waited, %d dead; mended: %s",
                    variant, parked, dead, ledger.verdict());
        }
        return isComplete && ledger.isSound();
    }

    /** The system that cannot take one of its entities. */
    private static final class Target {

        private final Ledger ledger;
        private final String variant;
        private volatile boolean isPoisoned;

        Target(Ledger ledger, String variant) {
            this.ledger = ledger;
            this.variant = variant;
        }

        Outcome handle(Event<Thing> event, Delivery delivery) throws InterruptedException {
            var thing = event.payload();
            int key = thing.number();
            if (isPoisoned && key == POISONED) {
                switch (variant) {
                    case "fail" -> throw new IllegalStateException("refused");
                    case "hang" -> {
                        Thread.sleep(50);
                        throw new IllegalStateException("refused after 50 ms");
                    }
                    case "reject" -> {
                        return Outcome.reject("load.poison");
                    }
                    default -> throw new IllegalArgumentException("variant " + variant);
                }
            }
            ledger.apply(key, thing.n());
            return Outcome.done();
        }
    }
}
