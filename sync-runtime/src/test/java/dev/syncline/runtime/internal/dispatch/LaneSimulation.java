package dev.syncline.runtime.internal.dispatch;

import static org.assertj.core.api.Assertions.assertThat;

import dev.syncline.api.Delivery;
import dev.syncline.api.EventType.Kind;
import dev.syncline.api.OutboxException;
import dev.syncline.runtime.Health.BreakerHealth;
import dev.syncline.runtime.internal.envelope.Envelope;
import dev.syncline.runtime.internal.handling.Attempt;
import dev.syncline.runtime.internal.handling.Handling;
import dev.syncline.runtime.internal.handling.Verdict;
import dev.syncline.runtime.internal.settings.Limit;
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
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * One real lane and real windows, driven by one seeded thread in virtual time: partitions come, go and come back, the
 * handler succeeds, fails, hangs, answers later, says that its target is away; the target is away without saying so, or
 * nothing can be read. The log of each partition is a list; what was not acknowledged is delivered again after the
 * partition came back.
 */
final class LaneSimulation implements Handling, Applied {

    private static final int PARTITIONS = 3;
    private static final int KEYS = 7;
    private static final int EVENTS_PER_PARTITION = 120;
    private static final int LIVENESS_CAP = 200_000;
    private static final Duration AWAY = Duration.ofMillis(500);

    private final SplittableRandom random;
    private long now = 1_000_000;
    private final boolean hasBatches;
    private final boolean hasInbox;
    private final Set<String> applied = new HashSet<>();
    private final boolean hasParking;
    private final Brakes brakes;
    private final boolean isHalving;
    private final SimParking parking;
    private final Set<String> unmarked = new HashSet<>();
    private final Set<String> mayRepeat = new HashSet<>();
    private final QueuedCrew recoverers = new QueuedCrew() {
        @Override
        public void execute(Runnable task) {
            recover(task);
        }
    };
    private final ArrayDeque<Runnable> recoveries = recoverers.tasks;
    private final QueuedCrew forcer = new QueuedCrew();
    private final List<Future<Boolean>> redrives = new ArrayList<>();
    private final List<CompletableFuture<Void>> skips = new ArrayList<>();
    private Owned owned = new Owned(false);
    private HandlerGate gate;
    private Lane lane;
    private long failsUntil = now;
    private boolean isUnreadable;
    private boolean isProbeOut;
    private @Nullable String probeKey;
    private @Nullable Attempt probe;
    private @Nullable Boolean recovered;
    private String brakesBefore = "";
    private Budget budget = new Budget(1 << 20, 1);
    private final List<Log> logs = new ArrayList<>();
    private final List<Attempt> pending = new ArrayList<>();
    private final Set<String> runningKeys = new HashSet<>();
    private final Map<String, Long> lastDone = new HashMap<>();
    private final Map<String, Integer> failuresLeft = new HashMap<>();
    private final StringBuilder trace = new StringBuilder();
    private boolean isHealed;
    private boolean isLaneRunning;
    private long awayUntil;

    LaneSimulation(long seed) {
        this.random = new SplittableRandom(seed);
        this.hasBatches = random.nextBoolean();
        this.hasInbox = random.nextBoolean();
        this.hasParking = random.nextBoolean();
        this.brakes = random.nextInt(3) == 0
                ? Brakes.OFF
                : new Brakes(
                        Optional.of(new Limit(2 + random.nextInt(3), 50, Duration.ofSeconds(10))),
                        Duration.ofSeconds(1 + random.nextInt(5)),
                        Optional.of(new Limit(1 + random.nextInt(4), 5, Duration.ofSeconds(10))));
        this.isHalving = random.nextBoolean();
        this.parking = new SimParking(random.split(), () -> isHealed);
        this.lane = newLane();
        for (int i = 0; i < PARTITIONS; i++) {
            logs.add(new Log(new TopicPartition("topic", i)));
        }
    }

    private Lane newLane() {
        var policy = new HandlerPolicy(
                "",
                1,
                4,
                isHalving,
                List.of(Duration.ofMillis(100), Duration.ofMillis(200)),
                List.of(Duration.ofSeconds(1), Duration.ofSeconds(5)),
                Duration.ofDays(1),
                Duration.ofSeconds(2),
                brakes,
                Reactions.BUILT_IN,
                Set.of(Delivery.Mode.values()),
                false,
                Set.of(),
                64,
                1 << 20);
        var signal = new LaneSignal();
        signal.attach();
        gate = new HandlerGate("sim", brakes, () -> now);
        isProbeOut = false;
        probeKey = null;
        var fresh = new Lane(
                "sim",
                0,
                this,
                policy,
                gate,
                hasInbox ? this : Applied.NOTHING,
                new ParkedKeys(
                        "sim",
                        hasParking ? parking : Parking.none(),
                        shard -> true,
                        owned,
                        forcer,
                        1 + random.nextInt(3)),
                recoverers,
                16,
                1 + random.nextInt(40),
                random.split(),
                signal,
                new AtomicReference<>());
        if (hasParking) {
            fresh.resume(parking.parked(shard -> true), now);
        }
        return fresh;
    }

    /** Kill -9: what is in memory is gone, and what runs ends unheard. */
    private void crash() {
        logs.forEach(log -> log.window = null);
        pending.clear();
        runningKeys.clear();
        recoveries.clear();
        forcer.tasks.clear();
        mayRepeat.addAll(unmarked);
        unmarked.clear();
        budget = new Budget(1 << 20, 1);
        owned = new Owned(false);
        parking.crash();
        awayUntil = 0;
        lane = newLane();
        trace.append(now).append(" crash\n");
    }

    /** Runs to the end; the trace, equal for equal seeds. */
    String run() {
        for (int step = 0; step < 4_000; step++) {
            step();
            check();
        }
        isHealed = true;
        resume();
        for (int step = 0; !isDone(); step++) {
            assertThat(step)
                    .as(
                            "liveness: all is settled after the faults are over; %s, blocked %s, parked %s, attempts %d and %d",
                            lane, lane.blockedKeys(), parking, pending.size(), recoveries.size())
                    .isLessThan(LIVENESS_CAP);
            logs.forEach(Log::assign);
            step();
            check();
        }
        for (var log : logs) {
            log.advance();
            assertThat(log.acknowledged).isEqualTo(EVENTS_PER_PARTITION - 1);
        }
        assertThat(budget.events()).isZero();
        assertThat(budget.bytes()).isZero();
        assertThat(lane.blockedKeys()).isEmpty();
        assertThat(lane.blockedEvents()).isZero();
        assertThat(gate.breakerHealth()).as("l5: it closes by itself").isEqualTo(BreakerHealth.CLOSED);
        return trace.toString();
    }

    private void step() {
        if (!isHealed && random.nextInt(400) == 0) {
            crash();
        }
        if (random.nextInt(30) == 0) {
            parking.dead().forEach(this::handInOrGiveUp);
        }
        if (random.nextInt(250) == 0) {
            failsUntil = now + random.nextLong(TimeUnit.SECONDS.toNanos(20));
        }
        if (random.nextInt(300) == 0) {
            isUnreadable = !isUnreadable;
        }
        if (random.nextInt(100) == 0) {
            resume();
        }
        switch (random.nextInt(isHealed ? 7 : 9)) {
            case 0, 1 -> logs.get(random.nextInt(PARTITIONS)).deliver(1 + random.nextInt(8));
            case 2, 3 -> {
                lane.watch().look(now, lane::leaveBehindSoon);
                isLaneRunning = true;
                lane.run(now);
                isLaneRunning = false;
            }
            case 4 -> completeOne();
            case 5 -> now += random.nextLong(TimeUnit.SECONDS.toNanos(isHealed ? 3 : 1));
            case 6 -> {
                if (!recoveries.isEmpty()) {
                    recoveries.remove().run();
                }
                if (!forcer.tasks.isEmpty() && random.nextBoolean()) {
                    forcer.tasks.remove().run();
                }
            }
            case 7 -> logs.get(random.nextInt(PARTITIONS)).assign();
            default -> logs.get(random.nextInt(PARTITIONS)).revoke();
        }
        logs.forEach(Log::advance);
    }

    /** What a person does about a dead letter. */
    private void handInOrGiveUp(Parking.Parked key) {
        var lost = parking.lostHead(key);
        if (lost == null) {
            redrives.add(lane.parkedHeads().redrive(key.topic(), key.key(), 0));
            return;
        }
        var skipped = lane.parkedHeads().skip(key.topic(), key.key(), 0, "somebody", "it is damaged");
        skips.add(skipped.thenAccept(isSkipped -> {
            if (isSkipped) {
                trace.append(now).append(" skipped ").append(lost.id()).append('\n');
                mayRepeat.add(lost.id()); // if its position is not acknowledged it comes again
                givenUp(lost);
            }
        }));
    }

    private void givenUp(Envelope event) {
        var log = logs.get(event.received().partition().partition());
        long number = event.received().position().major();
        long last = lastDone.getOrDefault(event.key(), -1L);
        if (number > last) { // else it was done, and a crash took the note of its end
            assertThat(number)
                    .as("s12: what is given up is next of its key: %s", event)
                    .isEqualTo(log.nextOfKey(event.key(), last));
            lastDone.put(event.key(), number);
        }
        log.done.add(number);
    }

    private boolean isDone() {
        return pending.isEmpty()
                && parking.isEmpty()
                && logs.stream().allMatch(log -> log.acknowledged == EVENTS_PER_PARTITION - 1);
    }

    private void check() {
        noteBrakes();
        for (var log : logs) {
            log.check();
        }
        skips.removeIf(skip -> skip.isDone() && isOver(skip));
        checkWhatIsShown();
    }

    /** What is parked is in health, as it is now: what changes is noted key by key. */
    private void checkWhatIsShown() {
        for (var parked : parking.parked(shard -> true)) {
            var failure = parked.failure();
            if (lane.blockedKeys().stream()
                    .noneMatch(shown -> shown.event().equals(parked.headText())
                            && shown.attempts() == failure.attempts()
                            && (failure.code().isEmpty() || shown.code().equals(failure.code())))) {
                throw new AssertionError(parked.headText() + " " + failure + " is not shown: " + lane.blockedKeys());
            }
        }
    }

    private static boolean isOver(CompletableFuture<Void> skip) {
        try {
            skip.join();
        } catch (CompletionException failed) {
            assertThat(failed).hasCauseInstanceOf(OutboxException.class); // the disk refused: it is tried again
        }
        return true;
    }

    private void noteBrakes() {
        var state = gate.breakerHealth().state() + (gate.brake().isEmpty() ? "" : " brake");
        if (!state.equals(brakesBefore)) {
            trace.append(now).append(' ').append(state).append('\n');
            brakesBefore = state;
        }
    }

    // --- what was applied

    @Override
    public Answer ask(Envelope event, Kind kind) {
        return applied.contains(event.id()) ? Answer.DUPLICATE : Answer.APPLY;
    }

    @Override
    public boolean done(Envelope event, Kind kind) {
        assertThat(applied.add(event.id())).as("told once: %s", event).isTrue();
        unmarked.remove(event.id());
        return true;
    }

    // --- the handler

    @Override
    public int route(Envelope envelope) {
        return hasBatches ? Math.floorMod(envelope.id().hashCode() >> 2, 2) : 0;
    }

    @Override
    public Kind kind(Envelope envelope) {
        return Kind.STATE;
    }

    @Override
    public @Nullable String refusal(Envelope envelope) {
        return null;
    }

    @Override
    public int batchSize(int route) {
        return hasBatches && route == 1 ? 4 : 1;
    }

    /** A person ends whatever stopped the handler. */
    private void resume() {
        gate.resume();
        awayUntil = 0;
    }

    private void recover(Runnable attempt) {
        boolean isProbe = begins();
        recoveries.add(() -> {
            recovered = isProbe;
            attempt.run();
            recovered = null;
        });
    }

    /** An attempt begins; tells whether it is the probe. */
    private boolean begins() {
        assertThat(gate.brake()).as("nothing begins while the brake is on").isEmpty();
        var state = gate.breakerHealth().state();
        assertThat(state).as("s16: nothing begins while the breaker is open").isNotEqualTo(BreakerHealth.State.OPEN);
        if (state == BreakerHealth.State.CLOSED) {
            return false;
        }
        assertThat(isProbeOut && (probe == null || !probe.isLeftBehind()))
                .as("s16: one probe at a time")
                .isFalse();
        isProbeOut = true;
        probe = null;
        return true;
    }

    @Override
    public void attempt(Attempt attempt) {
        boolean isProbe = recovered == null ? begins() : recovered;
        if (isProbe) {
            assertThat(attempt.events()).as("s16: the probe risks one event").hasSize(1);
            probeKey = attempt.events().get(0).key();
            probe = attempt;
        }
        for (var event : attempt.events()) {
            assertThat(!isLaneRunning || logs.get(event.received().partition().partition()).window != null)
                    .as("s13: nothing begins of a partition that is gone: %s", event)
                    .isTrue();
            assertThat(runningKeys.add(event.key()))
                    .as("s8: one at a time: %s", event)
                    .isTrue();
            assertThat(event.mode()).isEqualTo(attempt.delivery().mode());
            assertThat(route(event)).as("the method that takes %s", event).isEqualTo(attempt.route());
        }
        assertThat(!isLaneRunning || now >= awayUntil)
                .as("s16: no attempt while the target is away")
                .isTrue();
        if (!isHealed && random.nextInt(4) == 0) {
            pending.add(attempt);
        } else {
            complete(attempt);
        }
    }

    private void completeOne() {
        if (!pending.isEmpty()) {
            complete(pending.remove(random.nextInt(pending.size())));
        }
    }

    private void complete(Attempt attempt) {
        var verdicts = new ArrayList<Verdict>();
        attempt.events().forEach(event -> verdicts.add(verdict(event)));
        if (isHalving && attempt.events().size() > 1) {
            verdicts.stream()
                    .filter(Verdict.Failed.class::isInstance)
                    .findFirst()
                    .ifPresent(failure -> {
                        attempt.failAll(failure);
                        verdicts.replaceAll(each -> failure);
                    });
        }
        for (int i = 0; i < verdicts.size(); i++) {
            var event = attempt.events().get(i);
            var verdict = verdicts.get(i);
            if (verdict instanceof Verdict.Held && isLaneRunning) { // else the lane has not heard of it yet
                awayUntil = now + AWAY.toNanos();
            }
            runningKeys.remove(event.key());
            if (event.key().equals(probeKey)) {
                probeKey = null;
                isProbeOut = false;
            }
            trace.append(now)
                    .append(' ')
                    .append(event.key())
                    .append('#')
                    .append(event.id())
                    .append(' ')
                    .append(verdict.getClass().getSimpleName())
                    .append('\n');
            if (verdict instanceof Verdict.Done) {
                done(event);
            }
        }
        attempt.complete(verdicts);
    }

    private Verdict verdict(Envelope event) {
        if (isHealed) {
            return Verdict.DONE;
        }
        if (now < failsUntil) {
            return new Verdict.Failed("away", "on purpose", null, null);
        }
        if (isUnreadable && hasParking && random.nextInt(4) == 0) {
            return new Verdict.Rejected("no.mapper", "on purpose", null);
        }
        int left = failuresLeft.computeIfAbsent(event.id(), id -> random.nextInt(5) == 0 ? 1 + random.nextInt(6) : 0);
        if (left > 0) {
            failuresLeft.put(event.id(), left - 1);
            if (hasParking && random.nextInt(8) == 0) {
                return new Verdict.Rejected("rejected", "on purpose", null); // a person hands it in again
            }
            if (random.nextInt(6) > 0) {
                return new Verdict.Failed("failed", "on purpose", null, null);
            }
            return new Verdict.Held(AWAY, "away", null);
        }
        return Verdict.DONE;
    }

    private void done(Envelope event) {
        long number = Long.parseLong(event.id().substring(event.id().indexOf('-') + 1));
        var log = logs.get(event.received().partition().partition());
        var last = lastDone.get(event.key());
        var expected = log.nextOfKey(event.key(), last == null ? -1 : last);
        // s7: the next one, or a repeat of one that was done before and whose position was not acknowledged
        if (number == expected) {
            lastDone.put(event.key(), number);
        } else {
            assertThat(!hasInbox || mayRepeat.contains(event.id()))
                    .as("s5: applied again: %s", event)
                    .isTrue();
            assertThat(number)
                    .as("s7: order of key %s after %s", event.key(), last)
                    .isLessThanOrEqualTo(last);
        }
        log.done.add(number);
        unmarked.add(event.id());
    }

    /** One partition: all its events exist; position n is event n. */
    private final class Log {

        final TopicPartition partition;
        final List<String> keys = new ArrayList<>();
        final Set<Long> done = new HashSet<>();
        Window window;
        long next;
        long acknowledged = -1;
        long checked = -1;

        Log(TopicPartition partition) {
            this.partition = partition;
            for (int i = 0; i < EVENTS_PER_PARTITION; i++) {
                // a key lives in one partition
                keys.add("k" + (random.nextInt(KEYS) * PARTITIONS + partition.partition()));
            }
        }

        long nextOfKey(String key, long after) {
            for (long i = after + 1; i < keys.size(); i++) {
                if (keys.get((int) i).equals(key)) {
                    return i;
                }
            }
            return Long.MAX_VALUE;
        }

        void assign() {
            if (window == null) {
                window = new Window(64);
                owned.assigned(partition, window.fence());
                lane.onAssignment();
                next = acknowledged + 1;
            }
        }

        void revoke() {
            if (window != null) {
                window.fence().fence();
                lane.onFence();
                advance();
                window = null;
            }
        }

        void deliver(int count) {
            for (int i = 0; i < count && window != null && next < EVENTS_PER_PARTITION; i++) {
                if (window.isFull() || !lane.hasRoom()) {
                    return;
                }
                var position = Position.of(next);
                var message = new Message(partition.topic(), keys.get((int) next), Map.of("type", "t"), Map.of(), null);
                var received = new Received(partition, position, message, Instant.EPOCH, null);
                var envelope = new Envelope(
                        received,
                        message,
                        partition.partition() + "-" + next,
                        "sim",
                        "t",
                        1,
                        message.key(),
                        0,
                        Delivery.Mode.LIVE,
                        Instant.EPOCH,
                        null);
                long ticket = window.enter(position);
                assertThat(lane.offer(new InFlight(envelope, window, ticket, budget)))
                        .isTrue();
                next++;
            }
        }

        void advance() {
            if (window != null && window.advance() && window.lowWaterMark() != null) {
                acknowledged = window.lowWaterMark().major();
            }
        }

        void check() {
            for (; checked < acknowledged; checked++) {
                if (!done.contains(checked + 1) && !parking.holds(partition.partition() + "-" + (checked + 1))) {
                    throw new AssertionError("s9: " + partition + " acknowledged " + acknowledged);
                }
            }
        }
    }
}
