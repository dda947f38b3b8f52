package dev.syncline.verification.load;

import dev.syncline.api.Outcome;
import dev.syncline.runtime.DeadLetters;
import dev.syncline.runtime.Sync;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.LongAdder;

/**
 * A handler's target is away for {@code away}, and comes back: is all that was published meanwhile applied, in order, and
 * without a person? Nothing may be dead.
 *
 * <p>{@code scale=60} makes seconds of minutes: the time away, the events' distance and the pauses before later attempts
 * are all divided by it. {@code per-minute} is the rate before that.
 */
public final class TargetAway {

    private static final List<Duration> LATER = List.of(
            Duration.ofSeconds(1),
            Duration.ofSeconds(5),
            Duration.ofSeconds(30),
            Duration.ofMinutes(5),
            Duration.ofMinutes(15));

    private TargetAway() {}

    /** See the class. */
    public static void main(String[] arguments) {
        var options = Options.of(
                arguments,
                Map.of(
                        "broker", "memory",
                        "away", "10m",
                        "per-minute", "1",
                        "keys", "64",
                        "scale", "60",
                        "before", "10s"));
        Figures.begin("Target away: a handler's target refuses everything for a time", options);
        run(options);
        Figures.line("%s at the end", Figures.load());
    }

    private static void run(Options options) {
        int scale = options.number("scale");
        double rate = options.number("per-minute") / 60.0 * scale;
        var away = options.duration("away").dividedBy(scale);
        var ledger = new Ledger(options.number("keys"));
        var isAway = new AtomicBoolean();
        var attempts = new LongAdder();
        try (var scratch = new Scratch();
                var seat = Seat.of(options.text("broker"));
                var sync = seat.under(Sync.builder("away"))
                        .dataDirectory(scratch.path())
                        .settings(Map.of("defaults.retry-later", later(scale)))
                        .handler("target", Thing.class, (event, delivery) -> {
                            if (isAway.get()) {
                                attempts.increment();
                                throw new IllegalStateException("the target is away");
                            }
                            ledger.apply(
                                    event.payload().number(), event.payload().n());
                            return Outcome.done();
                        })
                        .start()) {
            var publisher = new Publisher(ledger, sync.publisher());
            long begun = System.nanoTime();
            publisher.paced(rate, options.duration("before"));
            double before = ledger.done() / seconds(begun);

            isAway.set(true);
            publisher.paced(rate, away);
            long dead = sync.deadLetters().count(DeadLetters.Selection.all());
            long waiting = ledger.missing();
            int blocked = sync.health().handlers().values().stream()
                    .mapToInt(each -> each.blockedKeys().size())
                    .sum();
            Figures.line(
                    "before: applied %.1f/s; away %.0f s: %d wait, %d failed attempts, %d keys blocked, %d dead",
                    before, away.toMillis() / 1e3, waiting, attempts.sum(), blocked, dead);

            isAway.set(false);
            long back = System.nanoTime();
            long doneBefore = ledger.done();
            var half = new long[1];
            publisher.pacedWhile(rate, () -> {
                if (half[0] == 0 && ledger.done() - doneBefore > waiting / 2) {
                    half[0] = System.nanoTime();
                }
                return ledger.missing() > Math.max(1, rate / 5) && seconds(back) < 3600;
            });
            boolean isComplete = Await.until(Duration.ofHours(1), () -> ledger.missing() == 0);
            dead = Math.max(dead, sync.deadLetters().count(DeadLetters.Selection.all()));
            double seconds = seconds(back);
            Figures.line(
                    "back: half applied after %.1f s, all after %.1f s (%.0f/s); %d dead; %s",
                    (half[0] - back) / 1e9, seconds, (ledger.done() - doneBefore) / seconds, dead, ledger.verdict());
            if (!isComplete || !ledger.isSound() || dead > 0) {
                throw new IllegalStateException("something was lost, overtaken or needs a person");
            }
        }
    }

    private static String later(int scale) {
        var pauses = new ArrayList<String>();
        LATER.forEach(pause -> pauses.add(Math.max(1, pause.dividedBy(scale).toMillis()) + "ms"));
        return String.join(" ", pauses);
    }

    private static double seconds(long begun) {
        return (System.nanoTime() - begun) / 1e9;
    }
}
