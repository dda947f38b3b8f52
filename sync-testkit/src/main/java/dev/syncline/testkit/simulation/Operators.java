package dev.syncline.testkit.simulation;

import dev.syncline.api.OutboxException;
import dev.syncline.runtime.DeadLetter;
import dev.syncline.runtime.DeadLetters;
import dev.syncline.runtime.DeadLetters.Redrive;
import dev.syncline.runtime.DeadLetters.Selection;
import dev.syncline.testkit.internal.Application;
import dev.syncline.testkit.internal.ProcessDied;
import java.time.Duration;
import java.time.InstantSource;
import java.util.SplittableRandom;

/** What persons do while events flow: redrive, skip and drop dead letters, and have the outbox ship again. */
final class Operators {

    private static final String WHO = "operator";
    private static final String WHY = "simulated";
    private static final int MOST_LETTERS = 20;

    private final Oracle oracle;
    private final InstantSource clock;
    private final SplittableRandom random;

    Operators(Oracle oracle, InstantSource clock, SplittableRandom random) {
        this.oracle = oracle;
        this.clock = clock;
        this.random = random;
    }

    /** Does something about the dead letters of an application, if there are any. */
    void act(Application application) {
        asked(application, () -> {
            var letters = application.sync().deadLetters();
            if (random.nextInt(3) == 0) {
                letters.redrive(Selection.all(), Redrive.atMost(1 + random.nextInt(100)));
                return;
            }
            var dead = letters.list(Selection.all(), null, MOST_LETTERS);
            if (!dead.isEmpty()) {
                act(letters, dead.get(random.nextInt(dead.size())));
            }
        });
    }

    private void act(DeadLetters letters, DeadLetter letter) {
        switch (random.nextInt(4)) {
            case 0 -> letters.redrive(letter);
            case 1 -> letters.redrive(Selection.all(), Redrive.dryRun());
            case 2 -> {
                oracle.onGivenUp(letter.handler(), letter.id());
                letters.skip(letter, WHO, WHY);
            }
            default -> {
                oracle.onDrop(letter.handler(), letter.id(), letter.key());
                letters.drop(letter, WHO, WHY)
                        .whenComplete(
                                (count, failure) -> oracle.onDropped(letter.handler(), letter.id(), letter.key()));
            }
        }
    }

    /** Ships again what the outbox has of the last minute or less. */
    void shipAgain(Application application) {
        asked(
                application,
                () -> application
                        .sync()
                        .rewind("default", clock.instant().minus(Duration.ofMillis(random.nextInt(60_000)))));
    }

    private static void asked(Application application, Runnable command) {
        if (!application.isAlive()) {
            return;
        }
        try {
            command.run();
        } catch (OutboxException | IllegalStateException | ProcessDied notNow) {
            // what it may have done all the same, the oracle allows
        }
    }
}
