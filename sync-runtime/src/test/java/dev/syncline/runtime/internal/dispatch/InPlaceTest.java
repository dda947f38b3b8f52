package dev.syncline.runtime.internal.dispatch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.syncline.runtime.internal.dispatch.KeyState.Status;
import dev.syncline.runtime.internal.handling.Verdict;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Attempts on a lane's own thread. */
class InPlaceTest {

    private static final long NOW = 1_000;

    private final LaneParts lane = new LaneParts(1);

    @Test
    void thatEndsDuringItsCallLeavesTheLaneFreeAndTheMailboxAlone() {
        lane.arrives("a", "1");

        assertThat(lane.inPlace.isFree()).isTrue();
        assertThat(lane.mailbox.isEmpty()).isTrue();
    }

    @Test
    void thatEndsLaterOccupiesTheLaneUntilItsEndComesByTheMailbox() {
        lane.later.add("1");
        lane.arrives("a", "1");
        assertThat(lane.inPlace.isFree()).isFalse();

        lane.complete(lane.running.get(0));
        assertThat(lane.settled()).as("not on the thread that completes it").isZero();
        lane.mailbox.run(NOW);

        assertThat(lane.inPlace.isFree()).isTrue();
        assertThat(lane.settled()).isEqualTo(1);
        assertThat(lane.table.size()).isZero();
    }

    @Test
    void thatEndsTwiceEndsOnce() {
        lane.later.add("1");
        lane.arrives("a", "1");
        var attempt = lane.running.get(0);

        assertThat(attempt.complete(List.of(Verdict.DONE))).isTrue();
        assertThat(attempt.complete(List.of(LaneParts.FAILED))).isFalse();

        assertThat(lane.mailbox.run(NOW)).isEqualTo(1);
        assertThat(lane.settled()).isEqualTo(1);
    }

    /** A stage of an earlier attempt that is completed by the handler of a later one: on this thread, but not inline. */
    @Test
    void thatEndsDuringTheCallOfAnotherOneGoesByTheMailbox() {
        lane.later.add("1");
        lane.arrives("a", "1");
        var first = lane.running.get(0);
        lane.inPlace.leaveBehindSoon(first);
        lane.mailbox.run(NOW);
        lane.duringCall = () -> lane.complete(first);

        lane.arrives("b", "2");

        assertThat(lane.noted).containsExactly("2");
        assertThat(lane.key("a").status).isEqualTo(Status.BUSY);
        lane.mailbox.run(NOW);
        assertThat(lane.noted).containsExactly("2", "1");
    }

    @Test
    void l8_thatIsLeftBehindInItsCallEndsTheLanesThreadAndKeepsItsKey() {
        lane.duringCall = () -> {
            look(Duration.ZERO);
            look(Duration.ofSeconds(10));
            look(Duration.ofSeconds(12));
        };
        lane.later.add("1");

        assertThatThrownBy(() -> lane.arrives("a", "1")).isInstanceOf(LeftBehind.class);
        assertThat(lane.key("a").status).isEqualTo(Status.BUSY);
        assertThat(lane.inPlace.isFree()).isTrue();

        lane.complete(lane.running.get(0));
        lane.mailbox.run(NOW);
        assertThat(lane.settled()).isEqualTo(1);
    }

    private void look(Duration at) {
        lane.watch.look(at.toNanos(), attempt -> {
            attempt.leaveBehind();
            lane.inPlace.onLeftBehind(attempt);
        });
    }

    @Test
    void l8_thatAnswersWithAStageAndIsLeftBehindMakesRoomForOthers() {
        lane.later.add("1");
        lane.arrives("a", "1");
        lane.inPlace.leaveBehindSoon(lane.running.get(0));
        lane.mailbox.run(NOW);
        assertThat(lane.inPlace.isFree()).isTrue();

        lane.arrives("b", "2");
        lane.complete(lane.running.get(0));
        lane.mailbox.run(NOW);

        assertThat(lane.noted).containsExactly("2", "1");
        assertThat(lane.settled()).isEqualTo(2);
    }
}
