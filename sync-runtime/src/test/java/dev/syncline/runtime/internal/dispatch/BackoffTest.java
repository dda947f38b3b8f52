package dev.syncline.runtime.internal.dispatch;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class BackoffTest {

    private static final List<Duration> IN_PLACE =
            List.of(Duration.ofMillis(100), Duration.ofMillis(200), Duration.ofMillis(400));
    private static final List<Duration> LATER = List.of(
            Duration.ofSeconds(1),
            Duration.ofSeconds(5),
            Duration.ofSeconds(30),
            Duration.ofMinutes(5),
            Duration.ofMinutes(15));

    private final SplittableRandom random = new SplittableRandom(7);

    @Test
    void s15_jitterLengthensByUpToHalfAndNeverShortens() {
        var backoff = new Backoff(IN_PLACE, LATER, Duration.ofDays(1), random);

        for (int i = 0; i < 1_000; i++) {
            assertThat(backoff.afterFailures(2)).isBetween(200_000_000L, 300_000_000L);
        }
    }

    @Test
    void s15_attemptsGoOnForADayByDefaultAndThenEnd() {
        var backoff = new Backoff(IN_PLACE, LATER, Duration.ofDays(1), random);
        var pauses = new ArrayList<Long>();
        for (int failures = 1; backoff.afterFailures(failures) != Backoff.NEVER; failures++) {
            pauses.add(backoff.afterFailures(failures));
        }

        // 3 in place; 1 s, 5 s, 30 s, 5 min, then as many of 15 min as fill the day
        assertThat(pauses).hasSize(3 + 4 + 96);
        assertThat(backoff.isLastInPlace(3)).isFalse();
        assertThat(backoff.isLastInPlace(4)).isTrue();
    }

    @Test
    void s15_whatAHandlerAsksForIsLongIfItIsLongerThanFiveSecondsAndThanAnyPauseInPlace() {
        var quick = new Backoff(IN_PLACE, LATER, Duration.ofDays(1), random);
        assertThat(quick.isLong(TimeUnit.SECONDS.toNanos(5))).isFalse();
        assertThat(quick.isLong(TimeUnit.SECONDS.toNanos(5) + 1)).isTrue();

        var patient = new Backoff(List.of(Duration.ofMinutes(1)), LATER, Duration.ofDays(1), random);
        for (int i = 0; i < 100; i++) {
            assertThat(patient.isLong(patient.afterFailures(1)))
                    .as("none in place is, with its jitter")
                    .isFalse();
        }
        assertThat(patient.isLong(TimeUnit.SECONDS.toNanos(91))).isTrue();
    }

    @Test
    void withoutLaterPausesTheLastAttemptInPlaceIsTheLastOfAll() {
        var backoff = new Backoff(IN_PLACE, List.of(), Duration.ofDays(1), random);

        assertThat(backoff.afterFailures(3)).isPositive();
        assertThat(backoff.afterFailures(4)).isEqualTo(Backoff.NEVER);
    }

    @Test
    void withoutAnyPausesTheFirstAttemptIsTheLast() {
        var backoff = new Backoff(List.of(), List.of(), Duration.ofDays(1), random);

        assertThat(backoff.isLastInPlace(1)).isTrue();
        assertThat(backoff.afterFailures(1)).isEqualTo(Backoff.NEVER);
    }
}
