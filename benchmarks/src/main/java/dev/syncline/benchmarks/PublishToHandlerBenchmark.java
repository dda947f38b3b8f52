package dev.syncline.benchmarks;

import dev.syncline.api.EntityVersion;
import dev.syncline.api.EventKey;
import dev.syncline.api.EventType;
import dev.syncline.api.Outcome;
import dev.syncline.runtime.Sync;
import dev.syncline.runtime.internal.codec.JacksonCodec;
import dev.syncline.spi.Bytes;
import java.io.IOException;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import net.openhft.chronicle.queue.ExcerptTailer;
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

/**
 * What does the whole way cost on {@code local:}, from {@code publish} to the end of the handler, beside writing the
 * same JSON to a plain Chronicle queue and reading it back in another thread?
 *
 * <p>Both are as durable as {@code PROCESS}: the bytes are in the page cache when the call returns. {@code RAW}: Jackson
 * to bytes, append, a tailer thread, Jackson to the object. {@code SYNCLINE}: that, and envelope, limits, numbers,
 * frame, order per key, window, acknowledged position.
 *
 * <p>{@code java -jar benchmarks/target/benchmarks.jar PublishToHandler}
 */
@SuppressWarnings("NullAway") // JMH makes, then sets up
@State(Scope.Benchmark)
@Warmup(iterations = 3, time = 2)
@Measurement(iterations = 5, time = 2)
@Fork(
        value = 3,
        jvmArgsAppend = {RawQueue.OPENS, RawQueue.EXPORTS_CHANNELS, RawQueue.EXPORTS_CLEANERS})
public class PublishToHandlerBenchmark {

    private static final int BATCH = 4096;
    private static final int KEYS = 64;

    /** What is measured. */
    public enum Target {
        RAW,
        SYNCLINE
    }

    /** A product of some 250 bytes of JSON. */
    @EventType("catalog.product.changed")
    public record Product(
            @EventKey String sku, @EntityVersion long revision, String title) {}

    @Param
    Target target;

    private final AtomicLong handled = new AtomicLong();
    private final JacksonCodec codec = new JacksonCodec(1 << 20);
    private final String title = "Lamp ".repeat(40);
    private Scratch scratch;
    private Sync sync;
    private RawQueue raw;
    private Thread reader;
    private volatile boolean isStopped;
    private long published;

    @Setup
    public void setUp() throws IOException {
        scratch = new Scratch();
        if (target == Target.SYNCLINE) {
            sync = Sync.builder("benchmark")
                    .dataDirectory(scratch.path())
                    .broker("local:")
                    .settings(Map.of("outbox.retention", "0s", "outbox.max-bytes", "100GiB"))
                    .handler("count", Product.class, (event, delivery) -> {
                        handled.incrementAndGet();
                        return Outcome.done();
                    })
                    .start();
            return;
        }
        raw = new RawQueue(scratch.path(), false);
        var tailer = raw.tailer();
        reader = new Thread(() -> read(tailer), "raw-reader");
        reader.setDaemon(true);
        reader.start();
    }

    private void read(ExcerptTailer tailer) {
        while (!isStopped) {
            try (var document = tailer.readingDocument()) {
                if (!document.isPresent()) {
                    LockSupport.parkNanos(1000);
                    continue;
                }
                var bytes = document.wire().bytes();
                var array = new byte[(int) bytes.readRemaining()];
                bytes.read(array);
                codec.decode(Bytes.wrap(array), Product.class);
                handled.incrementAndGet();
            }
        }
    }

    @TearDown
    public void tearDown() throws Exception {
        isStopped = true;
        if (sync != null) {
            sync.close();
        } else {
            reader.join();
            raw.close();
        }
        scratch.close();
    }

    /** Events a second, all handled before the next batch. */
    @Benchmark
    @BenchmarkMode(Mode.Throughput)
    @OutputTimeUnit(TimeUnit.SECONDS)
    @OperationsPerInvocation(BATCH)
    public void throughput() {
        for (int i = 0; i < BATCH; i++) {
            publish();
        }
        await();
    }

    /** One event at a time, from before publish to after the handler. */
    @Benchmark
    @BenchmarkMode(Mode.SampleTime)
    @OutputTimeUnit(TimeUnit.MICROSECONDS)
    public void latency() {
        publish();
        await();
    }

    private void publish() {
        long n = published++;
        var product = new Product("sku-" + n % KEYS, n, title);
        if (target == Target.SYNCLINE) {
            sync.publisher().publish(product);
        } else {
            raw.append(codec.encode(product).toByteArray());
        }
    }

    private void await() {
        while (handled.get() < published) {
            Thread.onSpinWait();
        }
    }
}
