package dev.syncline.broker.kafka;

import static org.assertj.core.api.Assertions.assertThat;

import dev.syncline.api.BrokerException;
import dev.syncline.spi.Message;
import dev.syncline.spi.Position;
import dev.syncline.spi.SendResult;
import dev.syncline.spi.SendResult.Failed;
import dev.syncline.spi.SendResult.NotAttempted;
import dev.syncline.spi.SendResult.Sent;
import dev.syncline.spi.TopicPartition;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

@StartsThreads
class SendLaneTest {

    private static final TopicPartition PARTITION = new TopicPartition("t", 0);
    private final BrokerException refused = BrokerException.refused("too large", null);
    private final BrokerException unknown = BrokerException.retryable("no answer", null);

    private final SendLane lane = new SendLane();
    private final SendResults results = new SendResults();
    private final List<String> told = new ArrayList<>();
    private int messages;

    @Test
    void firstMessageGoesAlone() {
        add(5);

        assertThat(handOver()).hasSize(1);
        assertThat(lane.next()).isNull();
    }

    @Test
    void windowGrowsByOneWithEachConfirmed() {
        add(20);
        var first = handOver();

        confirm(first);
        var second = handOver();
        confirm(second);
        var third = handOver();

        assertThat(second).hasSize(2);
        assertThat(third).hasSize(4);
    }

    @Test
    void resultsComeInOrderWhateverOrderTheAnswersHave() {
        var entries = underWay(4);

        lane.confirmed(entries.get(2), sent(2), results);
        lane.confirmed(entries.get(1), sent(1), results);
        assertThat(told()).isEmpty();
        lane.confirmed(entries.get(0), sent(0), results);
        lane.confirmed(entries.get(3), sent(3), results);

        assertThat(told()).containsExactly("0 Sent", "1 Sent", "2 Sent", "3 Sent");
    }

    @Test
    void s7_nothingIsHandedOverBehindARefusedMessage() {
        var entries = underWay(1);
        add(2);

        boolean hasFollowers = lane.failed(entries.get(0), refused, results);
        add(1);

        assertThat(hasFollowers).isFalse();
        assertThat(lane.next()).isNull();
        assertThat(told()).containsExactly("0 Failed", "1 NotAttempted", "2 NotAttempted", "3 NotAttempted");
    }

    /** The client refuses the third on the spot, while the broker has not answered the first two. */
    @Test
    void s7_failureBehindUnansweredMessagesWaitsForThem() {
        var entries = underWay(3);
        add(1);

        boolean hasFollowers = lane.failed(entries.get(2), refused, results);
        assertThat(lane.next()).isNull();
        assertThat(told()).isEmpty();
        lane.confirmed(entries.get(0), sent(0), results);
        lane.confirmed(entries.get(1), sent(1), results);

        assertThat(hasFollowers).isFalse();
        assertThat(told()).containsExactly("0 Sent", "1 Sent", "2 Failed", "3 NotAttempted");
    }

    /** Those under way behind it are out of sequence for the broker, so they have not arrived. */
    @Test
    void s7_followersOfARefusedMessageAreNotAttempted() {
        var entries = underWay(3);

        boolean hasFollowers = lane.failed(entries.get(0), refused, results);
        lane.failed(entries.get(1), unknown, results);
        lane.failed(entries.get(2), unknown, results);

        assertThat(hasFollowers).isTrue();
        assertThat(told()).containsExactly("0 Failed", "1 NotAttempted", "2 NotAttempted");
    }

    @Test
    void followersOfALostAnswerMayHaveArrived() {
        var entries = underWay(3);
        add(1);

        entries.forEach(entry -> lane.failed(entry, unknown, results));

        assertThat(told()).containsExactly("0 Failed", "1 Failed", "2 Failed", "3 NotAttempted");
    }

    @Test
    void messageGivenBackGoesFirst() {
        add(3);
        var first = lane.next();

        lane.giveBack(first);

        assertThat(lane.next()).isSameAs(first);
    }

    @Test
    void abandonedLaneAnswersEverything() {
        var entries = underWay(3);
        add(2);
        lane.confirmed(entries.get(1), sent(1), results);

        lane.abandon(unknown, results);

        assertThat(told()).containsExactly("0 Failed", "1 Sent", "2 Failed", "3 NotAttempted", "4 NotAttempted");
        assertThat(lane.next()).isNull();
    }

    @Test
    void haltedLaneWaitsForWhatIsUnderWay() {
        var entries = underWay(2);
        add(1);

        lane.halt(results);
        assertThat(told()).isEmpty();
        entries.forEach(entry -> lane.confirmed(entry, sent(0), results));

        assertThat(told()).containsExactly("0 Sent", "1 Sent", "2 NotAttempted");
    }

    private void add(int count) {
        for (int i = 0; i < count; i++) {
            int number = messages++;
            var message = new Message("t", "k", Map.of(), Map.of(), null);
            lane.add(new SendEntry(message, number, (index, result) -> told.add(index + " " + name(result))), results);
        }
    }

    private static String name(SendResult result) {
        if (result instanceof Sent) {
            return "Sent";
        } else if (result instanceof Failed) {
            return "Failed";
        } else if (result instanceof NotAttempted) {
            return "NotAttempted";
        }
        throw new AssertionError(result);
    }

    private List<SendEntry> handOver() {
        var entries = new ArrayList<SendEntry>();
        for (var entry = lane.next(); entry != null; entry = lane.next()) {
            entries.add(entry);
        }
        return entries;
    }

    private void confirm(List<SendEntry> entries) {
        entries.forEach(entry -> lane.confirmed(entry, sent(0), results));
    }

    /** So many under way: after as many others were confirmed, so that the window is open. */
    private List<SendEntry> underWay(int count) {
        for (int i = 1; i < count; i++) {
            var message = new Message("t", "k", Map.of(), Map.of(), null);
            lane.add(new SendEntry(message, i, (index, result) -> {}), results);
            confirm(handOver());
        }
        add(count);
        var entries = handOver();
        assertThat(entries).hasSize(count);
        return entries;
    }

    private static Sent sent(long offset) {
        return new Sent(PARTITION, Position.of(offset));
    }

    private List<String> told() {
        results.deliver();
        return told;
    }
}
