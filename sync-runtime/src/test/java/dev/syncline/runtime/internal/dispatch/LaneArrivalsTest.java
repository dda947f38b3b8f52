package dev.syncline.runtime.internal.dispatch;

import static org.assertj.core.api.Assertions.assertThat;

import dev.syncline.runtime.internal.dispatch.Applied.Answer;
import dev.syncline.runtime.internal.dispatch.KeyState.Status;
import dev.syncline.runtime.internal.settle.Window;
import org.junit.jupiter.api.Test;

/** An event that comes from the ring. */
class LaneArrivalsTest {

    private final LaneParts lane = new LaneParts(1);

    @Test
    void ofAnIdleKeyIsAttemptedAtOnceWithoutTouchingTheTable() {
        lane.duringCall = () -> assertThat(lane.table.size()).isZero();

        lane.arrives("a", "1");

        assertThat(lane.attempts).containsExactly("1");
        assertThat(lane.noted).containsExactly("1");
        assertThat(lane.settled()).isEqualTo(1);
        assertThat(lane.budget.events()).isZero();
        assertThat(lane.window.fence().isIdle()).isTrue();
    }

    @Test
    void s7_goesBehindTheHeadOfItsKey() {
        lane.verdicts.put("1", LaneParts.FAILED);
        lane.arrives("a", "1");
        lane.arrives("a", "2");

        assertThat(lane.attempts).containsExactly("1");
        assertThat(lane.key("a").status).isEqualTo(Status.HELD);
        assertThat(lane.key("a").events).hasSize(2);
        assertThat(lane.settled()).isZero();
    }

    @Test
    void s8_goesBehindAnAttemptThatEndsLater() {
        lane.later.add("1");
        lane.arrives("a", "1");
        lane.arrives("a", "2");

        assertThat(lane.key("a").status).isEqualTo(Status.BUSY);
        assertThat(lane.attempts).containsExactly("1");
    }

    @Test
    void s13_ofAPartitionThatIsGoneIsLetGo() {
        var gone = new Window(8);
        var event = lane.event("a", "1", gone);
        gone.fence().fence();

        lane.arrivals.accept(event, 0);

        assertThat(lane.attempts).isEmpty();
        assertThat(lane.budget.events()).isZero();
        assertThat(gone.fence().isIdle()).isTrue();
    }

    @Test
    void s13_whosePartitionGoesWhileItFailsIsLetGo() {
        lane.verdicts.put("1", LaneParts.FAILED);
        lane.duringCall = lane.window.fence()::fence;

        lane.arrives("a", "1");

        assertThat(lane.table.size()).isZero();
        assertThat(lane.budget.events()).isZero();
    }

    @Test
    void s27_thatWasAppliedIsSettledWithoutAnAttempt() {
        lane.known.put("1", Answer.DUPLICATE);

        lane.arrives("a", "1");

        assertThat(lane.attempts).isEmpty();
        assertThat(lane.settled()).isEqualTo(1);
    }

    @Test
    void s13_thatIsAnothersNowIsNotSettled() {
        lane.known.put("1", Answer.GONE);

        lane.arrives("a", "1");

        assertThat(lane.settled()).isZero();
        assertThat(lane.budget.events()).isZero();
    }

    @Test
    void input46_underAnIdOfAnotherIsParked() {
        lane.known.put("1", Answer.CONFLICT);

        lane.arrives("a", "1");

        assertThat(lane.attempts).isEmpty();
        assertThat(lane.keys.recovery.blockedKeys())
                .singleElement()
                .satisfies(blocked -> assertThat(blocked.code()).isEqualTo("id.conflict"));
    }

    @Test
    void ofAMethodThatTakesAListWaitsForItsBatch() {
        var lists = new LaneParts(4);
        lists.arrives("a", "1");
        lists.arrives("b", "2");
        assertThat(lists.attempts).isEmpty();

        lists.attemptReady(0);

        assertThat(lists.attempts).containsExactly("12");
        assertThat(lists.settled()).isEqualTo(2);
    }
}
