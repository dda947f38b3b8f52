package dev.syncline.runtime.internal.settle;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.syncline.spi.Position;
import java.util.ArrayList;
import java.util.Random;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class WindowTest {

    @Test
    void s9_lowWaterMarkStaysBelowTheOldestUnsettledEvent() {
        var window = new Window(8);
        long a = window.enter(Position.of(10));
        long b = window.enter(Position.of(20));
        long c = window.enter(Position.of(30));

        window.settle(b);
        window.settle(c);

        assertThat(window.advance()).isFalse();
        assertThat(window.lowWaterMark()).isNull();
        window.settle(a);
        assertThat(window.advance()).isTrue();
        assertThat(window.lowWaterMark()).isEqualTo(Position.of(30));
        assertThat(window.size()).isZero();
    }

    @Test
    void refusesMoreThanItsCapacityUntilTheLowWaterMarkMoves() {
        var window = new Window(2);
        long a = window.enter(Position.of(1));
        window.enter(Position.of(2));

        assertThat(window.isFull()).isTrue();
        assertThatThrownBy(() -> window.enter(Position.of(3))).isInstanceOf(IllegalStateException.class);
        window.settle(a);
        window.advance();
        assertThat(window.isFull()).isFalse();
    }

    @Test
    void s13_nothingBeginsBehindTheFenceAndWhatRunsIsSeen() {
        var window = new Window(2);
        assertThat(window.fence().begin()).isTrue();

        window.fence().fence();

        assertThat(window.fence().begin()).isFalse();
        assertThat(window.fence().isIdle()).isFalse();
        window.fence().end();
        assertThat(window.fence().isIdle()).isTrue();
    }

    /** The mark against the plain definition: the highest position below which every entered one is settled. */
    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
    void s9_agreesWithTheDefinitionUnderAnyOrderOfSettling(long seed) {
        var random = new Random(seed);
        var window = new Window(1 + random.nextInt(64));
        var unsettled = new TreeSet<Long>();
        var entered = new ArrayList<Long>();
        for (int step = 0; step < 20_000; step++) {
            if (random.nextBoolean() && !window.isFull()) {
                long ticket = window.enter(Position.of(7 * (long) entered.size()));
                assertThat(ticket).isEqualTo(entered.size());
                entered.add(ticket);
                unsettled.add(ticket);
            } else if (!unsettled.isEmpty()) {
                var candidates = new ArrayList<>(unsettled);
                long ticket = candidates.get(random.nextInt(candidates.size()));
                unsettled.remove(ticket);
                window.settle(ticket);
            }
            if (random.nextInt(4) == 0) {
                window.advance();
                long low = unsettled.isEmpty() ? entered.size() : unsettled.first();
                var expected = low == 0 ? null : Position.of(7 * (low - 1));
                assertThat(window.lowWaterMark()).isEqualTo(expected);
            }
        }
    }
}
