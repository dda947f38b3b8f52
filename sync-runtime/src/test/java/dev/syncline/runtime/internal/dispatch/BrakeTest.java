package dev.syncline.runtime.internal.dispatch;

import static org.assertj.core.api.Assertions.assertThat;

import dev.syncline.runtime.internal.settings.Limit;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** In virtual time. */
class BrakeTest {

    private final Tally tally = new Tally(Duration.ofMinutes(1).toNanos(), 0);
    private final Brake brake = new Brake(new Limit(20, 5, Duration.ofMinutes(1)), 0);
    private long now = Duration.ofHours(1).toNanos();

    BrakeTest() {
        brake.add(tally);
    }

    @Test
    void isPulledByTheTwentyFirstKeyOfAMinute() {
        for (int i = 0; i < 20; i++) {
            assertThat(die("k" + i)).isFalse();
            now += Duration.ofMillis(2_900).toNanos();
        }
        assertThat(die("k20")).isTrue();
        assertThat(brake.isOn()).isTrue();
        assertThat(brake.why()).contains("no.mapper");
    }

    @Test
    void isNotPulledWhenTheyComeSlowly() {
        for (int i = 0; i < 1_000; i++) {
            assertThat(die("k" + i)).isFalse();
            now += Duration.ofMillis(3_100).toNanos();
        }
    }

    @Test
    void isNotPulledByOneInTwenty() {
        for (int i = 0; i < 1_000; i++) {
            tally.add(19, now); // a list counts by its events
            assertThat(die("k" + i)).as("letter %d", i).isFalse();
        }
        assertThat(die("more")).isTrue();
    }

    @Test
    void isNotPulledByFewKeysWithManyLetters() {
        for (int i = 0; i < 1_000; i++) {
            assertThat(die("k" + i % 20)).isFalse();
        }
    }

    @Test
    void isPulledWhereverAmongOldLettersTheMinuteBegins() {
        for (int i = 0; i < 100; i++) {
            die("old" + i % 20);
            now += Duration.ofSeconds(4).toNanos();
        }
        now += Duration.ofHours(1).toNanos();
        for (int i = 0; i < 20; i++) {
            assertThat(die("k" + i)).isFalse();
        }
        assertThat(die("k20")).isTrue();
    }

    @Test
    void holdsUntilItIsReleasedAndThenCountsAnew() {
        for (int i = 0; i <= 20; i++) {
            die("k" + i);
        }
        now += Duration.ofDays(10).toNanos();
        assertThat(brake.isOn()).isTrue();
        assertThat(die("one that was running")).isFalse();

        assertThat(brake.release(now)).isTrue();

        assertThat(brake.isOn()).isFalse();
        assertThat(brake.release(now)).isFalse();
        for (int i = 0; i < 20; i++) {
            assertThat(die("k" + i)).isFalse();
        }
        assertThat(die("k20")).isTrue();
    }

    private boolean die(String key) {
        return brake.died(key, "no.mapper", now);
    }
}
