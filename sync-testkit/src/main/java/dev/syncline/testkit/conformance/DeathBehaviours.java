package dev.syncline.testkit.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.syncline.api.BrokerException;
import dev.syncline.spi.Subscription;
import dev.syncline.spi.Subscription.Start;
import java.time.Duration;
import java.util.Set;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;

/**
 * A consumer that is polled no more: its process was killed, or it hangs and comes back as a zombie. Where partitions
 * do not move there is one process only, and its end is the server's: see {@link ServerAwayBehaviours}.
 */
abstract class DeathBehaviours extends Behaviours {

    /** What a takeover may take longer than the fixture says, on a busy machine. */
    private static final Duration SLACK = Duration.ofSeconds(10);

    DeathBehaviours(Supplier<BrokerFixture> open) {
        super(open);
    }

    @Test
    void l2_unacknowledgedMessagesOfADeadConsumerReachTheNext() {
        var topic = bench.topic(2);
        var group = bench.group();
        var messages = Messages.overKeys(topic, 8, 40);
        bench.producer().sendAll(messages);
        var dead = bench.consumer(group, topic);
        dead.take(40);
        dead.abandon();

        var next = bench.consumer(group, topic);
        if (isRefused(next, group)) {
            return;
        }

        untilTakenOver(next, 2);
        assertThat(Messages.ids(next.take(40))).containsExactlyInAnyOrderElementsOf(Messages.idsOf(messages));
    }

    @Test
    void s9_acknowledgementsOfADeadConsumerCount() {
        var topic = bench.topic(1);
        var group = bench.group();
        bench.producer().sendAll(Messages.texts(topic, "k", 10));
        var dead = bench.consumer(group, topic);
        dead.acknowledge(dead.take(10).get(5), "by the dead");
        dead.abandon();

        var next = bench.consumer(group, topic);
        if (isRefused(next, group)) {
            return;
        }

        untilTakenOver(next, 1);
        assertThat(Messages.ids(next.take(4))).containsExactly("k#6", "k#7", "k#8", "k#9");
        assertThat(next.assignments.values())
                .allSatisfy(assigned -> assertThat(assigned.metadata()).isEqualTo("by the dead"));
    }

    /** On failure look for a commit that is not bound to the assignment under which the message was delivered. */
    @Test
    void s13_acknowledgementOfALostOwnerHasNoEffect() {
        var topic = bench.topic(1);
        var group = bench.group();
        bench.producer().sendAll(Messages.texts(topic, "k", 10));
        var zombie = bench.consumer(group, topic);
        zombie.take(10);
        var owner = bench.consumer(group, topic);
        if (isRefused(owner, group)) {
            return;
        }
        untilTakenOver(owner, 1);
        owner.acknowledge(owner.take(10).get(2));

        var confirmed = zombie.raw().acknowledgeNow(zombie.delivered(zombie.owned), Duration.ofSeconds(5));

        assertThat(confirmed).as("the zombie's acknowledgement was confirmed").isFalse();
        bench.until("the zombie is told that it lost", () -> !zombie.lost.isEmpty(), zombie);
        zombie.close();
        owner.close();
        var next = bench.consumer(group, topic);
        assertThat(Messages.ids(next.take(7))).startsWith("k#3");
    }

    /** Also what was fetched before is not delivered any more. */
    @Test
    void s13_lostOwnerIsToldBeforeItGetsAnythingElse() {
        var topic = bench.topic(1);
        var group = bench.group();
        bench.producer().sendAll(Messages.texts(topic, "k", 50));
        var zombie = bench.consumer(new Subscription(group, Set.of(topic), Start.EARLIEST, "conformance", 5));
        zombie.take(5);
        int before = zombie.received.size();
        var owner = bench.consumer(group, topic);
        if (isRefused(owner, group)) {
            return;
        }
        untilTakenOver(owner, 1);
        owner.take(50);

        bench.until(
                "the zombie is told that it lost",
                () -> {
                    if (zombie.lost.isEmpty()) {
                        assertThat(zombie.received)
                                .as("delivered to a consumer that lost its partition")
                                .hasSize(before);
                    }
                    return !zombie.lost.isEmpty();
                },
                zombie);
    }

    private void untilTakenOver(ConformanceConsumer next, int partitions) {
        ConformanceConsumer.until(
                bench.fixture.takeover().plus(SLACK),
                "the partitions went to the next",
                () -> next.owned.size() == partitions,
                next);
    }

    private boolean isRefused(ConformanceConsumer second, String group) {
        if (bench.capabilities().rebalances()) {
            return false;
        }
        assertThatThrownBy(second::poll)
                .isInstanceOf(BrokerException.class)
                .hasMessageContaining(group)
                .matches(thrown -> !((BrokerException) thrown).isRetryable(), "refused");
        return true;
    }
}
