package dev.syncline.runtime.internal.relay;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.Random;
import org.junit.jupiter.api.Test;

class BackoffTest {

    @Test
    void l1_doublesUpToABoundAndJitterOnlyLengthens() {
        var settings = RelaySettings.defaults();
        var backoff = new Backoff(
                settings.firstBackoff().toNanos(), settings.maxBackoff().toNanos(), new Random(1));
        for (int failures = 1; failures < 200; failures++) {
            long base = Math.min(3000, 100L << Math.min(failures - 1, 20));
            for (int i = 0; i < 50; i++) {
                assertThat(Duration.ofNanos(backoff.nanos(failures)))
                        .isBetween(Duration.ofMillis(base), Duration.ofMillis(base + base / 2))
                        .isLessThan(Duration.ofSeconds(5));
            }
        }
    }

    @Test
    void jitterSpreads() {
        var backoff = new Backoff(1_000_000, 3_000_000, new Random(1));

        assertThat(new Random(1).longs(100, 0, 1).map(zero -> backoff.nanos(1)).distinct())
                .hasSizeGreaterThan(90);
    }
}
