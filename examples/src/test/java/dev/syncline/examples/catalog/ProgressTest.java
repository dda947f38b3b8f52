package dev.syncline.examples.catalog;

import static org.assertj.core.api.Assertions.assertThat;

import dev.syncline.examples.catalog.Progress.Sample;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class ProgressTest {

    private static final Duration PATIENCE = Duration.ofSeconds(60);

    private final Progress progress = new Progress(1_000, PATIENCE, 0);

    private static long seconds(double seconds) {
        return (long) (seconds * 1e9);
    }

    @Test
    void aLineComesEverySecond() {
        assertThat(progress.line(new Sample(50, 40, 3, 10), seconds(0.9))).isEmpty();
        assertThat(progress.line(new Sample(50, 40, 3, 10), seconds(1)))
                .hasValue("  1.0 s  published 50 of 1000 (5 %)  applied 40 (40/s)  outbox 3  lag 10");
        assertThat(progress.line(new Sample(60, 50, 3, 10), seconds(1.9))).isEmpty();
        assertThat(progress.line(new Sample(60, 50, 3, -1), seconds(3)))
                .hasValue("  3.0 s  published 60 of 1000 (6 %)  applied 50 (5/s)  outbox 3  lag unknown");
    }

    @Test
    void aLineComesAtEveryTenthOfTheChanges() {
        assertThat(progress.line(new Sample(99, 0, 0, 0), seconds(0.1))).isEmpty();
        assertThat(progress.line(new Sample(100, 0, 0, 0), seconds(0.2))).isPresent();
        assertThat(progress.line(new Sample(150, 0, 0, 0), seconds(0.3))).isEmpty();
    }

    @Test
    void itIsStuckWhenNothingHasMovedForAsLongAsItMay() {
        var sample = new Sample(10, 9, 1, 1);

        assertThat(progress.isStuck(sample, seconds(1))).isFalse();
        assertThat(progress.isStuck(sample, seconds(60.9))).isFalse();
        assertThat(progress.isStuck(sample, seconds(61))).isTrue();
    }

    @Test
    void anyMovementStartsThePatienceAnew() {
        assertThat(progress.isStuck(new Sample(10, 9, 1, 1), seconds(1))).isFalse();
        assertThat(progress.isStuck(new Sample(10, 10, 1, 1), seconds(60))).isFalse();
        assertThat(progress.isStuck(new Sample(10, 10, 1, 1), seconds(119))).isFalse();
        assertThat(progress.isStuck(new Sample(10, 10, 1, 1), seconds(120))).isTrue();
    }
}
