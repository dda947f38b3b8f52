package dev.syncline.testkit.lab;

import static org.assertj.core.api.Assertions.assertThat;

import dev.syncline.runtime.DeadLetter;
import dev.syncline.runtime.Health.BlockedKey;
import dev.syncline.testkit.SyncLab;
import dev.syncline.testkit.lab.Shop.Product;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Parked heads after a restart: due when that was planned, whatever the wall clock does meanwhile (S15, S25). */
class RestartedHeadsTest {

    private static final Duration PAUSE = Duration.ofMinutes(10);

    /** Jitter lengthens a pause by up to half. */
    private static final Duration LONGEST = PAUSE.multipliedBy(3).dividedBy(2);

    private final Shop shop = new Shop();
    private final List<Instant> attempts = new ArrayList<>();

    @RegisterExtension
    final SyncLab lab = SyncLab.with(shop)
            .settings(Map.of(
                    "handlers.shop.retry", "none", "handlers.shop.retry-later", "10m", "handlers.shop.breaker", "off"));

    @BeforeEach
    void parkAHead() {
        shop.isAway = product -> {
            attempts.add(lab.now());
            return true;
        };
        lab.publish(new Product("A-1", 1, "Lamp"));
        lab.untilQuiet();
        assertThat(attempts).hasSize(1);
    }

    private void restart(boolean isCrash) {
        if (isCrash) {
            lab.crash();
        }
        lab.restart();
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void s15_isDueWhenThatWasPlannedAndNotAWholePauseLater(boolean isCrash) {
        lab.advance(Duration.ofMinutes(9));
        restart(isCrash);

        lab.advance(LONGEST.minusMinutes(9).plusSeconds(1));

        assertThat(attempts).hasSize(2);
        assertThat(Duration.between(attempts.get(0), attempts.get(1))).isBetween(PAUSE, LONGEST.plusSeconds(1));
        assertThat(lab.parked()).extracting(BlockedKey::attempts).containsExactly(2);
    }

    @Test
    void s15_isDueAtOnceIfItsTimePassedWhileNothingRanAndOnce() {
        lab.crash().advance(Duration.ofHours(5)).restart();

        lab.advance(Duration.ofSeconds(5));

        assertThat(attempts).hasSize(2);
    }

    @Test
    void s25_waitsForItsOwnPauseAtMostIfTheClockWasSetBack() {
        lab.advance(Duration.ofMinutes(9));
        lab.faults(f -> f.clockJumps(Duration.ofDays(-2)));
        restart(true);

        lab.advance(LONGEST.plusSeconds(1));

        assertThat(attempts).hasSize(2);
    }

    @Test
    void s25_isAttemptedOnceAndThenPausesAsEverIfTheClockWasSetForth() {
        lab.faults(f -> f.clockJumps(Duration.ofDays(30)));
        restart(true);
        lab.advance(Duration.ofSeconds(5));
        assertThat(attempts).hasSize(2);

        lab.advance(PAUSE.minusSeconds(10));
        assertThat(attempts).as("no storm").hasSize(2);
        assertThat(lab.deadLetters()).as("and it gives up no earlier").isEmpty();
    }

    @Test
    void s15_itsFirstFailureAndItsCountAreWhatTheyWere() {
        var first = attempts.get(0);
        for (int restarts = 0; restarts < 5; restarts++) {
            lab.advance(Duration.ofHours(6));
            restart(restarts % 2 == 0);
        }
        lab.advance(Duration.ofHours(12)).untilQuiet();

        assertThat(lab.deadLetters()).singleElement().satisfies(letter -> {
            assertThat(letter.firstFailure()).isBetween(first.minusSeconds(1), first.plusSeconds(1));
            assertThat(letter.attempts())
                    .as("a crash may cost one more")
                    .isBetween(attempts.size() - 3, attempts.size());
        });
        assertThat(lab.deadLetters()).extracting(DeadLetter::code).containsExactly("handler.failed");
    }

    @Test
    void s15_manyThatAreDueAtOnceAreAttemptedOnceEach() {
        int heads = 2_000;
        shop.isAway = product -> true;
        IntStream.range(0, heads).forEach(i -> lab.publish(new Product("B-" + i, 1, "Desk")));
        lab.untilQuiet();
        shop.isAway = product -> {
            attempts.add(lab.now());
            return true;
        };
        attempts.clear();

        lab.crash().advance(Duration.ofHours(5)).restart();
        lab.advance(PAUSE.dividedBy(2));

        assertThat(attempts).hasSize(heads + 1);
    }
}
