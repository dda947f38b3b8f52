package dev.syncline.runtime.internal.ingest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

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
import dev.syncline.runtime.internal.log.StoreLives;
import dev.syncline.runtime.internal.settle.Budget;
import dev.syncline.runtime.internal.settle.InFlight;
import dev.syncline.runtime.internal.settle.Window;
import dev.syncline.runtime.internal.turns.Turns;
import dev.syncline.runtime.internal.wiring.Brakes;
import dev.syncline.runtime.internal.wiring.HandlerPolicy;
import dev.syncline.runtime.internal.wiring.Reactions;
import dev.syncline.spi.Bytes;
import dev.syncline.spi.Message;
import dev.syncline.spi.Position;
import dev.syncline.spi.Received;
import dev.syncline.spi.Subscription;
import dev.syncline.spi.TopicPartition;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The turns of the poll loop against a broker that does as it is told, in virtual time, with real lanes. */
class IngestDutyTest {

    private static final TopicPartition ONE = new TopicPartition("topic", 1);
    private static final TopicPartition TWO = new TopicPartition("topic", 2);
    private static final Bytes LARGE = Bytes.wrap(new byte[1 << 20]);
    private static final String OURS = "syncline/1 store=ours";
    private static final String ANOTHERS = "syncline/1 store=anothers";

    private final ScriptedBroker broker = new ScriptedBroker();
    private final Handler handler = new Handler();
    private final Noted applied = new Noted();
    private final Budget budget = new Budget(1 << 20, 4);
    private final Lanes lanes = new Lanes(
            "ingest-duty-test",
            "test",
            handler,
            policy(),
            new HandlerGate("test", Brakes.OFF, System::nanoTime),
            applied,
            Parking.none(),
            false,
            Turns.threads());
    /** Passes by a millisecond per look, so that what waits for it in vain comes to an end. */
    private final AtomicLong nanos = new AtomicLong();

    private final ScriptedGate gate = new ScriptedGate();
    private Runnable onceItIsWaitedFor = () -> {};
    private final IngestDuty duty = new IngestDuty(
            "test",
            broker,
            new Subscription("group", Set.of("topic"), Subscription.Start.EARLIEST, "member", 10),
            lanes,
            IngestDutyTest::envelope,
            budget,
            4,
            new StoreMark("ours", Set.of(), StoreLives.ONE),
            gate,
            new LookedAtTurns(this::now));

    @AfterEach
    void stop() {
        handler.release.countDown();
        lanes.stop(Duration.ofSeconds(10));
    }

    @Test
    void s9_thePositionNeverPassesWorkThatIsNotDone() {
        lanes.start();
        broker.assign(ONE, null, "");
        broker.deliver(received(ONE, 0, "stuck"));
        broker.deliver(received(ONE, 1, "b"));
        broker.deliver(received(ONE, 2, "c"));
        turnUntil(() -> handler.done.size() == 2);
        turn(100);

        assertThat(broker.acknowledged).isEmpty();

        handler.release.countDown();
        turnUntil(() -> broker.acknowledged(ONE) == 2);
    }

    @Test
    void s13_whatIsFencedByARevocationIsNeitherBegunNorAcknowledged() {
        broker.assign(ONE, Position.of(6), OURS);
        broker.deliver(received(ONE, 7, "a"));
        turn(1);
        broker.revoke(ONE);
        turn(1);
        lanes.start(); // only now: the event was still in its ring
        turnUntil(() -> budget.events() == 0);

        assertThat(handler.done).isEmpty();
        assertThat(broker.acknowledged).isEmpty();
    }

    @Test
    void s13_aRevocationWaitsForTheHandlerThatRunsAndAcknowledgesWhatItDid() {
        lanes.start();
        broker.assign(ONE, null, "");
        broker.deliver(received(ONE, 0, "stuck"));
        turnUntil(() -> handler.began.size() == 1);
        broker.revoke(ONE);
        onceItIsWaitedFor = handler.release::countDown;
        turn(1);

        assertThat(handler.done).containsExactly("stuck");
        assertThat(broker.acknowledged(ONE)).isZero();
    }

    @Test
    void s13_ofAPartitionThatIsLostNothingIsAcknowledged() {
        lanes.start();
        broker.assign(ONE, null, "");
        broker.deliver(received(ONE, 0, "stuck"));
        turnUntil(() -> handler.began.size() == 1);
        broker.lose(ONE);
        turn(1);
        handler.release.countDown();
        turnUntil(() -> budget.events() == 0);
        turn(100);

        assertThat(broker.acknowledged).isEmpty();
    }

    @Test
    void s13_aPartitionAcknowledgedBesideAnotherStoreIsNotRead() {
        lanes.start();
        broker.assign(ONE, Position.of(6), ANOTHERS);
        broker.assign(TWO, Position.of(6), OURS);
        broker.deliver(received(ONE, 7, "a"));
        broker.deliver(received(TWO, 7, "b"));
        turnUntil(() -> broker.acknowledged(TWO) == 7);

        assertThat(handler.done).containsExactly("b");
        assertThat(broker.acknowledged(ONE)).isEqualTo(-1);
        assertThat(broker.acknowledged.get(TWO).metadata()).isEqualTo(OURS);
        assertThat(duty.status().problems()).singleElement().asString().contains("anothers", "adopt=anothers");
    }

    @Test
    void s12_nothingIsHandedOnBeforeWhatIsParkedOfThePartitionIsKnown() {
        lanes.start();
        gate.isShut = true;
        broker.assign(ONE, null, "");
        broker.deliver(received(ONE, 0, "a"));
        turn(20);

        assertThat(broker.paused).containsExactly(ONE);
        assertThat(duty.status().problems()).singleElement().asString().contains("not taken yet");

        gate.isShut = false;
        turnUntil(() -> broker.acknowledged(ONE) == 0);
        assertThat(handler.done).containsExactly("a");
        turnUntil(() -> duty.status().problems().isEmpty());
    }

    @Test
    void s13_whatAnotherOwnerTookIsNotAcknowledgedAnyMore() {
        lanes.start();
        broker.assign(ONE, null, "");
        broker.deliver(received(ONE, 0, "stuck"));
        turnUntil(() -> handler.began.size() == 1);
        gate.steal(ONE);
        turn(1);
        handler.release.countDown();
        turnUntil(() -> budget.events() == 0);
        broker.deliver(received(ONE, 1, "b"));
        turn(100);

        assertThat(broker.acknowledged).isEmpty();
        assertThat(broker.paused).containsExactly(ONE);
        assertThat(duty.status().problems()).singleElement().asString().contains("another instance");
    }

    /** Who took it was late, and the broker does not know it as the owner: nobody else would ever read the partition. */
    @Test
    void l3_aPartitionThatTheBrokerLeavesToUsIsTakenAgainFromWhereItWasDone() {
        lanes.start();
        broker.assign(ONE, null, "");
        broker.deliver(received(ONE, 3, "a"));
        turnUntil(() -> broker.acknowledged(ONE) == 3);
        gate.steal(ONE);
        turn(100);
        assertThat(gate.opened).isEqualTo(1);

        nanos.addAndGet(Assignment.TAKE_AGAIN_AFTER);
        turn(2);

        assertThat(gate.opened).isEqualTo(2);
        assertThat(broker.soughtAfter).containsEntry(ONE, Position.of(3));
        broker.deliver(received(ONE, 4, "b"));
        turnUntil(() -> broker.acknowledged(ONE) == 4);
        assertThat(handler.done).containsExactly("a", "b");
    }

    @Test
    void l3_whereNothingWasDoneItIsReadAgainFromTheFirstThatCame() {
        broker.assign(ONE, null, "");
        broker.deliver(received(ONE, 7, "a"));
        turn(1);
        gate.steal(ONE);
        turn(1);
        lanes.start(); // only now: the event was still in its ring
        turnUntil(() -> budget.events() == 0);
        nanos.addAndGet(Assignment.TAKE_AGAIN_AFTER);
        turnUntil(() -> gate.opened == 2);

        assertThat(broker.soughtAfter.get(ONE)).isLessThan(Position.of(7)).isGreaterThan(Position.of(6));
    }

    @Test
    void sharedStateFitsWhateverPositionThereIsAndMarksItsOwn() {
        var shared = StoreMark.shared();

        assertThat(shared.fits(ANOTHERS)).isTrue();
        assertThat(new StoreMark("ours", Set.of(), StoreLives.ONE).fits(shared.metadata()))
                .isFalse();
        assertThat(shared.fits(shared.metadata())).isTrue();
    }

    @Test
    void s24_whenAWindowIsFullItsPartitionPausesAndGoesOnLater() {
        lanes.start();
        broker.assign(ONE, null, "");
        broker.assign(TWO, null, "");
        broker.deliver(received(ONE, 0, "stuck"));
        for (int i = 1; i < 8; i++) {
            broker.deliver(received(ONE, i, "k" + i));
        }
        broker.deliver(received(TWO, 0, "other"));
        turnUntil(() -> handler.done.contains("other"));

        assertThat(broker.paused).containsExactly(ONE);
        assertThat(budget.events()).isLessThanOrEqualTo(4);

        handler.release.countDown();
        turnUntil(() -> broker.acknowledged(ONE) == 7);
        turn(1);
        assertThat(broker.paused).isEmpty();
    }

    /** Only one of these events fits at a time, and a backlog of one partition must not come before all of another. */
    @Test
    void l4_whereLanesTakeLessThanThereIsEachPartitionGetsItsTurn() {
        lanes.start();
        broker.assign(ONE, null, "");
        broker.assign(TWO, null, "");
        for (int i = 0; i < 300; i++) {
            broker.deliver(large(ONE, i, "one"));
        }
        for (int i = 0; i < 20; i++) {
            broker.deliver(large(TWO, i, "two"));
        }
        turnUntil(() -> handler.done.stream().filter("two"::equals).count() == 20);

        assertThat(handler.done.stream().filter("one"::equals).count()).isLessThan(80);
    }

    /** An application waits for the first assignment to be ready; what came in a poll is told after it. */
    @Test
    void aPollIsBriefUntilAnAssignmentHasCome() {
        turn(2);
        assertThat(broker.lastPatience).isLessThan(Duration.ofMillis(50));

        broker.assign(ONE, null, "");
        turn(2);
        assertThat(broker.lastPatience).isGreaterThan(Duration.ofMillis(50));
    }

    /** Nothing wakes the poll thread when the last lane comes to rest. */
    @Test
    void s23_aPollIsBriefWhileLanesComeToRest() {
        broker.assign(ONE, null, "");
        turn(2);
        duty.beginStop();
        turn(1);
        assertThat(broker.lastPatience).isLessThan(Duration.ofMillis(50));
    }

    @Test
    void s23_aHandlerThatDoesNotEndIsWaitedForOnceAndItsEventIsNotAcknowledged() {
        handler.ignoresInterruption = true;
        lanes.start();
        broker.assign(ONE, null, "");
        broker.deliver(received(ONE, 0, "a"));
        broker.deliver(received(ONE, 1, "stuck"));
        turnUntil(() -> handler.began.size() == 2);
        duty.beginStop();
        long deadline = nanos.get() + Duration.ofSeconds(5).toNanos();
        duty.finish(deadline);

        assertThat(Duration.ofNanos(nanos.get() - deadline)).isLessThan(Duration.ofSeconds(2));
        assertThat(broker.isClosed).isTrue();
        assertThat(broker.acknowledged(ONE)).isZero();
    }

    /**
     * Its partition was lost and came back, so no window of now knows of it: it would be done again after the next start.
     */
    @Test
    void s23_whatRunsOfAnAssignmentThatIsOverIsWaitedForUntilItIsPutDown() {
        lanes.start();
        broker.assign(ONE, null, "");
        broker.deliver(received(ONE, 0, "stuck"));
        turnUntil(() -> handler.began.size() == 1);
        broker.lose(ONE);
        broker.assign(ONE, null, "");
        turn(1);
        duty.beginStop();
        onceItIsWaitedFor = handler.release::countDown;

        duty.finish(nanos.get() + Duration.ofHours(1).toNanos());

        assertThat(applied.done).containsExactly("stuck0");
        assertThat(broker.acknowledged).as("of an assignment that is over").isEmpty();
    }

    @Test
    void s23_whoIgnoresItsInterruptionIsNotWaitedForASecondTime() {
        handler.ignoresInterruption = true;
        var timed = new Lanes(
                "ingest-duty-test",
                "test",
                handler,
                policy(),
                new HandlerGate("test", Brakes.OFF, nanos::get),
                Applied.NOTHING,
                Parking.none(),
                false,
                new LookedAtTurns(nanos::get));
        timed.start();
        var window = new Window(4);
        var stuck = envelope(received(ONE, 0, "stuck"));
        timed.offer(new InFlight(stuck, window, window.enter(Position.of(0)), budget));
        await().until(() -> handler.began.size() == 1);
        timed.interrupt();
        var patience = Duration.ofMinutes(1);
        nanos.addAndGet(patience.toNanos());

        long begin = System.nanoTime();
        assertThat(timed.stop(patience)).isFalse();
        assertThat(Duration.ofNanos(System.nanoTime() - begin)).isLessThan(patience.dividedBy(2));
    }

    @Test
    void partitionsThatNobodyIsKnownToReadAreToldFromThoseOfOthers() {
        broker.assign(ONE, null, "");
        turnUntil(() -> duty.status().isAssigned());
        assertThat(duty.status().isAttended()).isTrue();

        broker.unattended = Optional.of(Set.of(TWO));
        duty.askToLook();
        turn(1);
        assertThat(duty.status().isAttended()).isFalse();
        assertThat(duty.status().unattended()).containsExactly(TWO);

        broker.unattended = Optional.empty();
        duty.askToLook();
        turn(1);
        assertThat(duty.status().isAttended()).isFalse();
    }

    // --- parts

    private long now() {
        onceItIsWaitedFor.run();
        return nanos.addAndGet(1_000_000);
    }

    private void turn(int times) {
        for (int i = 0; i < times; i++) {
            duty.run(nanos.addAndGet(1_000_000));
        }
    }

    private void turnUntil(BooleanSupplier condition) {
        await().pollDelay(Duration.ZERO)
                .pollInterval(Duration.ofMillis(1))
                .pollInSameThread()
                .until(() -> {
                    turn(1);
                    return condition.getAsBoolean();
                });
    }

    private static HandlerPolicy policy() {
        return new HandlerPolicy(
                "",
                4,
                1,
                false,
                List.of(),
                List.of(),
                Duration.ofDays(1),
                Duration.ZERO,
                Brakes.OFF,
                Reactions.BUILT_IN,
                Set.of(Delivery.Mode.values()),
                false,
                Set.of(),
                4,
                1 << 20);
    }

    private static Received received(TopicPartition partition, long position, String key) {
        return received(partition, position, key, null);
    }

    /** As large as the whole budget. */
    private static Received large(TopicPartition partition, long position, String key) {
        return received(partition, position, key, LARGE);
    }

    private static Received received(TopicPartition partition, long position, String key, @Nullable Bytes data) {
        var message = new Message(partition.topic(), key, Map.of("type", "t"), Map.of(), data);
        return new Received(partition, Position.of(position), message, Instant.EPOCH, null);
    }

    private static Envelope envelope(Received received) {
        var message = received.message();
        return new Envelope(
                received,
                message,
                message.key() + received.position().major(),
                "source",
                "t",
                1,
                message.key(),
                message.key().equals("stuck") ? 0 : 1, // lanes
                Delivery.Mode.LIVE,
                Instant.EPOCH,
                null);
    }

    /** Knows nothing, and notes what it is told. */
    private static final class Noted implements Applied {

        final ConcurrentLinkedQueue<String> done = new ConcurrentLinkedQueue<>();

        @Override
        public Answer ask(Envelope event, EventType.Kind kind) {
            return Answer.APPLY;
        }

        @Override
        public boolean done(Envelope event, EventType.Kind kind) {
            return done.add(event.id());
        }
    }

    /** Ends at once, but for the key "stuck", which waits for its release. */
    private static final class Handler implements Handling {

        final ConcurrentLinkedQueue<String> began = new ConcurrentLinkedQueue<>();
        final ConcurrentLinkedQueue<String> done = new ConcurrentLinkedQueue<>();
        final CountDownLatch release = new CountDownLatch(1);
        volatile boolean ignoresInterruption;

        @Override
        public int route(Envelope envelope) {
            return 0;
        }

        @Override
        public EventType.Kind kind(Envelope envelope) {
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
            var verdicts = new ArrayList<Verdict>();
            for (var event : attempt.events()) {
                began.add(event.key());
                if (event.key().equals("stuck") && !awaitRelease()) {
                    verdicts.add(new Verdict.Failed("interrupted", "", null, null));
                    continue;
                }
                done.add(event.key());
                verdicts.add(Verdict.DONE);
            }
            attempt.complete(verdicts);
        }

        private boolean awaitRelease() {
            while (true) {
                try {
                    release.await();
                    return true;
                } catch (InterruptedException stop) {
                    if (!ignoresInterruption) {
                        return false;
                    }
                }
            }
        }
    }
}
