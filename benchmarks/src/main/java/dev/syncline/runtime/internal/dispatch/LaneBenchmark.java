package dev.syncline.runtime.internal.dispatch;

import dev.syncline.api.Delivery;
import dev.syncline.api.EventType;
import dev.syncline.runtime.internal.envelope.Envelope;
import dev.syncline.runtime.internal.handling.Attempt;
import dev.syncline.runtime.internal.handling.Handling;
import dev.syncline.runtime.internal.handling.Verdict;
import dev.syncline.runtime.internal.settings.Limit;
import dev.syncline.runtime.internal.settle.Budget;
import dev.syncline.runtime.internal.settle.InFlight;
import dev.syncline.runtime.internal.settle.Window;
import dev.syncline.runtime.internal.turns.Turns;
import dev.syncline.runtime.internal.wiring.Brakes;
import dev.syncline.runtime.internal.wiring.HandlerPolicy;
import dev.syncline.runtime.internal.wiring.Reactions;
import dev.syncline.spi.Message;
import dev.syncline.spi.Position;
import dev.syncline.spi.Received;
import dev.syncline.spi.TopicPartition;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
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
import org.openjdk.jmh.annotations.Warmup;

/**
 * What does an event that goes well cost a lane, alone: from its ring over an attempt that does nothing to its settlement?
 * Offered and handled by one thread, so that the figure says what the lane does, not how two threads wait for each other;
 * for that see {@code DispatchBenchmark}. With {@code -prof gc} it says what an event leaves behind.
 *
 * <p>{@code java -jar benchmarks/target/benchmarks.jar LaneBenchmark -prof gc}
 */
@SuppressWarnings("NullAway") // JMH makes, then sets up
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(3)
public class LaneBenchmark {

    private static final int EVENTS = 256;

    /** Whether breaker and brake look on. */
    @Param({"false", "true"})
    boolean hasBrakes;

    private final Budget budget = new Budget(64L << 20, 1);
    private final Window window = new Window(1 << 10);
    private Envelope envelope;
    private Lane lane;

    @Setup
    public void setUp() {
        var message = new Message("catalog.product", "A-1", Map.of("type", "t"), Map.of(), null);
        var received =
                new Received(new TopicPartition("catalog.product", 0), Position.of(1), message, Instant.EPOCH, null);
        envelope =
                new Envelope(received, message, "1", "shop", "t", 1, "A-1", 0, Delivery.Mode.LIVE, Instant.EPOCH, null);
        var brakes = hasBrakes
                ? new Brakes(
                        Optional.of(new Limit(5, 50, Duration.ofSeconds(30))),
                        Duration.ofSeconds(30),
                        Optional.of(new Limit(20, 5, Duration.ofMinutes(1))))
                : Brakes.OFF;
        var policy = new HandlerPolicy(
                "",
                1,
                1,
                false,
                List.of(),
                List.of(),
                Duration.ofDays(1),
                Duration.ofMinutes(5),
                brakes,
                Reactions.BUILT_IN,
                Set.of(Delivery.Mode.values()),
                false,
                Set.of(),
                1 << 10,
                64L << 20);
        var signal = new LaneSignal();
        signal.attach();
        var crew = Turns.threads().crew("benchmark", 1); // nothing fails, so it never has anything to do
        lane = new Lane(
                "benchmark",
                0,
                new Nothing(),
                policy,
                new HandlerGate("benchmark", brakes, System::nanoTime),
                Applied.NOTHING,
                new ParkedKeys("benchmark", Parking.none(), shard -> true, new Owned(false), crew, 4),
                crew,
                1024,
                4096,
                new SplittableRandom(1),
                signal,
                new AtomicReference<>());
    }

    /** Offers a turn's worth and runs the lane until all of it is settled. */
    @Benchmark
    @OperationsPerInvocation(EVENTS)
    public void turn() {
        for (int i = 0; i < EVENTS; i++) {
            lane.offer(new InFlight(
                    envelope, window, window.enter(envelope.received().position()), budget));
        }
        while (window.size() > 0) {
            lane.run(System.nanoTime());
            window.advance();
        }
    }

    private static final class Nothing implements Handling {

        private static final List<Verdict> DONE = List.of(Verdict.DONE);

        @Override
        public int route(Envelope event) {
            return 0;
        }

        @Override
        public EventType.Kind kind(Envelope event) {
            return EventType.Kind.STATE;
        }

        @Override
        public @Nullable String refusal(Envelope envelope) {
            return null;
        }

        @Override
        public int batchSize(int route) {
            return 1;
        }

        /** As handling does it: user code can be interrupted while it runs. */
        @Override
        public void attempt(Attempt attempt) {
            attempt.enter();
            attempt.exit();
            attempt.complete(DONE);
        }
    }
}
