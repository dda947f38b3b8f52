package dev.syncline.benchmarks;

import com.lmax.disruptor.BlockingWaitStrategy;
import com.lmax.disruptor.EventHandler;
import com.lmax.disruptor.RingBuffer;
import com.lmax.disruptor.YieldingWaitStrategy;
import com.lmax.disruptor.dsl.Disruptor;
import com.lmax.disruptor.dsl.ProducerType;
import com.lmax.disruptor.util.DaemonThreadFactory;
import dev.syncline.api.Delivery;
import dev.syncline.api.EventType;
import dev.syncline.runtime.internal.dispatch.Applied;
import dev.syncline.runtime.internal.dispatch.HandlerGate;
import dev.syncline.runtime.internal.dispatch.Lanes;
import dev.syncline.runtime.internal.dispatch.Parking;
import dev.syncline.runtime.internal.envelope.Envelope;
import dev.syncline.runtime.internal.handling.Attempt;
import dev.syncline.runtime.internal.handling.Handling;
import dev.syncline.runtime.internal.handling.Verdict;
import dev.syncline.runtime.internal.settle.Budget;
import dev.syncline.runtime.internal.settle.InFlight;
import dev.syncline.runtime.internal.settle.Window;
import dev.syncline.runtime.internal.turns.Turns;
import dev.syncline.runtime.internal.wiring.Brakes;
import dev.syncline.runtime.internal.wiring.HandlerPolicy;
import dev.syncline.runtime.internal.wiring.Reactions;
import dev.syncline.spi.Position;
import dev.syncline.spi.Received;
import dev.syncline.spi.TopicPartition;
import java.time.Duration;
import java.time.Instant;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
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
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * How many events a second go from the poll thread over a lane to a handler that does nothing, and are settled, beside
 * a plain Disruptor that carries as many references from one producer to one consumer?
 *
 * <p>{@code LANE}: window, byte budget, key table, attempt with delivery, verdict, settlement. {@code DISRUPTOR_…}: ring
 * and handler alone, under the two wait strategies that bracket ours. Nothing is durable in any of them.
 *
 * <p>{@code java -jar benchmarks/target/benchmarks.jar Dispatch}
 */
@SuppressWarnings("NullAway") // JMH makes, then sets up
@State(Scope.Benchmark)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
@Warmup(iterations = 3, time = 2)
@Measurement(iterations = 5, time = 2)
@Fork(3)
public class DispatchBenchmark {

    private static final int BATCH = 1 << 16;
    private static final int RING = 1024;

    /** What is measured. */
    public enum Target {
        DISRUPTOR_BLOCKING,
        DISRUPTOR_YIELDING,
        LANE
    }

    @Param
    Target target;

    private Envelope envelope;
    private Lanes lanes;
    private Window window;
    private final Budget budget = new Budget(64L << 20, 1);
    private Disruptor<Reference> disruptor;
    private RingBuffer<Reference> ring;
    private volatile long consumed;
    private long published;

    @Setup
    public void setUp() {
        envelope = envelope();
        if (target == Target.LANE) {
            window = new Window(1 << 14);
            lanes = new Lanes(
                    "benchmark",
                    "benchmark",
                    new Nothing(),
                    policy(),
                    new HandlerGate("benchmark", policy().brakes(), System::nanoTime),
                    Applied.NOTHING,
                    Parking.none(),
                    false,
                    Turns.threads());
            lanes.start();
            return;
        }
        var wait = target == Target.DISRUPTOR_BLOCKING ? new BlockingWaitStrategy() : new YieldingWaitStrategy();
        disruptor = new Disruptor<>(Reference::new, RING, DaemonThreadFactory.INSTANCE, ProducerType.SINGLE, wait);
        EventHandler<Reference> handler = (slot, sequence, endOfBatch) -> {
            slot.event = null;
            if (endOfBatch) {
                consumed = sequence + 1;
            }
        };
        disruptor.handleEventsWith(handler);
        ring = disruptor.start();
    }

    @TearDown
    public void tearDown() {
        if (lanes != null) {
            lanes.stop(Duration.ofSeconds(5));
        } else {
            disruptor.shutdown();
        }
    }

    /** Carries a batch and waits until all of it is settled. */
    @Benchmark
    @OperationsPerInvocation(BATCH)
    public void carry() {
        if (target == Target.LANE) {
            carryOverLane();
        } else {
            carryOverRing();
        }
    }

    private void carryOverLane() {
        for (int i = 0; i < BATCH; ) {
            if (window.isFull() || !lanes.hasRoomFor(envelope.shard())) {
                window.advance();
                Thread.onSpinWait();
                continue;
            }
            long ticket = window.enter(envelope.received().position());
            lanes.offer(new InFlight(envelope, window, ticket, budget));
            i++;
        }
        while (window.size() > 0) {
            window.advance();
            Thread.onSpinWait();
        }
    }

    private void carryOverRing() {
        for (int i = 0; i < BATCH; i++) {
            long sequence = ring.next();
            ring.get(sequence).event = envelope;
            ring.publish(sequence);
        }
        published += BATCH;
        while (consumed < published) {
            LockSupport.parkNanos(1);
        }
    }

    private static Envelope envelope() {
        var message = OutboxAppendBenchmark.message(Payloads.json(256));
        var received =
                new Received(new TopicPartition("catalog.product", 0), Position.of(1), message, Instant.EPOCH, null);
        return new Envelope(
                received,
                message,
                message.attribute("id"),
                "shop",
                message.attribute("type"),
                1,
                message.key(),
                0,
                Delivery.Mode.LIVE,
                Instant.EPOCH,
                null);
    }

    private static HandlerPolicy policy() {
        return new HandlerPolicy(
                "",
                1,
                1,
                false,
                List.of(),
                List.of(),
                Duration.ofDays(1),
                Duration.ofMinutes(5),
                Brakes.OFF,
                Reactions.BUILT_IN,
                Set.of(Delivery.Mode.values()),
                false,
                Set.of(),
                1 << 14,
                64L << 20);
    }

    private static final class Reference {
        @SuppressWarnings("unused") // carried, not read
        private @Nullable Object event;
    }

    private static final class Nothing implements Handling {
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

        @Override
        public void attempt(Attempt attempt) {
            attempt.complete(Collections.singletonList(Verdict.DONE));
        }
    }
}
