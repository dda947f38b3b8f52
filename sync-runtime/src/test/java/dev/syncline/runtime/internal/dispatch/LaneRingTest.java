package dev.syncline.runtime.internal.dispatch;

import static org.assertj.core.api.Assertions.assertThat;

import dev.syncline.api.Delivery;
import dev.syncline.runtime.internal.envelope.Envelope;
import dev.syncline.runtime.internal.settle.Budget;
import dev.syncline.runtime.internal.settle.InFlight;
import dev.syncline.runtime.internal.settle.Window;
import dev.syncline.spi.Message;
import dev.syncline.spi.Position;
import dev.syncline.spi.Received;
import dev.syncline.spi.TopicPartition;
import java.time.Instant;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** The way from the poll thread to a lane. */
class LaneRingTest {

    private static final int SIZE = 128;

    private final LaneRing ring = new LaneRing(SIZE, new LaneSignal());
    private final Window window = new Window(1 << 12);
    private final Budget budget = new Budget(1 << 20, 1);

    private InFlight event() {
        var message = new Message("topic", "k", Map.of(), Map.of(), null);
        var at = Position.of(1);
        var received = new Received(new TopicPartition("topic", 0), at, message, Instant.EPOCH, null);
        var envelope =
                new Envelope(received, message, "1", "s", "t", 1, "k", 0, Delivery.Mode.LIVE, Instant.EPOCH, null);
        return new InFlight(envelope, window, window.enter(at), budget);
    }

    private int fill() {
        int offered = 0;
        while (ring.offer(event())) {
            offered++;
        }
        return offered;
    }

    @Test
    void handsOnInOrderAndIsEmptyThen() {
        var first = event();
        var second = event();
        ring.offer(first);
        ring.offer(second);
        assertThat(ring.isEmpty()).isFalse();

        assertThat(ring.poll()).isSameAs(first);
        assertThat(ring.poll()).isSameAs(second);
        assertThat(ring.isEmpty()).isTrue();
        assertThat(ring.poll()).isNull();
    }

    /** An attempt that hangs must not keep the places of what the lane took before it. */
    @Test
    void l8_mostOfThePlacesThatTheLaneTookAreFreeBeforeItAsksAgain() {
        assertThat(fill()).isEqualTo(SIZE);
        for (int i = 0; i < 100; i++) {
            ring.poll();
        }

        assertThat(fill()).isBetween(100 - 31, 100);
    }

    @Test
    void allPlacesAreFreeOnceTheLaneFoundNothing() {
        fill();
        while (ring.poll() != null) {
            // takes all
        }

        assertThat(fill()).isEqualTo(SIZE);
    }

    @Test
    void s24_goesOnAfterItWasFull() {
        for (int round = 0; round < 10; round++) {
            fill();
            assertThat(ring.hasRoom()).isFalse();
            for (int i = 0; i < SIZE; i++) {
                assertThat(ring.poll()).isNotNull();
            }
            assertThat(ring.hasRoom()).isTrue();
        }
    }
}
