package dev.syncline.runtime.internal.dispatch;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class TallyTest {

    private static final long SECOND = Duration.ofSeconds(1).toNanos();

    @Test
    void countsWhatIsNotOlderThanTheWindowAndUpToASecondMore() {
        for (long origin : new long[] {0, -5, Long.MAX_VALUE - 20 * SECOND}) { // a monotonic clock may start anywhere
            var random = new SplittableRandom(origin);
            var tally = new Tally(10 * SECOND, origin);
            var times = new ArrayList<Long>();
            long now = 0;
            for (int i = 0; i < 2_000; i++) {
                now += random.nextLong(random.nextInt(10) == 0 ? 12 * SECOND : SECOND / 4);
                tally.add(3, origin + now);
                times.add(now);
                long window = random.nextLong(10 * SECOND + 1);
                long at = now;
                long least = times.stream().filter(time -> at - time <= window).count();
                long most = times.stream()
                        .filter(time -> at - time <= window + SECOND)
                        .count();
                assertThat(tally.attempts(window, origin + now)).isBetween(least, most);
                assertThat(tally.events(window, origin + now)).isBetween(3 * least, 3 * most);
            }
            assertThat(tally.attempts()).isEqualTo(2_000);
        }
    }

    @Test
    void aClockThatIsALittleBehindCountsToo() {
        var tally = new Tally(10 * SECOND, 0);
        tally.add(1, 3 * SECOND);
        tally.add(1, SECOND);
        assertThat(tally.attempts(5 * SECOND, 3 * SECOND)).isEqualTo(2);
        assertThat(tally.attempts(0, 60 * SECOND)).isZero();
    }
}
