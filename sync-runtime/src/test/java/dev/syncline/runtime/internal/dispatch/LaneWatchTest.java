package dev.syncline.runtime.internal.dispatch;

import static org.assertj.core.api.Assertions.assertThat;

import dev.syncline.api.Delivery;
import dev.syncline.runtime.internal.envelope.Envelope;
import dev.syncline.runtime.internal.handling.Attempt;
import dev.syncline.runtime.internal.handling.Verdict;
import dev.syncline.spi.Message;
import dev.syncline.spi.Position;
import dev.syncline.spi.Received;
import dev.syncline.spi.TopicPartition;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** When the watch does what, in virtual time. */
class LaneWatchTest {

    private static final Duration TIMEOUT = Duration.ofMinutes(5);

    private final LaneWatch watch = new LaneWatch("test", TIMEOUT);
    private final List<Attempt> leftBehind = new ArrayList<>();
    private long now = -5; // a monotonic clock may start anywhere

    private static Attempt attempt(String key) {
        var message = new Message("t", key, Map.of("type", "t"), Map.of(), null);
        var received = new Received(new TopicPartition("t", 0), Position.of(1), message, Instant.EPOCH, null);
        var envelope =
                new Envelope(received, message, key, "test", "t", 1, key, 0, Delivery.Mode.LIVE, Instant.EPOCH, null);
        return new Attempt(0, List.of(envelope), Delivery.first(), (attempt, verdicts) -> {});
    }

    private void look() {
        watch.look(now, attempt -> {
            leftBehind.add(attempt);
            attempt.leaveBehind();
        });
    }

    private void look(Duration later) {
        now += later.toNanos();
        look();
    }

    @Test
    void l8_judgesNoAttemptBeforeItsTimeoutIsOver() {
        var attempt = attempt("a");
        watch.begin(attempt);
        look();
        look(TIMEOUT.minusNanos(1));
        assertThat(attempt.isLate()).isFalse();
        assertThat(watch.problems(now)).isEmpty();

        look(Duration.ofNanos(1));
        assertThat(attempt.isLate()).isTrue();
        assertThat(watch.problems(now)).singleElement().asString().contains("key=a", "300 s", "300000 ms");
        assertThat(leftBehind).isEmpty();
    }

    @Test
    void l8_leavesBehindWhatDoesNotReactWithinASecond() {
        var attempt = attempt("a");
        watch.begin(attempt);
        look();
        look(TIMEOUT);
        look(Duration.ofMillis(999));
        assertThat(leftBehind).isEmpty();
        look(Duration.ofMillis(1));
        look(Duration.ofMillis(500));
        assertThat(leftBehind).as("once").containsExactly(attempt);
        assertThat(watch.problems(now)).as("until it ends").hasSize(1);

        attempt.complete(List.of(Verdict.DONE));
        look();
        assertThat(watch.problems(now)).isEmpty();
    }

    @Test
    void theNextAttemptHasATimeOfItsOwn() {
        watch.begin(attempt("a"));
        look();
        watch.end();
        look(TIMEOUT.dividedBy(2));
        var next = attempt("a");
        watch.begin(next);
        look();
        look(TIMEOUT.minusNanos(1));
        assertThat(next.isLate()).isFalse();
        look(Duration.ofNanos(1));
        assertThat(next.isLate()).isTrue();
    }

    @Test
    void l8_leavesBehindNoMoreThanItsBoundAndGoesOnWhenOneEnds() {
        for (int i = 0; i < LaneWatch.MOST_LEFT_BEHIND; i++) {
            hang("k" + i);
        }
        assertThat(leftBehind).hasSize(LaneWatch.MOST_LEFT_BEHIND);

        var another = hang("another");
        assertThat(leftBehind).as("the lane stands").doesNotContain(another);
        assertThat(watch.problems(now)).hasSize(LaneWatch.MOST_LEFT_BEHIND + 1);

        leftBehind.get(0).complete(List.of(Verdict.DONE));
        look(Duration.ofMillis(1));
        look(Duration.ofMillis(1));
        assertThat(leftBehind).contains(another);
    }

    private Attempt hang(String key) {
        var attempt = attempt(key);
        watch.begin(attempt);
        look();
        look(TIMEOUT);
        look(Duration.ofNanos(LaneWatch.GRACE));
        return attempt;
    }

    @Test
    void looksAtAttemptsOnOtherThreads() {
        var attempt = attempt("a");
        watch.begin(attempt, () -> leftBehind.add(attempt));
        look();
        look(TIMEOUT);
        assertThat(attempt.isLate()).isTrue();
        look(Duration.ofNanos(LaneWatch.GRACE));
        assertThat(leftBehind).containsExactly(attempt);

        watch.end(attempt);
        attempt.complete(List.of(Verdict.DONE));
        look();
        assertThat(watch.problems(now)).isEmpty();
    }

    @Test
    void judgesNobodyWithoutATimeout() {
        var idle = new LaneWatch("test", Duration.ZERO);
        var attempt = attempt("a");
        idle.begin(attempt);
        idle.look(0, leftBehind::add);
        idle.look(Long.MAX_VALUE, leftBehind::add);
        assertThat(attempt.isLate()).isFalse();
    }
}
