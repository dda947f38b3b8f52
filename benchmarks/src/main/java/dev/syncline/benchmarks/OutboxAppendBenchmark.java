package dev.syncline.benchmarks;

import dev.syncline.runtime.Durability;
import dev.syncline.runtime.internal.log.DirectoryLock;
import dev.syncline.runtime.internal.outbox.Outbox;
import dev.syncline.runtime.internal.outbox.OutboxSettings;
import dev.syncline.runtime.internal.outbox.Outgoing;
import dev.syncline.spi.Bytes;
import dev.syncline.spi.Message;
import java.io.IOException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
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
import org.openjdk.jmh.annotations.Threads;
import org.openjdk.jmh.annotations.Warmup;

/**
 * What does an append to the outbox cost beside a plain append of as many bytes to a Chronicle queue?
 *
 * <p>{@code RAW}: bytes into {@code writingDocument()}; under {@code DISK} with {@code FileChannel.force(false)} of the
 * cycle file after each, which is what makes the two equally durable. {@code OUTBOX}: message encoded with twelve
 * attributes, numbered, framed with CRC32C, checked against free space. The message's payload has {@code size} bytes;
 * the raw entry has just that many.
 *
 * <p>{@code java -jar benchmarks/target/benchmarks.jar OutboxAppend}
 */
@SuppressWarnings("NullAway") // JMH makes, then sets up
@State(Scope.Benchmark)
@BenchmarkMode({Mode.AverageTime, Mode.SampleTime})
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 3, time = 2)
@Measurement(iterations = 5, time = 2)
@Fork(
        value = 3,
        jvmArgsAppend = {RawQueue.OPENS, RawQueue.EXPORTS_CHANNELS, RawQueue.EXPORTS_CLEANERS})
public class OutboxAppendBenchmark {

    /** What is measured. */
    public enum Target {
        RAW,
        OUTBOX
    }

    @Param
    Target target;

    @Param
    Durability durability;

    @Param({"256", "1024"})
    int size;

    private Scratch scratch;
    private RawQueue raw;
    private DirectoryLock lock;
    private Outbox outbox;
    private byte[] payload;
    private List<Outgoing> entries;

    @Setup
    public void setUp() throws IOException {
        scratch = new Scratch();
        payload = Payloads.json(size);
        entries = List.of(new Outgoing("default", message(payload)));
        if (target == Target.RAW) {
            raw = new RawQueue(scratch.path(), durability == Durability.DISK);
        } else {
            lock = DirectoryLock.acquire(scratch.path(), "benchmark");
            var settings = OutboxSettings.defaults()
                    .withDurability(durability)
                    .withRetention(Duration.ZERO, 0)
                    .withMaxBytes(Long.MAX_VALUE);
            outbox = Outbox.open(lock, settings, InstantSource.system(), Alarms.FAILING);
        }
    }

    static Message message(byte[] payload) {
        return new Message(
                "catalog.product",
                "sku-0001",
                Map.ofEntries(
                        Map.entry("specversion", "1.0"),
                        Map.entry("id", "9f86d081884c7d65-000000000001"),
                        Map.entry("source", "shop"),
                        Map.entry("type", "catalog.product.changed"),
                        Map.entry("time", "2026-03-01T10:00:00.123456Z"),
                        Map.entry("datacontenttype", "application/json"),
                        Map.entry("partitionkey", "sku-0001"),
                        Map.entry("dataversion", "1"),
                        Map.entry("entityversion", "0000000000000000007"),
                        Map.entry("correlationid", "9f86d081884c7d65-000000000001"),
                        Map.entry("origin", "catalog")),
                Map.of(),
                Bytes.wrap(payload));
    }

    @TearDown
    public void tearDown() throws IOException {
        if (raw != null) {
            raw.close();
        }
        if (outbox != null) {
            outbox.close();
            lock.close();
        }
        scratch.close();
    }

    /** One thread. */
    @Benchmark
    @Threads(1)
    public long append() {
        return target == Target.RAW
                ? raw.append(payload)
                : outbox.append(entries).index();
    }

    /** Eight threads: under {@code DISK} the outbox serves many by one sync, the raw queue cannot. */
    @Benchmark
    @Threads(8)
    public long appendFromEight() {
        return target == Target.RAW
                ? raw.append(payload)
                : outbox.append(entries).index();
    }
}
