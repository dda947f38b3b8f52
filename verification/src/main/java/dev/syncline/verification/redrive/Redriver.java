package dev.syncline.verification.redrive;

import dev.syncline.runtime.DeadLetter;
import dev.syncline.runtime.DeadLetters;
import dev.syncline.runtime.DeadLetters.Redrive;
import dev.syncline.runtime.DeadLetters.Redriven;
import dev.syncline.runtime.DeadLetters.Selection;
import dev.syncline.testkit.kill.Journal;
import java.util.Random;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

/**
 * Hands in again what is dead, in a way that chance picks: one letter, its key, its handler, all. Another does so at the same
 * time, with the same letters.
 */
final class Redriver implements Runnable {

    private static final int PAGE = 20;
    private static final int PER_SECOND = 1_000_000;
    private static final long BETWEEN_NANOS = TimeUnit.MILLISECONDS.toNanos(1);

    private final Journal journal;
    private final DeadLetters letters;
    private final int name;
    private final BooleanSupplier isToEnd;
    private final Random random;

    Redriver(Journal journal, DeadLetters letters, int name, int life, BooleanSupplier isToEnd) {
        this.journal = journal;
        this.letters = letters;
        this.name = name;
        this.isToEnd = isToEnd;
        this.random = new Random(31L * life + name);
    }

    @Override
    public void run() {
        while (!isToEnd.getAsBoolean()) {
            var dead = letters.list(Selection.all(), null, PAGE);
            if (!dead.isEmpty()) {
                redrive(dead.get(random.nextInt(dead.size())));
            }
            LockSupport.parkNanos(BETWEEN_NANOS);
        }
    }

    private void redrive(DeadLetter letter) {
        switch (random.nextInt(4)) {
            case 0 -> {
                asks("letter");
                boolean isHandedIn = get(letters.redrive(letter));
                journal.remark(Story.HANDED_IN + " " + name + " " + (isHandedIn ? 1 : 0)
                        + (isHandedIn ? " " + letter.handler() + " " + letter.id() : ""));
            }
            case 1 -> redrive("key", Selection.all().ofKey(letter.topic(), letter.key()));
            case 2 -> redrive("handler", Selection.all().ofHandler(letter.handler()));
            default -> redrive("all", Selection.all());
        }
    }

    private void redrive(String what, Selection which) {
        asks(what);
        Redriven done = get(letters.redrive(which, Redrive.atMost(PER_SECOND)));
        journal.remark(Story.HANDED_IN + " " + name + " " + done.handedIn());
    }

    private void asks(String what) {
        journal.remark(Story.ASKS + " " + name + " " + what);
    }

    private static <T> T get(CompletionStage<T> answer) {
        return answer.toCompletableFuture()
                .orTimeout(RedriveApplication.PATIENCE.toSeconds(), TimeUnit.SECONDS)
                .join();
    }
}
