package dev.syncline.runtime.internal.relay;

import static org.assertj.core.api.Assertions.assertThat;

import dev.syncline.spi.Position;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class WindowTest {

    private final Window window = new Window();

    @Test
    void theLowestMovesUpWhenItIsConfirmed() {
        long first = add(10);
        long second = add(11);
        long third = add(12);

        assertThat(window.confirm(second)).isZero();
        assertThat(window.lowest()).isEqualTo(new Mark(new Position(10, 0), 9));
        assertThat(window.confirm(first)).isEqualTo(2);
        assertThat(window.lowest()).isEqualTo(new Mark(new Position(12, 0), 11));
        assertThat(window.confirm(third)).isEqualTo(1);
        assertThat(window.isEmpty()).isTrue();
    }

    @Test
    void whatWasNotSentIsNotPassed() {
        long first = add(10);
        long second = add(11);
        window.reject(first);
        window.confirm(second);

        assertThat(window.lowest().position()).isEqualTo(new Position(10, 0));
        assertThat(window.pending()).isZero();
        assertThat(window.unconfirmed()).isEqualTo(1);
    }

    @Test
    void answersToWhatWasForgottenComeTooLate() {
        long before = add(10);
        window.clear();
        long after = add(10);

        assertThat(window.isPending(before)).isFalse();
        assertThat(window.isPending(after)).isTrue();
        window.confirm(after);
        assertThat(window.isPending(after)).as("answered").isFalse();
    }

    @Test
    void agreesWithAListUnderAnyOrderOfAnswers() {
        for (int seed = 0; seed < 200; seed++) {
            var random = new Random(seed);
            var tested = new Window();
            var tickets = new ArrayList<Long>();
            var indexes = new ArrayList<Long>();
            var confirmed = new ArrayList<Boolean>();
            long next = 0;
            for (int step = 0; step < 500; step++) {
                if (random.nextInt(5) < 3) {
                    tickets.add(tested.add(next, 0, next, 7));
                    indexes.add(next++);
                    confirmed.add(false);
                } else if (!tickets.isEmpty()) {
                    int which = random.nextInt(tickets.size());
                    if (!confirmed.get(which)) {
                        tested.confirm(tickets.get(which));
                        confirmed.set(which, true);
                    }
                }
                while (!confirmed.isEmpty() && confirmed.get(0)) {
                    List.of(tickets, indexes, confirmed).forEach(list -> list.remove(0));
                }
                int open = (int) confirmed.stream().filter(one -> !one).count();
                assertThat(tested.size()).isEqualTo(tickets.size());
                assertThat(tested.unconfirmed()).isEqualTo(open);
                assertThat(tested.pending()).isEqualTo(open);
                assertThat(tested.pendingBytes()).isEqualTo(7L * open);
                if (!indexes.isEmpty()) {
                    assertThat(tested.lowest().position().major()).isEqualTo(indexes.get(0));
                }
            }
        }
    }

    private long add(long index) {
        return window.add(index, 0, index, 5);
    }
}
