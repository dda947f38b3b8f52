package dev.syncline.benchmarks;

import dev.syncline.api.Delivery;
import dev.syncline.runtime.internal.envelope.Envelope;
import dev.syncline.runtime.internal.inbox.InboxAlarms;
import dev.syncline.runtime.internal.inbox.InboxDirectory;
import dev.syncline.runtime.internal.inbox.InboxSettings;
import dev.syncline.runtime.internal.inbox.Seen;
import dev.syncline.runtime.internal.inbox.ShardedInbox;
import dev.syncline.runtime.internal.keys.Shards;
import dev.syncline.spi.Bytes;
import dev.syncline.spi.Message;
import dev.syncline.spi.Position;
import dev.syncline.spi.Received;
import dev.syncline.spi.TopicPartition;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * What does it cost to ask whether an event was applied, and to note that it is, in an inbox that knows ten million
 * foreign events? The setup prints bytes per id and how long it takes to open the inbox again.
 *
 * <p>Each operation is given an event of its own, of a random key, so that nothing of it is in a cache: {@code
 * makeEvent} is the baseline to subtract. The payload has {@code payload} bytes; its digest is made when a known event is
 * checked and when one is marked.
 *
 * <p>{@code java -jar benchmarks/target/benchmarks.jar InboxBenchmark}; with {@code -p ids=20000000} each one that is noted
 * takes the place of an older one.
 */
@SuppressWarnings("NullAway") // JMH makes, then sets up
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 2)
@Measurement(iterations = 5, time = 2)
@Fork(3)
public class InboxBenchmark {

    private static final String SOURCE = "https://partner.example/erp";

    @Param("10000000")
    int ids;

    @Param({"64", "256", "1024"})
    int payload;

    private Scratch scratch;
    private ShardedInbox inbox;
    private Received foreign;
    private SplittableRandom random;
    private long next;

    @Setup
    public void setUp() throws IOException {
        scratch = new Scratch();
        random = new SplittableRandom(1);
        var message = new Message(
                "orders",
                "",
                Map.of("specversion", "1.0", "source", SOURCE, "type", "order.placed", "entityversion", "7"),
                Map.of(),
                Bytes.wrap(Payloads.json(payload)));
        foreign = new Received(new TopicPartition("orders", 3), Position.of(1), message, Instant.EPOCH, null);
        inbox = open();
        for (next = 0; next < ids; next++) {
            inbox.mark(event(next));
        }
        inbox.close();
        for (int i = 0; i < 5; i++) {
            long start = System.nanoTime();
            inbox = open();
            var seen = inbox.check(event(ids - 1 - i));
            System.out.printf("opened again and asked in %.1f ms%n", (System.nanoTime() - start) / 1e6);
            if (seen != Seen.DUPLICATE) {
                throw new IllegalStateException("a marked event is " + seen);
            }
        }
        System.out.printf(
                "%d ids in %d bytes, %.1f each%n",
                inbox.idCount(), inbox.idBytes(), (double) inbox.idBytes() / inbox.idCount());
    }

    private ShardedInbox open() {
        return ShardedInbox.open(
                new InboxDirectory(scratch.path()),
                "shop",
                InboxSettings.defaults(),
                InstantSource.system(),
                System::nanoTime,
                NoAlarms.FAILING);
    }

    /** The i-th event of about a million keys. */
    private Envelope event(long i) {
        long mixed = i * 0x9E3779B97F4A7C15L;
        var key = "customer-" + (mixed >>> 44);
        return new Envelope(
                foreign,
                foreign.message(),
                "9f86d081884c7d65-" + Long.toHexString(mixed),
                SOURCE,
                "order.placed",
                1,
                key,
                Shards.ofKey(key),
                Delivery.Mode.LIVE,
                Instant.EPOCH,
                null);
    }

    @TearDown
    public void tearDown() throws IOException {
        inbox.close();
        scratch.close();
    }

    /** What the others spend on making their event. */
    @Benchmark
    public Envelope makeEvent() {
        return event(random.nextInt(ids));
    }

    /** An event that is new. */
    @Benchmark
    public Seen checkFresh() {
        return inbox.check(event((long) ids * 1_000 + random.nextInt(Integer.MAX_VALUE)));
    }

    /** An event that was applied. */
    @Benchmark
    public Seen checkKnown() {
        return inbox.check(event(random.nextInt(ids)));
    }

    /** As a lane does for each event: asks, and notes it; past some 15 million ids, in place of older ones. */
    @Benchmark
    public Seen checkAndMark() {
        var event = event(next++);
        var seen = inbox.check(event);
        inbox.mark(event);
        return seen;
    }

    /** A benchmark over a damaged inbox measures nothing. */
    private enum NoAlarms implements InboxAlarms {
        FAILING;

        @Override
        public void onDamaged(Path putAside, String why) {
            throw new IllegalStateException("damaged: " + putAside + ": " + why);
        }

        @Override
        public void onSecondOrigin(String topic, String key, String origin) {
            throw new IllegalStateException("no guard is used");
        }
    }
}
