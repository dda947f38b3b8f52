package dev.syncline.verification.relay;

import dev.syncline.testkit.server.ChildJvm;
import dev.syncline.verification.place.Place;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;

/**
 * The holder of a data directory is killed, or leaves, while none, one or two others ask for the directory; where nobody does,
 * another is started at that moment.
 *
 * <p>Threading: one thread.
 */
final class TakeoverTrials implements AutoCloseable {

    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final long LOOK_NANOS = TimeUnit.MILLISECONDS.toNanos(2);
    private static final int MOST_STANDING_BY = 2;

    private final Place place;
    private final String run;
    private final Path directory;
    private final UnaryOperator<ChildJvm.Builder> start;
    private final Consumer<String> progress;
    private final Random random;
    private final List<Contender> standingBy = new ArrayList<>();
    private final Ledger ledger = new Ledger();
    private Contender holder;
    private int lives;

    /**
     * @param broker {@code redis} or {@code kafka}
     * @param directory that they take turns at
     * @param start what a process is started with, beside what it needs
     * @param progress takes a line per turn
     */
    TakeoverTrials(
            String broker,
            long seed,
            Path directory,
            UnaryOperator<ChildJvm.Builder> start,
            Consumer<String> progress) {
        this.place = Place.named(broker, HolderApplication.PARTITIONS);
        this.run = "s" + seed;
        this.directory = directory;
        this.start = start;
        this.progress = progress;
        this.random = new Random(seed);
        this.holder = contender();
    }

    private Contender contender() {
        lives++;
        return new Contender(
                lives,
                start.apply(ChildJvm.of(HolderApplication.class))
                        .jvmArgs("-Xmx64m")
                        .args(place.uri(), run, directory.toString(), Integer.toString(lives))
                        .start());
    }

    /** Has the holder killed so often; one in five leaves instead, which is not counted. */
    Report run(int kills) {
        await("the first holds", () -> holder.hasSaid(HolderApplication.HOLDS));
        while (ledger.kills() < kills) {
            turn();
        }
        order(holder, HolderApplication.FINISH);
        ledger.ended(holder);
        for (var other : standingBy) {
            other.child.close();
        }
        return ledger.report(place.shipped(HolderApplication.topic(run)));
    }

    private void turn() {
        for (int wanted = random.nextInt(MOST_STANDING_BY + 1); standingBy.size() < wanted; ) {
            standingBy.add(contender());
        }
        int others = standingBy.size();
        for (var other : standingBy) {
            var refusal = HolderApplication.REFUSED + " " + holder.child.pid();
            await(other + " is refused and told of " + holder, () -> other.hasSaid(refusal));
        }
        LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(Math.round(10 * Math.pow(60, random.nextDouble()))));

        boolean isKill = random.nextInt(5) > 0;
        var before = end(isKill);
        if (others == 0) {
            standingBy.add(contender());
        }
        await("somebody takes over", () -> standingBy.stream().anyMatch(one -> one.hasSaid(HolderApplication.HOLDS)));
        holder = standingBy.stream()
                .filter(one -> one.hasSaid(HolderApplication.HOLDS))
                .findFirst()
                .orElseThrow();
        standingBy.remove(holder);
        ledger.turn(before, holder, isKill, others > 0);
        progress.accept(ledger.lastTurn());
    }

    private Contender end(boolean isKill) {
        var ended = holder;
        ledger.ends(ended);
        if (isKill) {
            ended.child.kill();
        } else {
            order(ended, HolderApplication.LEAVE);
        }
        ledger.ended(ended);
        ended.child.close();
        return ended;
    }

    private static void order(Contender who, String what) {
        who.child.send(what);
        if (who.child.awaitExit(PATIENCE) != 0) {
            throw new IllegalStateException(who + " ended with a failure:\n" + who.child.errors());
        }
    }

    private void await(String what, BooleanSupplier condition) {
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        while (!condition.getAsBoolean()) {
            for (var one : standingBy) {
                if (!one.child.isAlive()) {
                    throw new IllegalStateException(one + " ended by itself:\n" + one.child.errors());
                }
            }
            if (System.nanoTime() - deadline > 0) {
                throw new IllegalStateException("not within " + PATIENCE + ": " + what);
            }
            LockSupport.parkNanos(LOOK_NANOS);
        }
    }

    @Override
    public void close() {
        holder.child.close();
        standingBy.forEach(one -> one.child.close());
        place.close();
    }
}
