package dev.syncline.verification.load;

import dev.syncline.api.Outcome;
import dev.syncline.runtime.Sync;
import dev.syncline.spi.TopicPartition;
import dev.syncline.testkit.InMemoryBroker;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** The child of {@link Outage}. */
final class OutageApplication {

    private static final int SAMPLES = 20;
    private static final Duration PATIENCE = Duration.ofMinutes(20);

    private final Ledger ledger;
    private final Sync sync;
    private final Publisher publisher;
    private final Duration away;
    private final int rate;
    private final List<Double> heaps = new ArrayList<>();

    private OutageApplication(Ledger ledger, Sync sync, Duration away, int rate) {
        this.ledger = ledger;
        this.sync = sync;
        this.publisher = new Publisher(ledger, sync.publisher());
        this.away = away;
        this.rate = rate;
    }

    public static void main(String[] arguments) throws IOException, InterruptedException {
        Figures.quiet();
        var seat = arguments[0].equals("memory") ? Seat.of("memory") : Seat.at(arguments[0]);
        var options = Options.of(
                new String[] {"away=" + arguments[2], "steady=" + arguments[4]}, Map.of("away", "", "steady", ""));
        var ledger = new Ledger(Integer.parseInt(arguments[5]));
        var housekeeper = Executors.newSingleThreadScheduledExecutor(task -> {
            var thread = new Thread(task, "retention");
            thread.setDaemon(true);
            return thread;
        });
        try (seat;
                var sync = seat.under(Sync.builder("outage"))
                        .dataDirectory(Path.of(arguments[1]))
                        .handler("target", Thing.class, (event, delivery) -> {
                            ledger.apply(
                                    event.payload().number(), event.payload().n());
                            return Outcome.done();
                        })
                        .start()) {
            var memory = seat.memory();
            if (memory != null) {
                var unused = housekeeper.scheduleWithFixedDelay(
                        () -> dropAcknowledged(memory), 20, 20, TimeUnit.MILLISECONDS);
            }
            new OutageApplication(ledger, sync, options.duration("away"), Integer.parseInt(arguments[3]))
                    .run(seat, memory, options.duration("steady"));
        } finally {
            housekeeper.shutdownNow();
        }
    }

    private static void dropAcknowledged(InMemoryBroker memory) {
        for (int i = 0; i < 8; i++) {
            var partition = new TopicPartition(Thing.TOPIC, i);
            memory.acknowledged("outage.target", partition)
                    .ifPresent(done -> memory.dropUpTo(partition, done.position()));
        }
    }

    private void run(Seat seat, @Nullable InMemoryBroker memory, Duration steady)
            throws IOException, InterruptedException {
        var orders = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        double carried = carry(steady);
        Figures.line("  carried before: %.0f/s, heap after a collection %.1f MiB", carried, heap());

        Figures.line("kill the broker");
        if (memory != null) {
            seat.kill();
        }
        orders.readLine();
        outage();

        Figures.line("start the broker");
        var isBack = new Thread(() -> awaitOrder(orders), "orders");
        isBack.start();
        publisher.pacedWhile(rate, isBack::isAlive);
        if (memory != null) {
            seat.restart();
        }
        drain(carried);
        Figures.line("  %s, refused by a full outbox %d", ledger.verdict(), publisher.refused());
        if (!ledger.isSound()) {
            throw new IllegalStateException("an event was lost or overtaken");
        }
        Figures.line("the end");
    }

    private static void awaitOrder(BufferedReader orders) {
        try {
            orders.readLine();
        } catch (IOException gone) {
            throw new IllegalStateException(gone);
        }
    }

    /** How many a second go through when as many are published as are applied. */
    private double carry(Duration steady) {
        publisher.publish();
        Await.require(PATIENCE, "the first event applied", () -> ledger.missing() == 0);
        publisher.saturating(steady.dividedBy(2), () -> 0); // until compiled
        long doneBefore = ledger.done();
        long begun = System.nanoTime();
        publisher.saturating(steady, () -> 0);
        double carried = (ledger.done() - doneBefore) / seconds(begun);
        Await.require(PATIENCE, "nothing missing before the outage", () -> ledger.missing() == 0);
        return carried;
    }

    private void outage() throws InterruptedException {
        var sampler = new Thread(this::sample, "sampler");
        long before = ledger.publishedCount();
        long begun = System.nanoTime();
        sampler.start();
        publisher.paced(rate, away);
        double seconds = seconds(begun);
        sampler.interrupt();
        sampler.join();
        var heapFigures = heaps.stream().mapToDouble(Double::doubleValue).toArray();
        Figures.line(
                "  away %.0f s: published %.0f/s, unshipped %d, outbox %.0f MiB on disk, heap after collections"
                        + " min %.1f median %.1f max %.1f MiB (%d samples)",
                seconds,
                (ledger.publishedCount() - before) / seconds,
                sync.health().outbox().unshipped(),
                sync.health().outbox().bytesOnDisk() / 1048576.0,
                Figures.percentile(heapFigures, 0),
                Figures.median(heapFigures),
                Figures.percentile(heapFigures, 1),
                heapFigures.length);
    }

    private void sample() {
        try {
            while (!Thread.interrupted()) {
                Thread.sleep(away.dividedBy(SAMPLES).toMillis());
                heaps.add(heap());
            }
        } catch (InterruptedException end) {
            Thread.currentThread().interrupt();
        }
    }

    private void drain(double carried) {
        long doneBefore = ledger.done();
        long backlog = ledger.missing();
        long back = System.nanoTime();
        var firstAt = new long[1];
        publisher.pacedWhile(rate, () -> {
            if (firstAt[0] == 0 && ledger.done() > doneBefore) {
                firstAt[0] = System.nanoTime();
            }
            return ledger.missing() > rate / 5;
        });
        double seconds = seconds(firstAt[0]);
        double drained = (ledger.done() - doneBefore) / seconds;
        Figures.line(
                "  back: first applied after %.1f s, %d that waited and what came meanwhile in %.1f s, %.0f/s:"
                        + " %.2f of what was carried before, %.2f of the rate published; heap %.1f MiB",
                (firstAt[0] - back) / 1e9, backlog, seconds, drained, drained / carried, drained / rate, heap());
        Await.require(PATIENCE, "nothing missing at the end", () -> ledger.missing() == 0);
    }

    private static double heap() {
        System.gc();
        return ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed() / 1048576.0;
    }

    private static double seconds(long begun) {
        return (System.nanoTime() - begun) / 1e9;
    }
}
