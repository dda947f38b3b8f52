package dev.syncline.benchmarks;

import dev.syncline.api.Delivery;
import dev.syncline.api.EventType.Kind;
import dev.syncline.broker.redis.RedisStateProvider;
import dev.syncline.runtime.internal.dispatch.Applied.Answer;
import dev.syncline.runtime.internal.envelope.Envelope;
import dev.syncline.runtime.internal.envelope.EnvelopeReader;
import dev.syncline.runtime.internal.inbox.InboxAlarms;
import dev.syncline.runtime.internal.inbox.InboxSettings;
import dev.syncline.runtime.internal.keys.Shards;
import dev.syncline.runtime.internal.park.ParkAlarms;
import dev.syncline.runtime.internal.settle.Fence;
import dev.syncline.runtime.internal.shared.SharedState;
import dev.syncline.runtime.internal.turns.Turns;
import dev.syncline.spi.BrokerAddress;
import dev.syncline.spi.Message;
import dev.syncline.spi.Position;
import dev.syncline.spi.Received;
import dev.syncline.spi.StateContext;
import dev.syncline.spi.StateStore;
import dev.syncline.spi.TopicPartition;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
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
 * What does shared state in Redis cost a lane per event: asking is one round trip, noting another? Each event is new, of our
 * own outbox, a versioned state of one of 1,000 keys: what an event of Syncline mostly is. {@code askOnly} asks and does not
 * note; {@code fourLanes} is {@code askAndNote} from four threads over the one connection.
 *
 * <p>How durable a note is, is the server's {@code appendfsync}; name it beside the figures.
 *
 * <p>Start a Redis first, one that may be emptied: {@code java -jar benchmarks/target/benchmarks.jar SharedStateBenchmark
 * -p uri=redis://127.0.0.1:6379}
 */
@SuppressWarnings("NullAway") // JMH makes, then sets up
@State(Scope.Benchmark)
@BenchmarkMode(Mode.SampleTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 3, time = 2)
@Measurement(iterations = 5, time = 2)
@Fork(3)
public class SharedStateBenchmark {

    private static final TopicPartition PARTITION = new TopicPartition("orders", 0);
    private static final String GROUP = "benchmark.shop";
    private static final String OUTBOX = "0123456789abcdef000000000000002a:";
    private static final int KEYS = 1_000;
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    @Param("redis://127.0.0.1:6379")
    String uri;

    private final AtomicLong number = new AtomicLong();
    private StateStore store;
    private SharedState state;

    @Setup
    public void open() throws InterruptedException {
        store = new RedisStateProvider()
                .open(new StateContext("benchmark", BrokerAddress.parse(uri), Map.of(), InstantSource.system()));
        store.check(PATIENCE);
        store.forget(GROUP, PATIENCE);
        state = new SharedState(
                new SharedState.Of("shop", GROUP, "default", "benchmark"),
                store,
                InboxSettings.defaults(),
                new Silent(),
                new Silent(),
                new EnvelopeReader(InstantSource.system(), 1 << 20),
                InstantSource.system(),
                Turns.threads(),
                "benchmark-state");
        var isOpen = new CountDownLatch(1);
        state.open(PARTITION, new Fence(), false, isOpen::countDown);
        if (!isOpen.await(PATIENCE.toSeconds(), TimeUnit.SECONDS)) {
            throw new IllegalStateException(String.valueOf(state.problem()));
        }
    }

    @TearDown
    public void close() {
        state.close();
        store.forget(GROUP, PATIENCE);
        store.close();
    }

    private Envelope next() {
        long n = number.incrementAndGet();
        var key = "key-" + n % KEYS;
        var attributes = Map.of(
                "specversion",
                "1.0",
                "id",
                Long.toString(n),
                "source",
                "shop",
                "type",
                "order.changed",
                "entityversion",
                Long.toString(n),
                "outboxseq",
                OUTBOX + n);
        var message = new Message(PARTITION.topic(), key, attributes, Map.of(), null);
        var received = new Received(PARTITION, Position.of(n), message, Instant.EPOCH, null);
        return new Envelope(
                received,
                message,
                message.attribute("id"),
                "shop",
                "order.changed",
                1,
                key,
                Shards.of(message),
                Delivery.Mode.LIVE,
                Instant.EPOCH,
                null);
    }

    @Benchmark
    public Answer askOnly() {
        return state.ask(next(), Kind.STATE);
    }

    @Benchmark
    public boolean askAndNote() {
        var event = next();
        return state.ask(event, Kind.STATE) == Answer.APPLY && state.done(event, Kind.STATE);
    }

    @Benchmark
    @Threads(4)
    public boolean fourLanes() {
        return askAndNote();
    }

    private static final class Silent implements InboxAlarms, ParkAlarms {
        @Override
        public void onDamaged(Path putAside, String why) {}

        @Override
        public void onDamaged(long index, String why) {}

        @Override
        public void onSecondOrigin(String topic, String key, String origin) {}
    }
}
