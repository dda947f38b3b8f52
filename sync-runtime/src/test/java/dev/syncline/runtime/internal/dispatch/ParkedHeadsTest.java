package dev.syncline.runtime.internal.dispatch;

import static org.assertj.core.api.Assertions.assertThat;

import dev.syncline.api.Delivery;
import dev.syncline.api.EventType.Kind;
import dev.syncline.runtime.Health.BlockedKey;
import dev.syncline.runtime.internal.dispatch.KeyState.Status;
import dev.syncline.runtime.internal.envelope.Envelope;
import dev.syncline.runtime.internal.handling.Attempt;
import dev.syncline.runtime.internal.handling.Handling;
import dev.syncline.runtime.internal.handling.Verdict;
import dev.syncline.runtime.internal.settle.Budget;
import dev.syncline.runtime.internal.settle.Fence;
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
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/** The heads of parked keys, with the real table, timers and mailbox of a lane, in virtual time and on one thread. */
class ParkedHeadsTest implements Handling {

    private static final TopicPartition PARTITION = new TopicPartition("orders", 0);

    private final Keys keys = new Keys();
    private final Mailbox mailbox = new Mailbox(new LaneSignal());
    private final Owned owned = new Owned(false);
    private final Window window = new Window(64);
    private final Budget budget = new Budget(1 << 20, 1);
    private final QueuedCrew forcer = new QueuedCrew();
    private boolean isDiskGood = true;
    private final SimParking parking = new SimParking(new SplittableRandom(1), () -> isDiskGood);
    private final ParkedKeys parkedKeys = new ParkedKeys("test", parking, shard -> true, owned, forcer, 2);
    private final Gate gate = new HandlerGate("test", Brakes.OFF, () -> 0).lane(() -> {});
    private final Admission admission = new Admission("test", this, Applied.NOTHING);
    private final LaneKeys lane = new LaneKeys(
            "test",
            this,
            policy(),
            gate,
            new HandlerPause(),
            admission,
            keys,
            parkedKeys,
            mailbox,
            new SplittableRandom(1),
            (attempt, verdicts) -> {});
    private final Recovery recovery = lane.recovery;
    private final Takeover takeover = lane.takeover;
    private final QueuedCrew crew = new QueuedCrew();
    private final ArrayDeque<Runnable> threads = crew.tasks;
    private final LaneWatch watch = new LaneWatch("test", Duration.ofSeconds(10));
    private final ParkedHeads heads = new ParkedHeads(
            "test",
            this,
            admission,
            gate,
            new HandlerCall("test", this, new AtomicReference<>()),
            lane,
            mailbox,
            watch,
            crew);

    private final Map<String, Verdict> answers = new HashMap<>();
    private final List<String> attempts = new ArrayList<>();
    private final Set<String> hangs = new HashSet<>();
    private final List<Attempt> hanging = new ArrayList<>();
    private long now = 1_000;
    private long position;

    @BeforeEach
    void assign() {
        owned.assigned(PARTITION, window.fence());
    }

    @Nested
    class AParkedHead {

        @Test
        void s10_isAttemptedOnOtherThreadsWhenItIsDue() {
            park("k", "1");

            turn();
            assertThat(threads).as("not due").isEmpty();

            passes(Duration.ofSeconds(2));
            turn();
            assertThat(attempts).as("nothing runs on the lane").isEmpty();
            assertThat(threads).hasSize(1);

            threads.remove().run();
            assertThat(attempts).containsExactly("1");
            assertThat(keys.size()).as("its end waits in the mailbox").isOne();

            turn();
            assertThat(keys.size()).as("the key is idle again").isZero();
            assertThat(recovery.blockedKeys()).isEmpty();
        }

        @Test
        void isFollowedByTheNextOneOfItsKeyAtOnce() {
            park("k", "1");
            queue("k", "2");
            queue("k", "3");

            passes(Duration.ofSeconds(2));
            runAll();

            assertThat(attempts).containsExactly("1", "2", "3");
            assertThat(keys.size()).isZero();
        }

        @Test
        void isSaidToBeFirstInLineUntilItsFirstAttemptHasFailed() {
            park("k", "1");
            queue("k", "2");
            passes(Duration.ofSeconds(2));
            turn();
            threads.remove().run();

            turn(); // the first one is done

            assertThat(recovery.blockedKeys()).singleElement().satisfies(blocked -> {
                assertThat(blocked.event()).contains("id=2");
                assertThat(blocked.code()).isEqualTo("first.in.line");
                assertThat(blocked.reason()).contains("no failed attempt at it is on record");
                assertThat(blocked.attempts()).isZero();
            });
        }

        @Test
        void waitsForItsPauseWhenItFailsAgain() {
            park("k", "1");
            answers.put("1", new Verdict.Failed("broken", "on purpose", null, null));

            passes(Duration.ofSeconds(2));
            runAll();
            runAll();
            assertThat(attempts).containsExactly("1");
            assertThat(recovery.blockedKeys()).singleElement().satisfies(blocked -> {
                assertThat(blocked.code()).isEqualTo("broken");
                assertThat(blocked.attempts()).isEqualTo(2);
            });

            passes(Duration.ofSeconds(2));
            runAll();
            assertThat(attempts).containsExactly("1", "1");
        }

        @Test
        void s12_staysInFrontOfWhatComesWhileItIsAttempted() {
            park("k", "1");
            passes(Duration.ofSeconds(2));
            turn();

            queue("k", "2"); // while the attempt at the last one runs
            runAll();

            assertThat(attempts).containsExactly("1", "2");
            assertThat(lane.batches.isEmpty()).isTrue();
        }

        @Test
        void s13_waitsForItsPartition() {
            window.fence().fence();
            park("k", "1", false);

            passes(Duration.ofSeconds(2));
            runAll();
            assertThat(attempts).isEmpty();

            owned.assigned(PARTITION, new Fence());
            parkedKeys.onAssigned();
            runAll();
            assertThat(attempts).containsExactly("1");
        }

        @Test
        void s13_isWaitedForWhenItsPartitionGoes() {
            park("k", "1");
            passes(Duration.ofSeconds(2));
            turn();
            window.fence().fence();
            assertThat(window.fence().isIdle()).isFalse();

            runAll();
            assertThat(window.fence().isIdle()).isTrue();
        }

        @Test
        void beginsOnlyWhileFewerThanAllowedRun() {
            park("a", "1");
            park("b", "2");
            park("c", "3");

            passes(Duration.ofSeconds(2));
            turn();
            assertThat(threads).hasSize(2);

            threads.remove().run();
            turn();
            assertThat(threads).as("one ended, the third begins").hasSize(2);
        }
    }

    @Nested
    class AnAttemptThatHangs {

        @Test
        void l8_leavesTheOthersItsPlaceUntilItEnds() {
            park("a", "1");
            park("b", "2");
            hangs.addAll(List.of("1", "2"));
            passes(Duration.ofSeconds(2));
            runAll();
            park("c", "3");
            passes(Duration.ofSeconds(2));
            runAll();
            assertThat(attempts).as("as many as may").containsExactlyInAnyOrder("1", "2");

            late();
            runAll();
            assertThat(attempts).hasSize(3).endsWith("3");
            assertThat(keys.find("orders", "a").status).as("its key waits").isEqualTo(Status.BUSY);

            hanging.forEach(attempt -> attempt.complete(List.of(Verdict.DONE)));
            runAll();
            assertThat(keys.size()).isZero();
            assertThat(crew.grown).as("what it was lent it gives back").isZero();
        }

        @Test
        void s12_keepsItsKeyFromPeople() {
            parkDead("a", "1");
            hangs.add("1");
            var redriven = heads.redrive("orders", "a", 0);
            runAll();
            late();
            runAll();
            assertThat(answer(redriven)).isTrue();

            var again = heads.redrive("orders", "a", 0);
            turn();
            assertThat(answer(again)).isFalse();
        }

        private void late() {
            look();
            passes(Duration.ofSeconds(10));
            look();
            passes(Duration.ofSeconds(1));
            look();
        }

        private void look() {
            watch.look(now, attempt -> {});
        }
    }

    @Nested
    class APartitionThatComesAndGoes {

        private Parking.Parked parked() {
            return keys.find("orders", "k").required();
        }

        @Test
        void s12_takesItsParkedKeysAlongAndWhatComesGoesBehindThem() {
            park("k", "1");
            var before = parked();
            takeover.letGo(parked -> true);
            turn();
            assertThat(keys.size()).isZero();

            parking.failed(
                    before, new Parking.Failure(0, "", "", Duration.ofSeconds(1).toNanos()));
            var known = takeover.takeUp(List.of(before));
            assertThat(known).isNotDone();
            turn();
            assertThat(known).isDone();
            assertThat(recovery.blockedKeys())
                    .as("what its last owner knew of the head is lost")
                    .extracting(BlockedKey::code)
                    .containsExactly("first.in.line");
            queue("k", "2");
            passes(Duration.ofSeconds(2));
            runAll();

            assertThat(attempts).containsExactly("1", "2");
            assertThat(keys.size()).isZero();
        }

        @Test
        void s8_isWaitedForUntilTheHeadThatRanHasEnded() {
            park("k", "1");
            var before = parked();
            passes(Duration.ofSeconds(2));
            turn();
            assertThat(threads).hasSize(1);

            takeover.letGo(parked -> true);
            assertThat(takeover.takeUp(List.of(before))).isNotDone();
            passes(Duration.ofSeconds(2));
            turn();
            assertThat(threads).as("nothing beside the one that runs").hasSize(1);
            assertThat(keys.size()).isOne();

            threads.remove().run();
            turn();
            passes(Duration.ofSeconds(2));
            runAll();
            assertThat(attempts).as("what was marked would now be known").containsExactly("1", "1");
            assertThat(keys.size()).isZero();
        }

        @Test
        void s8_aKeyWhoseHeadRanWhenItWentIsFreeAfterItsEnd() {
            park("k", "1");
            passes(Duration.ofSeconds(2));
            turn();
            takeover.letGo(parked -> true);
            turn();
            assertThat(keys.size()).isOne();

            threads.remove().run();
            turn();
            assertThat(keys.size()).isZero();
            assertThat(recovery.blockedKeys()).isEmpty();
        }
    }

    @Nested
    class ACommand {

        @Test
        void redrivesADeadHead() {
            parkDead("k", "1");
            passes(Duration.ofDays(2));
            runAll();
            assertThat(attempts).isEmpty();

            var redriven = heads.redrive("orders", "k", 0);
            runAll();

            assertThat(answer(redriven)).isTrue();
            assertThat(attempts).containsExactly("1");
            assertThat(keys.size()).isZero();
        }

        @Test
        void isRefusedWhereTheHeadIsNotDead() {
            park("k", "1");

            var redriven = heads.redrive("orders", "k", 0);
            var skipped = heads.skip("orders", "k", 0, "me", "tired of it");
            var dropped = heads.drop("orders", "k", 0, "me", "tired of it");
            turn();

            assertThat(answer(redriven)).isFalse();
            assertThat(answer(skipped)).isFalse();
            assertThat(answer(dropped)).isZero();
            assertThat(keys.size()).isOne();
        }

        @Test
        void s12_isRefusedWhileTheHeadIsAttempted() {
            parkDead("k", "1");
            var redriven = heads.redrive("orders", "k", 0);
            turn();
            assertThat(answer(redriven)).isTrue();
            assertThat(keys.find("orders", "k").status).isEqualTo(Status.BUSY);

            var again = heads.redrive("orders", "k", 0);
            turn();

            assertThat(answer(again)).isFalse();
            assertThat(threads).as("one run, not two").hasSize(1);
        }

        @Test
        void skipsTheHeadOnly() {
            parkDead("k", "1");
            queue("k", "2");

            var skipped = heads.skip("orders", "k", 0, "me", "tired of it");
            runAll();

            assertThat(answer(skipped)).isTrue();
            assertThat(attempts).containsExactly("2");
            assertThat(keys.size()).isZero();
        }

        @Test
        void dropsAllOfTheKey() {
            parkDead("k", "1");
            queue("k", "2");

            var dropped = heads.drop("orders", "k", 0, "me", "tired of it");
            runAll();

            assertThat(answer(dropped)).isEqualTo(2);
            assertThat(attempts).isEmpty();
            assertThat(keys.size()).isZero();
            assertThat(recovery.blockedKeys()).isEmpty();
        }

        @Test
        void isRefusedWhereNothingIsParked() {
            var redriven = heads.redrive("orders", "unknown", 0);
            turn();
            assertThat(answer(redriven)).isFalse();
        }
    }

    @Nested
    class WhileTheStoreForces {

        @Test
        void s10_theLaneGoesOnAndSettlesWhatWasForced() {
            park("a", "1");
            assertThat(force()).isEqualTo(1);
            park("b", "2");
            assertThat(force()).as("one at a time").isZero();
            assertThat(lowWaterMark())
                    .as("s11: nothing before it is on the disk")
                    .isNull();

            forcer.tasks.remove().run();
            assertThat(lowWaterMark()).as("by the lane only").isNull();
            mailbox.run(now);
            assertThat(lowWaterMark()).as("not what came meanwhile").isEqualTo(Position.of(0));

            force();
            forcer.tasks.remove().run();
            mailbox.run(now);
            assertThat(lowWaterMark()).isEqualTo(Position.of(1));
            assertThat(parkedKeys.isForcing(now)).isFalse();
        }

        @Test
        void s11_whatCouldNotBeForcedIsNotSettledAndForcedLater() {
            int refused = -1;
            while (parkedKeys.problem() == null) { // one force in some fails
                refused++;
                isDiskGood = true;
                park("k" + refused, "k" + refused);
                force();
                isDiskGood = false;
                forcer.tasks.remove().run();
                mailbox.run(now);
                window.advance();
            }
            var before = lowWaterMark();
            assertThat(force()).as("not at once").isZero();
            assertThat(parkedKeys.isForcing(now)).isFalse();
            assertThat(lowWaterMark()).isEqualTo(before);

            isDiskGood = true;
            passes(Duration.ofSeconds(1));
            assertThat(force()).isEqualTo(1);
            forcer.tasks.remove().run();
            mailbox.run(now);
            assertThat(lowWaterMark()).isEqualTo(Position.of(refused));
        }

        @Test
        void s11_anErrorOfTheStoreIsToldAndForcedAgain() {
            park("a", "1");
            force();
            parking.broken = new InternalError("a fault in a mapped page");
            forcer.tasks.remove().run();
            mailbox.run(now);
            assertThat(parkedKeys.problem()).contains("a fault in a mapped page");
            assertThat(lowWaterMark()).isNull();

            parking.broken = null;
            passes(Duration.ofSeconds(1));
            force();
            forcer.tasks.remove().run();
            mailbox.run(now);
            assertThat(lowWaterMark()).isEqualTo(Position.of(0));
        }

        private int force() {
            return parkedKeys.force(now, mailbox);
        }

        private Position lowWaterMark() {
            window.advance();
            return window.lowWaterMark();
        }
    }

    // --- what a lane does

    private void turn() {
        mailbox.run(now);
        recovery.due(now);
        heads.attempt(now);
        parkedKeys.force(now, mailbox);
        if (!forcer.tasks.isEmpty()) {
            forcer.tasks.remove().run();
            mailbox.run(now);
        }
    }

    /** Turns of the lane and of the other threads, until nothing moves. */
    private void runAll() {
        turn();
        while (!threads.isEmpty() || !mailbox.isEmpty()) {
            if (!threads.isEmpty()) {
                threads.remove().run();
            }
            turn();
        }
    }

    private void passes(Duration time) {
        now += time.toNanos();
    }

    private void park(String key, String id) {
        park(key, id, false);
    }

    private void parkDead(String key, String id) {
        park(key, id, true);
    }

    private void park(String key, String id, boolean isDead) {
        var state = keys.queue(event(key, id, window.fence().isFenced() ? new Window(64) : window));
        var verdict = isDead
                ? new Verdict.Rejected("rejected", "on purpose", null)
                : new Verdict.Failed("broken", "on purpose", null, null);
        recovery.failed(state, verdict, now);
        assertThat(state.parked).isNotNull();
    }

    private void queue(String key, String id) {
        var state = keys.find("orders", key);
        keys.queue(state, event(key, id, window));
        keys.dequeued(parkedKeys.append(state));
    }

    private InFlight event(String key, String id, Window of) {
        var at = Position.of(position++);
        var message = new Message("orders", key, Map.of("type", "t"), Map.of(), null);
        var received = new Received(PARTITION, at, message, Instant.EPOCH, null);
        var envelope =
                new Envelope(received, message, id, "test", "t", 1, key, 0, Delivery.Mode.LIVE, Instant.EPOCH, null);
        return new InFlight(envelope, of, of.enter(at), budget);
    }

    private static <T> T answer(Future<T> future) {
        try {
            return future.get(0, TimeUnit.SECONDS);
        } catch (Exception notYet) {
            throw new AssertionError(notYet);
        }
    }

    private static HandlerPolicy policy() {
        return new HandlerPolicy(
                "",
                1,
                1,
                false,
                List.of(),
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

    // --- the handler

    @Override
    public void attempt(Attempt attempt) {
        var event = attempt.events().get(0);
        attempts.add(event.id());
        if (hangs.remove(event.id())) {
            hanging.add(attempt);
            return;
        }
        attempt.complete(List.of(answers.getOrDefault(event.id(), Verdict.DONE)));
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
        return 1;
    }

    @Override
    public @Nullable String refusal(Envelope envelope) {
        return null;
    }
}
