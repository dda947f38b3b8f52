package dev.syncline.runtime.internal.dispatch;

import static org.assertj.core.api.Assertions.assertThat;

import dev.syncline.runtime.internal.dispatch.Breaker.Change;
import dev.syncline.runtime.internal.dispatch.Breaker.End;
import dev.syncline.runtime.internal.settings.Limit;
import java.time.Duration;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/** In virtual time. A failure here is one of the breaker's own; what lanes make of it is in LaneSimulation. */
class BreakerTest {

    private static final Duration PAUSE = Duration.ofSeconds(30);

    private final Tally tally = new Tally(Duration.ofMinutes(1).toNanos(), 0);
    private final Breaker breaker = new Breaker(new Limit(5, 50, Duration.ofSeconds(30)), PAUSE.toNanos(), 0);
    private long now = Duration.ofHours(1).toNanos();

    BreakerTest() {
        breaker.add(tally);
    }

    @Nested
    class WhileItIsClosed {

        @Test
        void opensWhenFiveKeysFailAndHalfOfTheAttempts() {
            for (int i = 0; i < 4; i++) {
                succeed(1);
                assertThat(fail("k" + i)).isEqualTo(Change.NONE);
            }
            succeed(1);
            assertThat(fail("k4")).isEqualTo(Change.OPENED);
            assertThat(breaker.isShut(now)).isTrue();
            assertThat(told()).contains("5 of 10 attempts failed, 5 keys at least");
        }

        @Test
        void staysClosedWhenMoreThanHalfGoesWell() {
            for (int i = 0; i < 100; i++) {
                succeed(2);
                assertThat(fail("k" + i)).isEqualTo(Change.NONE);
            }
        }

        @Test
        void opensAfterFiveFailuresInARowOverTwoKeys() {
            succeed(1_000);
            assertThat(List.of(fail("a"), fail("a"), fail("b"), fail("a"))).containsOnly(Change.NONE);
            assertThat(fail("b")).isEqualTo(Change.OPENED);
            assertThat(told()).contains("5 failures in a row");
        }

        @Test
        void opensAlsoWhenEachFailureTakesLong() {
            succeed(1_000);
            for (int i = 0; i < 4; i++) {
                assertThat(fail("k" + i)).isEqualTo(Change.NONE);
                pass(Duration.ofSeconds(20));
            }
            assertThat(fail("k4")).isEqualTo(Change.OPENED);
        }

        @Test
        void aSuccessBreaksTheRow() {
            succeed(1_000);
            for (int i = 0; i < 100; i++) {
                assertThat(List.of(fail("a"), fail("b"), fail("a"), fail("b"))).containsOnly(Change.NONE);
                succeed(1);
            }
        }

        @Test
        void aRowDoesNotTakeKeysFromBeforeTheSuccess() {
            succeed(1_000);
            fail("b");
            succeed(1);
            for (int i = 0; i < 100; i++) {
                assertThat(fail("a")).isEqualTo(Change.NONE);
            }
        }

        @Test
        void s10_onePoisonedKeyAloneNeverOpensIt() {
            for (int i = 0; i < 1_000; i++) {
                assertThat(fail("poison")).isEqualTo(Change.NONE);
                pass(Duration.ofMillis(100));
            }
        }

        @Test
        void s10_onePoisonedKeyNeverOpensItInWhateverCompanyItFails() {
            var random = new SplittableRandom(7);
            for (int i = 0; i < 1_000; i++) {
                var list = new HashSet<>(Set.of("poison"));
                random.ints(random.nextInt(100), 0, 1_000).forEach(key -> list.add("k" + key));
                assertThat(breaker.ended(list, End.FAILED, now)).isEqualTo(Change.NONE);
            }
        }

        @Test
        void opensWhenListsFailThatShareNoKey() {
            for (int i = 0; i < 4; i++) {
                assertThat(fail("a" + i, "b" + i, "c" + i)).isEqualTo(Change.NONE);
            }
            assertThat(fail("a4", "b4", "c4")).isEqualTo(Change.OPENED);
        }

        @Test
        void forgetsWhatFailedLongAgo() {
            for (int i = 0; i < 1_000; i++) {
                assertThat(fail("k" + i)).isEqualTo(Change.NONE);
                succeed(1);
                pass(Duration.ofSeconds(8));
            }
        }

        @Test
        void countsWhatWentWellBeforeTheFirstFailure() {
            succeed(100);
            pass(Duration.ofSeconds(29));
            for (int i = 0; i < 50; i++) {
                assertThat(fail("k" + i)).isEqualTo(Change.NONE);
                succeed(1);
            }
        }

        @Test
        void refusalsSayNothing() {
            for (int i = 0; i < 100; i++) {
                assertThat(breaker.ended(Set.of("k" + i), End.NEUTRAL, now)).isEqualTo(Change.NONE);
            }
        }
    }

    @Nested
    class WhileItIsOpen {

        @Test
        void s16_noAttemptBeginsForThePause() {
            open();
            long end = now + PAUSE.toNanos();
            assertThat(breaker.nextNanos(now)).isEqualTo(end);
            for (; now - end < 0; pass(Duration.ofMillis(500))) {
                assertThat(breaker.isShut(now)).isTrue();
                assertThat(breaker.mayBegin("fresh", now)).isFalse();
            }
            assertThat(breaker.isShut(now)).isFalse();
            assertThat(breaker.mayBegin("fresh", now)).isTrue();
        }

        @Test
        void s16_onlyOneProbeAtATime() {
            openAndPass();
            assertThat(breaker.mayBegin("x", now)).isTrue();
            assertThat(breaker.mayBegin("y", now)).isFalse();
            assertThat(breaker.isShut(now)).isTrue();
            pass(Duration.ofHours(1));
            assertThat(breaker.mayBegin("y", now)).isFalse();
        }

        @Test
        void s16_whatBeganBeforeChangesNothing() {
            open();
            assertThat(succeedAt("late")).isEqualTo(Change.NONE);
            assertThat(fail("later")).isEqualTo(Change.NONE);
            pass(PAUSE);
            assertThat(breaker.mayBegin("probe", now)).isTrue();
            assertThat(fail("latest")).isEqualTo(Change.NONE);
            assertThat(succeedAt("at last")).isEqualTo(Change.NONE);
            assertThat(breaker.isShut(now)).isTrue();
            assertThat(succeedAt("probe")).isEqualTo(Change.CLOSED);
        }

        @Test
        void l5_aProbeThatGoesWellClosesItAndAllIsForgotten() {
            openAndPass();
            breaker.mayBegin("x", now);
            assertThat(succeedAt("x")).isEqualTo(Change.CLOSED);
            assertThat(breaker.isClosed()).isTrue();
            assertThat(breaker.told(now)).isNull();
            assertThat(List.of(fail("a"), fail("b"), fail("c"), fail("d"))).containsOnly(Change.NONE);
            assertThat(fail("e")).isEqualTo(Change.OPENED);
        }

        @Test
        void s16_aProbeThatFailsOpensItForAnotherPause() {
            openAndPass();
            breaker.mayBegin("x", now);
            assertThat(fail("x")).isEqualTo(Change.OPENED_AGAIN);
            assertThat(breaker.nextNanos(now)).isEqualTo(now + PAUSE.toNanos());
            assertThat(breaker.isShut(now)).isTrue();
        }

        @Test
        void aProbeThatSaysNothingGivesItsPlaceToAnother() {
            openAndPass();
            breaker.mayBegin("x", now);
            assertThat(breaker.ended(Set.of("x"), End.NEUTRAL, now)).isEqualTo(Change.STILL_OPEN);
            assertThat(breaker.mayBegin("x", now)).isFalse();
            assertThat(breaker.mayBegin("y", now)).isTrue();
        }

        @Test
        void s16_eachProbeIsAtAnotherKeyThanTheLastWhileThereIsAnother() {
            openAndPass();
            String last = "";
            for (int i = 0; i < 20; i++) {
                var asked = i % 2 == 0 ? List.of("x", "y") : List.of("y", "x");
                pass(Duration.ofNanos(Breaker.PREFERENCE));
                var granted =
                        asked.stream().filter(key -> breaker.mayBegin(key, now)).toList();
                assertThat(granted).hasSize(1).doesNotContain(last);
                last = granted.get(0);
                fail(last);
                pass(PAUSE);
            }
        }

        @Test
        void aPersonMayHaveTheProbeMadeAtOnce() {
            open();
            breaker.probeNow(now);
            assertThat(breaker.isShut(now)).isFalse();
            assertThat(breaker.mayBegin("fresh", now)).isTrue();
            breaker.probeNow(now);
            assertThat(breaker.mayBegin("another", now)).as("one is on its way").isFalse();
        }

        @Test
        void s10_aKeyThatIsNotKnownToFailIsPreferred() {
            openAndPass();
            assertThat(breaker.mayBegin("k3", now))
                    .as("one of those that opened it")
                    .isFalse();
            assertThat(breaker.nextNanos(now)).isEqualTo(now + Breaker.PREFERENCE);
            assertThat(breaker.mayBegin("fresh", now)).isTrue();
            fail("fresh");
            pass(PAUSE);
            assertThat(breaker.mayBegin("fresh", now)).as("the last probe").isFalse();
            assertThat(breaker.mayBegin("fresher", now)).isTrue();
        }

        @Test
        void l5_theOnlyKeyThereIsMayProbeAgain() {
            openAndPass();
            breaker.mayBegin("x", now);
            fail("x");
            pass(PAUSE);
            assertThat(breaker.mayBegin("x", now)).isFalse();
            long next = breaker.nextNanos(now);
            while (next != Long.MAX_VALUE) {
                now = next;
                next = breaker.nextNanos(now);
            }
            assertThat(breaker.mayBegin("x", now)).isTrue();
            assertThat(succeedAt("x")).isEqualTo(Change.CLOSED);
        }
    }

    @Test
    void s16_anySequenceOfCallsLeavesItWithOneProbeAtMostAndAWayOut() {
        for (int seed = 0; seed < 2_000; seed++) {
            var random = new SplittableRandom(seed);
            var one = new Breaker(new Limit(3, 50, Duration.ofSeconds(30)), PAUSE.toNanos(), now);
            one.add(tally);
            var running = new HashSet<String>();
            String probe = null;
            long shutUntil = Long.MIN_VALUE;
            for (int step = 0; step < 300; step++) {
                var key = "k" + random.nextInt(8);
                if (random.nextBoolean() && !running.contains(key)) {
                    boolean wasClosed = one.isClosed();
                    if (one.mayBegin(key, now)) {
                        if (!wasClosed) {
                            assertThat(probe).as("one probe, seed %d", seed).isNull();
                            assertThat(now).as("after the pause").isGreaterThanOrEqualTo(shutUntil);
                            probe = key;
                        }
                        running.add(key);
                    }
                } else if (running.remove(key)) {
                    var end = List.of(End.WELL, End.FAILED, End.NEUTRAL).get(random.nextInt(3));
                    if (end == End.WELL) {
                        tally.add(1, now);
                    }
                    var change = one.ended(Set.of(key), end, now);
                    if (change == Change.OPENED || change == Change.OPENED_AGAIN) {
                        shutUntil = now + PAUSE.toNanos();
                    }
                    if (change == Change.OPENED_AGAIN || change == Change.CLOSED || change == Change.STILL_OPEN) {
                        assertThat(key).isEqualTo(probe);
                        probe = null;
                    } else {
                        assertThat(key).isNotEqualTo(probe);
                    }
                }
                pass(Duration.ofMillis(random.nextInt(4_000)));
            }
            if (probe != null) {
                one.ended(Set.of(probe), End.WELL, now);
            }
            pass(PAUSE.plusNanos(2 * Breaker.PREFERENCE));
            assertThat(one.mayBegin("k0", now)).as("l5, seed %d", seed).isTrue();
        }
    }

    private void open() {
        for (int i = 0; i < 5; i++) {
            fail("k" + i);
        }
        assertThat(breaker.isShut(now)).isTrue();
    }

    private void openAndPass() {
        open();
        pass(PAUSE);
    }

    private void succeed(int attempts) {
        for (int i = 0; i < attempts; i++) {
            tally.add(1, now);
        }
    }

    private Change succeedAt(String key) {
        succeed(1);
        return breaker.ended(Set.of(key), End.WELL, now);
    }

    private Change fail(String... keys) {
        return breaker.ended(new HashSet<>(Arrays.asList(keys)), End.FAILED, now);
    }

    private String told() {
        var told = breaker.told(now);
        assertThat(told).isNotNull();
        return told.why();
    }

    private void pass(Duration time) {
        now += time.toNanos();
    }
}
