package dev.syncline.benchmarks;

import dev.syncline.runtime.internal.inbox.InboxAlarms;
import dev.syncline.runtime.internal.inbox.InboxDirectory;
import dev.syncline.runtime.internal.inbox.InboxSettings;
import dev.syncline.runtime.internal.inbox.Seen;
import dev.syncline.runtime.internal.inbox.ShardedInbox;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.MappedByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileChannel.MapMode;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.InstantSource;
import java.util.SplittableRandom;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;
import org.openjdk.jmh.infra.Blackhole;

/**
 * What does it cost to ask whether an event was applied, and to note that it is, in an inbox that knows ten million
 * foreign events? The setup prints bytes per id and how long it takes to open the inbox again.
 *
 * <p>Each operation is given an event of its own, of a random key, so that nothing of it is in a cache: {@code
 * makeEvent} is the baseline to subtract. The payload has {@code payload} bytes; its digest is made when a known event is
 * checked and when one is marked.
 *
 * <p>A number of operations is measured, not a time: however fast {@code checkAndMark} is, it adds one million ids, and
 * eleven million are just below where tables grow. Its first warm-ups show what an inbox pays that was just opened: places are
 * counted, and pages stored to for the first time. With {@code -p ids=20000000} each one that is noted takes the place of an
 * older one.
 *
 * <p>Baselines: {@code readAndWriteRaw} is what memory takes for one entry, 32 bytes read and written at a random place in
 * a mapped file as large as the inbox, known only when the one before was read; it hashes, searches and checks nothing. Like the
 * inbox it survives kill -9, and what the system has written a power failure. {@code putOnHeap} is a {@link
 * ConcurrentHashMap} of as many ids, which survives nothing and takes no digest.
 *
 * <p>{@code java -jar benchmarks/target/benchmarks.jar InboxBenchmark -p payload=64}
 */
@BenchmarkMode(Mode.SingleShotTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 5)
@Measurement(iterations = 5)
@Fork(3)
public class InboxBenchmark {

    private static final int OPERATIONS = 100_000;

    /** An inbox in tables on the disk. */
    @SuppressWarnings("NullAway") // JMH makes, then sets up
    @State(Scope.Benchmark)
    public static class Inbox {

        @Param("10000000")
        int ids;

        @Param({"64", "256", "1024"})
        int payload;

        private final SplittableRandom random = new SplittableRandom(1);
        private Scratch scratch;
        private ForeignEvents events;
        private ShardedInbox inbox;
        private long next;

        /** Fills it, and opens it again. */
        @Setup
        public void setUp() throws IOException {
            scratch = new Scratch();
            events = new ForeignEvents(payload);
            inbox = open();
            for (next = 0; next < ids; next++) {
                inbox.mark(events.event(next));
            }
            inbox.close();
            for (int i = 0; i < 5; i++) {
                long start = System.nanoTime();
                inbox = open();
                var seen = inbox.check(events.event(ids - 1 - i));
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

        /** Deletes it. */
        @TearDown
        public void tearDown() throws IOException {
            inbox.close();
            scratch.close();
        }
    }

    /** A mapped file. */
    @SuppressWarnings("NullAway") // JMH makes, then sets up
    @State(Scope.Benchmark)
    public static class RawFile {

        private static final int ENTRY_BYTES = 32;
        private static final int BYTES_PER_ID = 55;
        private static final int STEP_BYTES = 64 << 10;

        @Param("10000000")
        int ids;

        private final SplittableRandom random = new SplittableRandom(1);
        private Scratch scratch;
        private MappedByteBuffer file;
        private int entries;
        private long last;

        /** Writes it out, as a table's file is. */
        @Setup
        public void setUp() throws IOException {
            scratch = new Scratch();
            long bytes = Math.min((long) ids * BYTES_PER_ID, Integer.MAX_VALUE) / STEP_BYTES * STEP_BYTES;
            try (var channel = FileChannel.open(
                    scratch.path().resolve("raw"),
                    StandardOpenOption.CREATE_NEW,
                    StandardOpenOption.READ,
                    StandardOpenOption.WRITE)) {
                var zeros = ByteBuffer.allocate(STEP_BYTES);
                for (long at = 0; at < bytes; at += STEP_BYTES) {
                    channel.write(zeros.clear(), at);
                }
                file = channel.map(MapMode.READ_WRITE, 0, bytes);
            }
            file.order(ByteOrder.LITTLE_ENDIAN);
            entries = (int) (bytes / ENTRY_BYTES);
        }

        void readAndWrite() {
            int at = (int) ((random.nextInt(entries) + last) % entries) * ENTRY_BYTES;
            long first = file.getLong(at);
            last = first & 1;
            file.putLong(at, first + 2);
            for (int word = Long.BYTES; word < ENTRY_BYTES; word += Long.BYTES) {
                file.putLong(at + word, file.getLong(at + word) + first);
            }
        }

        /** Deletes it. */
        @TearDown
        public void tearDown() throws IOException {
            scratch.close();
        }
    }

    /** Ids on the heap. */
    @State(Scope.Benchmark)
    public static class Heap {

        @Param("10000000")
        int ids;

        private final ConcurrentHashMap<String, Boolean> known = new ConcurrentHashMap<>();
        private long next;

        /** Fills it. */
        @Setup
        public void setUp() {
            for (next = 0; next < ids; next++) {
                known.put(ForeignEvents.id(next), true);
            }
        }
    }

    /** What the others spend on making their event. */
    @Benchmark
    @OperationsPerInvocation(OPERATIONS)
    public void makeEvent(Inbox state, Blackhole hole) {
        for (int i = 0; i < OPERATIONS; i++) {
            hole.consume(state.events.event(state.random.nextInt(state.ids)));
        }
    }

    /** An event that is new. */
    @Benchmark
    @OperationsPerInvocation(OPERATIONS)
    public void checkFresh(Inbox state, Blackhole hole) {
        for (int i = 0; i < OPERATIONS; i++) {
            long fresh = state.ids * 1_000L + state.random.nextInt(Integer.MAX_VALUE);
            hole.consume(state.inbox.check(state.events.event(fresh)));
        }
    }

    /** An event that was applied. */
    @Benchmark
    @OperationsPerInvocation(OPERATIONS)
    public void checkKnown(Inbox state, Blackhole hole) {
        for (int i = 0; i < OPERATIONS; i++) {
            hole.consume(state.inbox.check(state.events.event(state.random.nextInt(state.ids))));
        }
    }

    /** As a lane does for each event: asks, and notes it. */
    @Benchmark
    @OperationsPerInvocation(OPERATIONS)
    public void checkAndMark(Inbox state, Blackhole hole) {
        for (int i = 0; i < OPERATIONS; i++) {
            var event = state.events.event(state.next++);
            hole.consume(state.inbox.check(event));
            state.inbox.mark(event);
        }
    }

    /** One entry at a random place of a mapped file. */
    @Benchmark
    @OperationsPerInvocation(OPERATIONS)
    public void readAndWriteRaw(RawFile state) {
        for (int i = 0; i < OPERATIONS; i++) {
            state.readAndWrite();
        }
    }

    /** An id that is new, into a map; making the id is part of it. */
    @Benchmark
    @OperationsPerInvocation(OPERATIONS)
    @Fork(jvmArgsAppend = {"-Xms4g", "-Xmx4g"})
    public void putOnHeap(Heap state, Blackhole hole) {
        for (int i = 0; i < OPERATIONS; i++) {
            hole.consume(state.known.putIfAbsent(ForeignEvents.id(state.next++), true));
        }
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
