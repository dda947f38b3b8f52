package dev.syncline.runtime.internal.dispatch;

import static org.assertj.core.api.Assertions.assertThat;

import dev.syncline.runtime.internal.dispatch.KeyState.Status;
import dev.syncline.runtime.internal.handling.Verdict;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** What becomes of keys that are not idle. */
class LaneKeysTest {

    private static final long LATER = TimeUnit.SECONDS.toNanos(10);

    private final LaneParts lane = new LaneParts(1);

    private void due(long now) {
        lane.keys.recovery.due(now);
        lane.attemptReady(now);
    }

    @Test
    void s7_aHeadThatFailedIsAttemptedAgainBeforeWhatIsBehindIt() {
        lane.verdicts.put("1", LaneParts.FAILED);
        lane.arrives("a", "1");
        lane.arrives("a", "2");
        lane.verdicts.clear();

        due(LATER);
        lane.attemptReady(LATER);

        assertThat(lane.attempts).containsExactly("1", "1", "2");
        assertThat(lane.settled()).isEqualTo(2);
        assertThat(lane.table.size()).as("idle again").isZero();
    }

    @Test
    void s11_aHeadWhoseAttemptsInPlaceAreSpentIsParkedAndSettledOnceItIsForced() {
        lane.verdicts.put("1", LaneParts.FAILED);
        lane.arrives("a", "1");
        lane.arrives("a", "2");

        due(LATER);

        assertThat(lane.key("a").status).isEqualTo(Status.PARKED);
        assertThat(lane.table.queued()).as("both left memory").isZero();
        assertThat(lane.settled()).isZero();
        lane.keys.parked.force(LATER, lane.mailbox);
        lane.forcer.tasks.remove().run();
        lane.mailbox.run(LATER);
        assertThat(lane.settled()).isEqualTo(2);
    }

    @Test
    void s10_aListThatFailsAsOneIsHalvedUntilWhatFailsStandsAlone() {
        var lists = new LaneParts(4);
        lists.verdicts.put("3", LaneParts.FAILED);
        for (int i = 1; i <= 4; i++) {
            lists.arrives("k" + i, "" + i);
        }

        for (int i = 0; i < 10; i++) {
            lists.attemptReady(0);
        }

        assertThat(lists.attempts).containsExactly("1234", "12", "34", "3", "4");
        assertThat(lists.key("k3").status).isEqualTo(Status.HELD);
        assertThat(lists.key("k3").failures).as("an attempt of its own").isEqualTo(1);
        assertThat(lists.table.size()).isEqualTo(1);
        assertThat(lists.noted).containsExactly("1", "2", "4");
    }

    @Test
    void s13_aKeyWhosePartitionGoesIsIdleAgainButForWhatRuns() {
        lane.later.add("1");
        lane.arrives("a", "1");
        lane.verdicts.put("2", LaneParts.FAILED);
        lane.keys.recovery.failed(lane.table.queue(lane.event("b", "2")), LaneParts.FAILED, 0);
        lane.window.fence().fence();

        lane.keys.dropFenced(0);
        assertThat(lane.key("b")).isNull();
        assertThat(lane.key("a").status).isEqualTo(Status.BUSY);

        lane.verdicts.put("1", LaneParts.FAILED);
        lane.complete(lane.running.get(0));
        lane.mailbox.run(0);
        assertThat(lane.table.size()).isZero();
        assertThat(lane.budget.events()).isZero();
    }

    @Test
    void aRejectedHeadIsADeadLetterAndItsSuccessorsWaitBehindIt() {
        lane.verdicts.put("1", new Verdict.Rejected("rejected", "no", null));
        lane.arrives("a", "1");
        lane.arrives("a", "2");

        due(LATER);

        assertThat(lane.attempts).containsExactly("1");
        assertThat(lane.key("a").required().failure().isDead()).isTrue();
        assertThat(lane.key("a").required().size()).isEqualTo(2);
    }
}
