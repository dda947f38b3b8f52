package dev.syncline.testkit.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.syncline.api.EventType.Kind;
import dev.syncline.runtime.internal.dispatch.Applied;
import dev.syncline.runtime.internal.dispatch.Applied.Answer;
import dev.syncline.runtime.internal.envelope.EnvelopeReader;
import dev.syncline.runtime.internal.inbox.InboxAlarms;
import dev.syncline.runtime.internal.inbox.InboxSettings;
import dev.syncline.runtime.internal.park.ParkAlarms;
import dev.syncline.runtime.internal.settle.Fence;
import dev.syncline.runtime.internal.shared.SharedState;
import dev.syncline.runtime.internal.turns.Turns;
import dev.syncline.spi.StateStore;
import dev.syncline.spi.TopicPartition;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The same rules over a store that several instances share. */
public abstract class SharedAppliedConformance extends AppliedConformance {

    private final String group = "group-" + UUID.randomUUID();
    private final List<SharedState> states = new ArrayList<>();
    private final List<List<Fence>> fences = new ArrayList<>();
    private final List<StateStore> stores = new ArrayList<>();

    /** Makes the suite; JUnit does. */
    protected SharedAppliedConformance() {}

    /** A further client of the one store. Closed by the suite. */
    protected abstract StateStore openStore();

    @Override
    protected Applied open() {
        return reopen();
    }

    /** Another process takes all partitions, whatever the first one does. */
    @Override
    protected Applied reopen() {
        var store = openStore();
        stores.add(store);
        var state = new SharedState(
                new SharedState.Of("shop", group, "default", "a test"),
                store,
                InboxSettings.defaults(),
                new Nobody(),
                new Nobody(),
                new EnvelopeReader(InstantSource.system(), 1 << 20),
                InstantSource.system(),
                Turns.threads(),
                "shared-applied-test");
        states.add(state);
        var ofState = new ArrayList<Fence>();
        fences.add(ofState);
        for (int i = 0; i < PARTITIONS; i++) {
            var fence = new Fence();
            ofState.add(fence);
            take(state, new TopicPartition(TOPIC, i), fence);
        }
        return state;
    }

    private static void take(SharedState state, TopicPartition partition, Fence fence) {
        state.open(partition, fence, false, () -> {});
        await().atMost(Duration.ofSeconds(20)).until(() -> state.isOpen(partition));
    }

    @Test
    void s13_whoLostThePartitionNotesNothingAndItsFenceComesDown() {
        var zombie = states.get(0);
        var event = arrival(7);
        assertThat(zombie.ask(event, Kind.STATE)).isEqualTo(Answer.APPLY);
        var owner = reopen();

        assertThat(zombie.done(event, Kind.STATE)).isFalse();

        assertThat(owner.ask(arrival(7), Kind.STATE))
                .as("what the zombie did is the owner's to do")
                .isEqualTo(Answer.APPLY);
        var partition = event.received().partition();
        assertThat(fences.get(0).get(partition.partition()).isFenced()).isTrue();
        assertThat(zombie.isStolen(partition)).isTrue();
        assertThat(zombie.isOpen(partition)).isFalse();
        assertThat(zombie.isOpen(new TopicPartition(TOPIC, 1)))
                .as("others are not asked yet")
                .isTrue();
        assertThat(zombie.ask(arrival(8), Kind.STATE)).isEqualTo(Answer.GONE);
    }

    /** It was meant for a handler that ended a moment before: the event must not be let go for it. */
    @Test
    void l8_aLateInterruptionIsKeptAndTheMarkIsMadeAllTheSame() {
        var state = states.get(0);
        var event = arrival(7);
        state.ask(event, Kind.STATE);

        Thread.currentThread().interrupt();
        boolean isDone = state.done(event, Kind.STATE);

        assertThat(Thread.interrupted()).as("kept for the caller").isTrue();
        assertThat(isDone).isTrue();
        assertThat(state.ask(arrival(7), Kind.STATE)).isEqualTo(Answer.DUPLICATE);
    }

    @Test
    void s13_whatIsGoneIsLetGo() {
        var state = states.get(0);
        var event = arrival(7);
        state.ask(event, Kind.STATE);
        fences.get(0).forEach(Fence::fence);
        state.close(List.of(event.received().partition()));

        assertThat(state.done(event, Kind.STATE)).isFalse();
        assertThat(state.ask(event, Kind.STATE)).isEqualTo(Answer.GONE);
    }

    /** A lease ran out while its attempt ran. */
    @Test
    void s6_whatEndsAfterItsPartitionWentIsMarkedWhereNobodyElseHasTakenIt() {
        var state = states.get(0);
        var event = arrival(7);
        var partition = event.received().partition();
        var fence = fences.get(0).get(partition.partition());
        state.ask(event, Kind.STATE);
        assertThat(fence.begin()).isTrue();
        fence.fence();
        state.close(List.of(partition));

        assertThat(state.done(event, Kind.STATE)).as("ours to settle").isFalse();
        fence.end();

        assertThat(reopen().ask(arrival(7), Kind.STATE)).isEqualTo(Answer.DUPLICATE);
    }

    @Test
    void s6_whoAppliedWhatItCouldNotMarkDoesNotApplyItAgain() {
        var state = states.get(0);
        var event = arrival(7);
        var partition = event.received().partition();
        assertThat(state.ask(event, Kind.STATE)).isEqualTo(Answer.APPLY);
        reopen();
        assertThat(state.done(event, Kind.STATE)).isFalse();
        state.close(List.of(partition));

        take(state, partition, new Fence());

        assertThat(state.ask(arrival(7), Kind.STATE)).isEqualTo(Answer.DUPLICATE);
        assertThat(state.ask(arrival(8), Kind.STATE)).isEqualTo(Answer.APPLY);
        assertThat(reopen().ask(arrival(7), Kind.STATE))
                .as("the store was told with the first occasion")
                .isEqualTo(Answer.DUPLICATE);
    }

    @AfterEach
    void closeAll() {
        states.forEach(SharedState::close);
        assertThat(stores).isNotEmpty();
        stores.get(0).forget(group, Duration.ofSeconds(20));
        stores.forEach(StateStore::close);
    }

    private static final class Nobody implements InboxAlarms, ParkAlarms {

        @Override
        public void onDamaged(Path putAside, String why) {
            throw new AssertionError(why);
        }

        @Override
        public void onDamaged(long index, String why) {
            throw new AssertionError(why);
        }

        @Override
        public void onSecondOrigin(String topic, String key, String origin) {}
    }
}
