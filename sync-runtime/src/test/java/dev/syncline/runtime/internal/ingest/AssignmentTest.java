package dev.syncline.runtime.internal.ingest;

import static org.assertj.core.api.Assertions.assertThat;

import dev.syncline.api.Delivery;
import dev.syncline.api.EventType;
import dev.syncline.runtime.internal.dispatch.Applied;
import dev.syncline.runtime.internal.dispatch.HandlerGate;
import dev.syncline.runtime.internal.dispatch.Lanes;
import dev.syncline.runtime.internal.dispatch.Parking;
import dev.syncline.runtime.internal.envelope.Envelope;
import dev.syncline.runtime.internal.handling.Attempt;
import dev.syncline.runtime.internal.handling.Handling;
import dev.syncline.runtime.internal.log.StoreLives;
import dev.syncline.runtime.internal.settle.Budget;
import dev.syncline.runtime.internal.turns.Turns;
import dev.syncline.runtime.internal.wiring.Brakes;
import dev.syncline.runtime.internal.wiring.HandlerPolicy;
import dev.syncline.runtime.internal.wiring.Reactions;
import dev.syncline.spi.Message;
import dev.syncline.spi.Position;
import dev.syncline.spi.Received;
import dev.syncline.spi.Subscription;
import dev.syncline.spi.TopicPartition;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Partitions that come and go, and what others are told of them. Nothing is handled here: the lanes have no threads. */
class AssignmentTest implements Handling {

    private static final TopicPartition ONE = new TopicPartition("topic", 1);
    private static final TopicPartition TWO = new TopicPartition("topic", 2);

    private final AtomicLong nanos = new AtomicLong();
    private final ScriptedBroker broker = new ScriptedBroker();
    private final ScriptedGate gate = new ScriptedGate();
    private final Budget budget = new Budget(1 << 20, 1);
    private final Lanes lanes = new Lanes(
            "assignment-test",
            "test",
            this,
            policy(),
            new HandlerGate("test", Brakes.OFF, nanos::get),
            Applied.NOTHING,
            Parking.none(),
            false,
            Turns.threads());
    private final Assignment assignment = new Assignment(
            "test",
            lanes,
            4,
            new StoreMark("ours", Set.of(), StoreLives.ONE),
            gate,
            new LookedAtTurns(() -> nanos.addAndGet(1_000_000)),
            listener -> broker.consumer(
                    new Subscription("group", Set.of("topic"), Subscription.Start.EARLIEST, "member", 10), listener));
    private final Lookout lookout = new Lookout(assignment, budget, 0);

    private void poll() {
        assignment.consumer().poll(Duration.ZERO, received -> {});
    }

    private PartitionIntake assigned(TopicPartition partition, @Nullable Position position, String metadata) {
        broker.assign(partition, position, metadata);
        poll();
        return assignment.find(partition);
    }

    private static void handle(PartitionIntake intake, long position) {
        intake.window.settle(intake.window.enter(Position.of(position)));
    }

    private static Envelope event(TopicPartition partition) {
        var message = new Message("topic", "k", Map.of(), Map.of(), null);
        var received = new Received(partition, Position.of(1), message, Instant.EPOCH, null);
        return new Envelope(received, message, "1", "s", "t", 1, "k", 0, Delivery.Mode.LIVE, Instant.EPOCH, null);
    }

    @Test
    void isReadOnceItsGateIsOpen() {
        gate.isShut = true;
        var intake = assigned(ONE, null, "");
        assertThat(intake.isOpen).isFalse();
        assertThat(broker.paused).containsExactly(ONE);

        gate.isShut = false;
        assignment.openGates(0);
        assignment.pauseAndResume();

        assertThat(intake.isOpen).isTrue();
        assertThat(broker.paused).isEmpty();
    }

    @Test
    void s13_ofAnotherStoreIsNotReadAndHealthSaysWhatToDo() {
        var intake = assigned(ONE, Position.of(3), "syncline/1 store=anothers");

        assertThat(intake.isOpen).isFalse();
        assertThat(broker.paused).containsExactly(ONE);
        lookout.onAnswer(0, 0);
        assertThat(lookout.status().problems()).singleElement().asString().contains("handlers.test.adopt=anothers");
    }

    @Test
    void s9_isAcknowledgedUpToWhatIsSettledWithoutAGap() {
        var intake = assigned(ONE, null, "");
        handle(intake, 0);
        long open = intake.window.enter(Position.of(1));
        handle(intake, 2);

        assertThat(assignment.advance()).isFalse();
        assignment.acknowledge();
        assertThat(broker.acknowledged(ONE)).isZero();

        intake.window.settle(open);
        assertThat(assignment.advance()).isTrue();
        assignment.acknowledge();
        assertThat(broker.acknowledged(ONE)).isEqualTo(2);
    }

    @Test
    void s13_isAcknowledgedWhenItIsRevokedAndNotWhenItIsLost() {
        handle(assigned(ONE, null, ""), 0);
        handle(assigned(TWO, null, ""), 0);
        var fences = assignment.partitions().stream()
                .map(intake -> intake.window.fence())
                .toList();

        broker.revoke(ONE);
        broker.lose(TWO);
        poll();

        assertThat(broker.acknowledged).containsOnlyKeys(ONE);
        assertThat(assignment.partitions()).isEmpty();
        assertThat(fences).allMatch(fence -> fence.isFenced());
    }

    @Test
    void whatWasCarriedGoesWithItsPartition() {
        assignment.carry(assigned(ONE, null, ""), event(ONE));
        assignment.carry(assigned(TWO, null, ""), event(TWO));
        assertThat(assignment.carried()).isEqualTo(2);

        broker.lose(ONE);
        poll();
        assertThat(assignment.carried()).isEqualTo(1);

        assignment.stop();
        assertThat(assignment.carried()).isZero();
        assignment.pauseAndResume();
        assertThat(broker.paused).contains(TWO);
    }

    @Test
    void s23_isGivenUpAtTheEndWithAllThatIsDoneAcknowledged() {
        handle(assigned(ONE, null, ""), 5);
        assignment.stop();
        assignment.fence();
        assertThat(assignment.awaitIdle(Long.MAX_VALUE)).isTrue();

        assignment.finish();

        assertThat(broker.acknowledged(ONE)).isEqualTo(5);
        assertThat(broker.isClosed).isTrue();
    }

    @Test
    void aLookThatWasAskedForIsOneThatBeganAfterTheAsking() {
        long asked = lookout.ask();
        assertThat(lookout.isAsked()).isTrue();
        lookout.onAnswer(0, asked - 1);
        assertThat(lookout.status().look()).as("that one began before").isLessThan(asked);

        lookout.onAnswer(1, lookout.asked());

        assertThat(lookout.status().look()).isEqualTo(asked);
        assertThat(lookout.isAsked()).isFalse();
    }

    @Test
    void s18_lagIsUnknownWhileTheBrokerIsAway() {
        assigned(ONE, null, "");
        lookout.onAnswer(0, 0);

        lookout.onFailure(new IllegalStateException("nobody answers"));

        assertThat(lookout.status().lag()).isNegative();
        assertThat(lookout.status().problems()).containsExactly("nobody answers");
        lookout.onAnswer(Duration.ofSeconds(1).toNanos(), 0);
        assertThat(lookout.status().problems()).isEmpty();
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
                Duration.ZERO,
                Brakes.OFF,
                Reactions.BUILT_IN,
                Set.of(Delivery.Mode.values()),
                false,
                Set.of(),
                4,
                1 << 20);
    }

    @Override
    public int route(Envelope envelope) {
        return 0;
    }

    @Override
    public EventType.Kind kind(Envelope envelope) {
        return EventType.Kind.STATE;
    }

    @Override
    public int batchSize(int route) {
        return 1;
    }

    @Override
    public @Nullable String refusal(Envelope envelope) {
        return null;
    }

    @Override
    public void attempt(Attempt attempt) {
        throw new AssertionError("nothing is handled here");
    }
}
