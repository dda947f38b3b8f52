package dev.syncline.runtime.internal.dispatch;

import dev.syncline.api.Delivery;
import dev.syncline.api.EventType.Kind;
import dev.syncline.runtime.internal.envelope.Envelope;
import dev.syncline.runtime.internal.handling.Attempt;
import dev.syncline.runtime.internal.handling.Handling;
import dev.syncline.runtime.internal.handling.Verdict;
import dev.syncline.runtime.internal.settle.Budget;
import dev.syncline.runtime.internal.settle.InFlight;
import dev.syncline.runtime.internal.settle.Window;
import dev.syncline.runtime.internal.wiring.Brakes;
import dev.syncline.runtime.internal.wiring.HandlerPolicy;
import dev.syncline.runtime.internal.wiring.Reactions;
import dev.syncline.spi.Message;
import dev.syncline.spi.Position;
import dev.syncline.spi.Received;
import dev.syncline.spi.TopicPartition;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/** The parts of a lane without its loop, on the thread of the test; its handler answers as it is told. */
final class LaneParts implements Handling, Applied {

    static final TopicPartition PARTITION = new TopicPartition("orders", 0);
    static final Verdict FAILED = new Verdict.Failed("broken", "on purpose", null, null);

    final Keys table = new Keys();
    final LaneSignal signal = new LaneSignal();
    final Mailbox mailbox = new Mailbox(signal);
    final QueuedCrew forcer = new QueuedCrew();
    final HandlerGate handlerGate = new HandlerGate("test", Brakes.OFF, () -> 0);
    final Gate gate = handlerGate.lane(() -> {});
    final Admission admission = new Admission("test", this, this);
    final LaneWatch watch = new LaneWatch("test", Duration.ofSeconds(10));
    final Window window = new Window(64);
    final Budget budget = new Budget(1 << 20, 1);
    final InPlace inPlace;
    final LaneKeys keys;
    final Arrivals arrivals;

    /** How events end, by id; done if nothing is said. */
    final Map<String, Verdict> verdicts = new HashMap<>();

    /** What is known of events, by id; to be applied if nothing is said. */
    final Map<String, Answer> known = new HashMap<>();

    /** Events whose attempt does not end during its call, by id. */
    final Set<String> later = new HashSet<>();

    final List<Attempt> running = new ArrayList<>();
    final List<String> attempts = new ArrayList<>();
    final List<String> noted = new ArrayList<>();
    Runnable duringCall = () -> {};

    /** Whether the disk takes all that is parked; if not it refuses now and then. */
    boolean isDiskGood = true;

    private final int batchSize;
    private long position;

    /** @param batchSize of its one method */
    LaneParts(int batchSize) {
        this.batchSize = batchSize;
        signal.attach();
        inPlace = new InPlace(
                true,
                table,
                gate,
                new HandlerCall("test", this, new AtomicReference<>()),
                watch,
                signal,
                mailbox,
                this::onEnd);
        keys = new LaneKeys(
                "test",
                this,
                policy(batchSize),
                gate,
                handlerGate.pause(),
                admission,
                table,
                new ParkedKeys(
                        "test",
                        new SimParking(new SplittableRandom(1), () -> isDiskGood),
                        shard -> true,
                        new Owned(true),
                        forcer,
                        4),
                mailbox,
                new SplittableRandom(1),
                inPlace::onComplete);
        arrivals = new Arrivals(this, admission, gate, keys, inPlace);
    }

    private void onEnd(Attempt attempt, List<KeyState> batch, List<Verdict> ends, long now) {
        keys.ended(attempt, batch, ends, now);
    }

    private static HandlerPolicy policy(int batchSize) {
        return new HandlerPolicy(
                "",
                1,
                batchSize,
                true,
                List.of(Duration.ofMillis(100)),
                List.of(Duration.ofSeconds(1)),
                Duration.ofDays(1),
                Duration.ofSeconds(10),
                Brakes.OFF,
                Reactions.BUILT_IN,
                Set.of(Delivery.Mode.values()),
                false,
                Set.of(),
                64,
                1 << 20);
    }

    InFlight event(String key, String id) {
        return event(key, id, window);
    }

    InFlight event(String key, String id, Window of) {
        var at = Position.of(position++);
        var message = new Message("orders", key, Map.of("type", "t"), Map.of(), null);
        var received = new Received(PARTITION, at, message, Instant.EPOCH, null);
        var envelope =
                new Envelope(received, message, id, "test", "t", 1, key, 0, Delivery.Mode.LIVE, Instant.EPOCH, null);
        return new InFlight(envelope, of, of.enter(at), budget);
    }

    void arrives(String key, String id) {
        arrivals.accept(event(key, id), 0);
    }

    /** Attempts what is ready, once. */
    void attemptReady(long now) {
        var batch = keys.batches.next(now);
        if (batch != null) {
            var ends = inPlace.run(batch.attempt(), now);
            if (ends != null) {
                keys.ended(batch.attempt(), batch.keys(), ends, now);
            }
        }
    }

    @Nullable
    KeyState key(String name) {
        return table.find("orders", name);
    }

    /** Events that are settled, from the first on. */
    long settled() {
        window.advance();
        var mark = window.lowWaterMark();
        return mark == null ? 0 : mark.major() + 1;
    }

    // --- the handler

    @Override
    public void attempt(Attempt attempt) {
        attempts.add(attempt.events().stream().map(Envelope::id).reduce("", (a, b) -> a + b));
        duringCall.run();
        if (attempt.events().stream().anyMatch(event -> later.contains(event.id()))) {
            running.add(attempt);
        } else {
            complete(attempt);
        }
    }

    void complete(Attempt attempt) {
        var ends = new ArrayList<Verdict>();
        attempt.events().forEach(event -> ends.add(verdicts.getOrDefault(event.id(), Verdict.DONE)));
        if (ends.size() > 1 && ends.contains(FAILED)) {
            ends.replaceAll(each -> FAILED);
            attempt.failAll(FAILED);
        }
        attempt.complete(ends);
    }

    @Override
    public int route(Envelope envelope) {
        return 0;
    }

    @Override
    public Kind kind(Envelope envelope) {
        return Kind.STATE;
    }

    @Override
    public int batchSize(int route) {
        return batchSize;
    }

    @Override
    public @Nullable String refusal(Envelope envelope) {
        return null;
    }

    // --- what was applied

    @Override
    public Answer ask(Envelope event, Kind kind) {
        return known.getOrDefault(event.id(), Answer.APPLY);
    }

    @Override
    public boolean done(Envelope event, Kind kind) {
        noted.add(event.id());
        return true;
    }
}
