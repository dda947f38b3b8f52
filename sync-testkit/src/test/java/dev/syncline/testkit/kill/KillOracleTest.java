package dev.syncline.testkit.kill;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.syncline.testkit.kill.KillOracle.Fault;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/** What the oracle finds in journals, and what it lets pass. */
class KillOracleTest {

    private final KillOracle oracle = new KillOracle(Map.of("shop", 1));

    private void life(int number, String... lines) {
        oracle.begin(number);
        List.of(lines).forEach(oracle::take);
    }

    private static String[] handled(String id) {
        return new String[] {"@H start shop " + id + " 1", "@E shop " + id, "@H end shop " + id + " 2"};
    }

    private static String[] published(String id, String key, int seq) {
        return new String[] {"@I " + id + " " + key + " " + seq, "@A " + id};
    }

    private void take(String... lines) {
        List.of(lines).forEach(oracle::take);
    }

    @Nested
    class AllIsWell {

        @Test
        void whenEachEventHasItsEffectOnce() {
            life(1);
            take(published("a", "k", 1));
            take(published("b", "k", 2));
            take(handled("a"));
            take(handled("b"));
            oracle.end();
            oracle.atRest();

            assertThat(oracle.faults()).isEmpty();
            assertThat(oracle.accepted()).isEqualTo(2);
            assertThat(oracle.effects()).isEqualTo(2);
            assertThat(oracle.repeated()).isZero();
        }

        @Test
        void whenAnEventWhoseFateIsUnknownTookPlaceOrNot() {
            life(1, "@I a k 1", "@I b j 1");
            oracle.end();
            life(2);
            take(handled("a"));
            oracle.end();
            oracle.atRest();

            assertThat(oracle.faults()).isEmpty();
        }

        @Test
        void whenAHandlerIsFasterThanTheAnswer() {
            life(1, "@I a k 1");
            take(handled("a"));
            take("@A a");
            boolean wasAtWork = oracle.end();
            oracle.atRest();

            assertThat(oracle.faults()).isEmpty();
            assertThat(wasAtWork).isFalse();
        }

        @Test
        void whenAnEffectComesAgainAfterACrash() {
            life(1);
            take(published("a", "k", 1));
            take("@H start shop a 1", "@E shop a");
            oracle.end();
            life(2);
            take(handled("a"));
            oracle.end();
            oracle.atRest();

            assertThat(oracle.faults()).isEmpty();
            assertThat(oracle.repeated()).isOne();
            assertThat(oracle.mostRepeatsOfALife()).isOne();
        }

        @Test
        void whenAFailedAttemptIsRepeated() {
            life(1);
            take(published("a", "k", 1));
            take("@H start shop a 1", "@H end shop a 2");
            take(handled("a"));
            oracle.end();
            oracle.atRest();

            assertThat(oracle.faults()).isEmpty();
            assertThat(oracle.failedAttempts()).isOne();
        }

        @Test
        void whenAPersonHasGivenUpWhatHasNoEffect() {
            life(1);
            take(published("a", "k", 1));
            take("@H start shop a 1", "@H end shop a 2", "@D shop a");
            oracle.end();
            oracle.atRest();

            assertThat(oracle.faults()).isEmpty();
            assertThat(oracle.givenUp()).isOne();
        }

        @Test
        void whenTheApplicationSaysOtherThings() {
            life(1, "hello", "@Z", "@X y");

            assertThat(oracle.faults()).isEmpty();
        }
    }

    @Nested
    class ItFinds {

        @Test
        void s1_whatWasAcceptedAndNeverHadAnEffect() {
            life(1);
            take(published("a", "k", 1));
            oracle.end();
            oracle.atRest();

            assertOnly(Fault.LOST);
            assertThat(oracle.told()).singleElement().asString().contains("a (number 1 of key k", "shop");
        }

        @Test
        void s1_whatOneOfTwoHandlersNeverHad() {
            var two = new KillOracle(Map.of("shop", 1, "mail", 1));
            two.begin(1);
            List.of(published("a", "k", 1)).forEach(two::take);
            List.of(handled("a")).forEach(two::take);
            two.end();
            two.atRest();

            assertThat(two.faults()).containsExactly(Map.entry(Fault.LOST, 1L));
            assertThat(two.told()).singleElement().asString().endsWith("no effect at mail");
        }

        @Test
        void s3_whatNobodyPublished() {
            life(1);
            take(handled("a"));

            assertOnly(Fault.PHANTOM);
        }

        @Test
        void s3_whatWasRefused() {
            life(1, "@I a k 1", "@F a");
            take(handled("a"));

            assertOnly(Fault.PHANTOM);
        }

        @Test
        void s6_anEffectTwiceInOneLife() {
            life(1);
            take(published("a", "k", 1));
            take(handled("a"));
            take(handled("a"));

            assertOnly(Fault.REPEATED_WITHOUT_CRASH);
        }

        @Test
        void s6_moreRepeatsThanOneCrashMayCost() {
            life(1);
            take(published("a", "k", 1));
            take(published("b", "j", 1));
            take(handled("a"));
            take(handled("b"));
            oracle.end();
            life(2);
            take(handled("a"));
            assertThat(oracle.faults()).isEmpty();
            take(handled("b"));

            assertOnly(Fault.REPEATED_TOO_OFTEN);
            assertThat(oracle.mostRepeatsOfALife()).isEqualTo(2);
        }

        @Test
        void s7_anEventThatWasOvertaken() {
            life(1);
            take(published("a", "k", 1));
            take(published("b", "k", 2));
            take(handled("b"));
            take(handled("a"));

            assertOnly(Fault.REORDERED);
        }

        @Test
        void s7_anEffectThatCameAgainBehindALaterOne() {
            life(1);
            take(published("a", "k", 1));
            take(published("b", "k", 2));
            take(handled("a"));
            take(handled("b"));
            oracle.end();
            life(2);
            take(handled("a"));

            assertOnly(Fault.SET_BACK);
        }

        @Test
        void s8_twoAtOnceOfAKey() {
            life(1);
            take(published("a", "k", 1));
            take(published("b", "k", 2));
            take("@H start shop a 1", "@E shop a", "@H start shop b 2");

            assertOnly(Fault.OVERLAP);
        }

        @Test
        void s9_aPositionBehindWhatWasNotHandled() {
            life(1);
            take(published("a", "k", 1));
            oracle.end();
            oracle.positionPassed("shop", List.of("a", "of others"));

            assertOnly(Fault.PASSED);
        }

        private void assertOnly(Fault fault) {
            assertThat(oracle.faults()).containsExactly(Map.entry(fault, 1L));
        }
    }

    @Nested
    class AKillHitsWork {

        @Test
        void whileAHandlerRuns() {
            life(1);
            take(published("a", "k", 1));
            take("@H start shop a 1", "@E shop a");

            assertThat(oracle.end()).isTrue();
        }

        @Test
        void whileAnEventIsBeingPublished() {
            life(1, "@I a k 1");

            assertThat(oracle.end()).isTrue();
        }

        @Test
        void whileAnAcceptedEventWaits() {
            life(1);
            take(published("a", "k", 1));

            assertThat(oracle.end()).isTrue();
        }

        @Test
        void notWhenAllOfItsLifeIsDone() {
            life(1);
            take(published("a", "k", 1));
            take(handled("a"));

            assertThat(oracle.end()).isFalse();
        }

        @Test
        void notBeforeItHasDoneAnything() {
            life(1);
            take(published("a", "k", 1));
            oracle.end();
            life(2);

            assertThat(oracle.end()).isFalse();
        }
    }

    @Test
    void aJournalThatContradictsItselfIsRefused() {
        life(1, "@I a k 1");

        assertThatThrownBy(() -> oracle.take("@I a k 2")).hasMessage("two events of the id a");
        assertThatThrownBy(() -> oracle.take("@A b")).hasMessage("the outcome of b without its intent");
        assertThatThrownBy(() -> oracle.take("@E mail a")).hasMessage("a handler that was not announced: mail");
        assertThatThrownBy(() -> oracle.begin(1)).hasMessage("life 1 after life 1");
    }

    @Nested
    class SeveralAtATime {

        @Test
        void anotherGoesOnWhereOneWasKilled() {
            life(1);
            take(published("a", "k", 1));
            life(2);
            oracle.take(1, "@H start shop a 1");
            oracle.take(1, "@E shop a 2");
            oracle.end(1);
            take(handled("a"));
            oracle.atRest();

            assertThat(oracle.faults()).isEmpty();
            assertThat(oracle.repeated()).isOne();
        }

        @Test
        void s8_twoThatLiveMustNotMeetAtAKey() {
            life(1);
            take(published("a", "k", 1));
            take(published("b", "k", 2));
            life(2);
            oracle.take(1, "@H start shop a 1");
            oracle.take(2, "@H start shop b 2");

            assertThat(oracle.faults()).containsOnlyKeys(Fault.OVERLAP);
            assertThat(oracle.told()).singleElement().asString().contains("in life 1");
        }

        @Test
        void s6_nothingIsRepeatedOfOneThatLivesOrHasLeft() {
            life(1);
            take(published("a", "k", 1));
            take(handled("a"));
            oracle.leave(1);
            life(2);
            take(handled("a"));

            assertThat(oracle.faults()).containsOnlyKeys(Fault.REPEATED_WITHOUT_CRASH);
        }

        /** It was stopped in its attempt; the other one has done that event, and the next one, before it ends it. */
        @Test
        void whatAZombieHadBegunBeforeItWasStoppedItMayEnd() {
            zombieIn("a");
            oracle.take(2, "@H start shop a 2");
            oracle.take(2, "@E shop a 3");
            oracle.take(2, "@H end shop a 4");
            List.of(handled("b")).forEach(line -> oracle.take(2, line));
            oracle.take(1, "@E shop a 7");
            oracle.take(1, "@H end shop a 8");
            oracle.atRest();

            assertThat(oracle.faults()).isEmpty();
            assertThat(oracle.zombieAttempts()).isOne();
            assertThat(oracle.zombieEffects()).isOne();
        }

        /** It was allowed to begin, and then stopped; its successor has done that event, and goes on. */
        @Test
        void norIsItAFaultThatThePauseFellBetweenThePermissionAndTheBeginning() {
            life(1);
            take(published("a", "k", 1));
            take(published("b", "k", 2));
            oracle.pause(1);
            life(2);
            List.of(handled("a")).forEach(line -> oracle.take(2, line));
            oracle.take(1, "@H start shop a 1");
            oracle.take(2, "@H start shop b 2");

            assertThat(oracle.faults()).isEmpty();
            assertThat(oracle.zombieAttempts()).isOne();
        }

        @Test
        void s13_whatAZombieBeginsAfterThatIsAFault() {
            zombieIn("a");
            oracle.take(2, "@H start shop b 2");
            oracle.take(1, "@H end shop a 3");
            oracle.take(1, "@H start shop b 4");

            assertThat(oracle.faults()).containsOnlyKeys(Fault.OVERLAP);
        }

        @Test
        void s13_andSoIsWhatItSetsBack() {
            zombieIn("a");
            oracle.take(1, "@E shop a 2");
            oracle.take(1, "@H end shop a 3");
            List.of(handled("b")).forEach(line -> oracle.take(2, line));
            List.of(handled("a")).forEach(line -> oracle.take(1, line));

            assertThat(oracle.faults()).containsKey(Fault.SET_BACK);
        }

        /** As if it had marked what it never did. */
        @Test
        void s13_whatNobodyDidIsLost() {
            zombieIn("a");
            oracle.take(1, "@H end shop a 2");
            List.of(handled("b")).forEach(line -> oracle.take(2, line));
            oracle.atRest();

            assertThat(oracle.faults()).containsOnlyKeys(Fault.LOST);
        }

        private void zombieIn(String id) {
            life(1);
            take(published("a", "k", 1));
            take(published("b", "k", 2));
            take("@H start shop " + id + " 1");
            oracle.pause(1);
            life(2);
        }
    }

    /** Of a broker, or of the store of their state. */
    @Nested
    class CutOffFromWhatTheyShare {

        @Test
        void whatOneCouldNotSayAnotherMayRepeat() {
            bothIn("a");
            oracle.outageBegins();
            List.of(handled("a")).forEach(line -> oracle.take(1, line));
            oracle.outageEnds();
            List.of(handled("a")).forEach(line -> oracle.take(2, line));
            oracle.atRest();

            assertThat(oracle.faults()).isEmpty();
            assertThat(oracle.repeated()).isOne();
            assertThat(oracle.repeatedAfterOutages()).isOne();
        }

        @Test
        void s6_whoDidItKnowsOfIt() {
            bothIn("a");
            oracle.outageBegins();
            List.of(handled("a")).forEach(line -> oracle.take(1, line));
            oracle.outageEnds();
            List.of(handled("a")).forEach(line -> oracle.take(1, line));

            assertThat(oracle.faults()).containsOnlyKeys(Fault.REPEATED_WITHOUT_CRASH);
            assertThat(oracle.repeatedAfterOutages()).isZero();
        }

        @Test
        void s6_noMoreIsRepeatedThanAfterACrash() {
            bothIn("a");
            List.of(published("b", "j", 1)).forEach(line -> oracle.take(2, line));
            oracle.outageBegins();
            for (var id : List.of("a", "b")) {
                List.of(handled(id)).forEach(line -> oracle.take(1, line));
            }
            oracle.outageEnds();
            for (var id : List.of("a", "b")) {
                List.of(handled(id)).forEach(line -> oracle.take(2, line));
            }

            assertThat(oracle.faults()).containsOnlyKeys(Fault.REPEATED_TOO_OFTEN);
        }

        @Test
        void s6_whoBeganAfterItHasNoExcuse() {
            bothIn("a");
            oracle.outageBegins();
            oracle.outageEnds();
            life(3);
            take(handled("a"));
            life(4);
            take(handled("a"));

            assertThat(oracle.faults()).containsOnlyKeys(Fault.REPEATED_WITHOUT_CRASH);
        }

        @Test
        void butWhoBeganDuringIt() {
            oracle.outageBegins();
            bothIn("a");
            oracle.outageEnds();
            List.of(handled("a")).forEach(line -> oracle.take(1, line));
            List.of(handled("a")).forEach(line -> oracle.take(2, line));

            assertThat(oracle.faults()).isEmpty();
        }

        /** Its lease ran out beside it. */
        @Test
        void whatItHadBegunItMayEndBesideItsSuccessor() {
            bothIn("a");
            oracle.outageBegins();
            oracle.take(1, "@H start shop a 1");
            oracle.take(2, "@H start shop a 2");

            assertThat(oracle.faults()).isEmpty();
            assertThat(oracle.zombieAttempts()).isOne();
        }

        @Test
        void s1_whatNobodyDidIsLostAllTheSame() {
            bothIn("a");
            oracle.outageBegins();
            oracle.outageEnds();
            oracle.atRest();

            assertThat(oracle.faults()).containsOnlyKeys(Fault.LOST);
        }

        private void bothIn(String id) {
            life(1);
            life(2);
            take(published(id, "k", 1));
        }
    }

    @Test
    void aTimelineTellsWhatSeveralWroteInTheOrderOfTheirTimes() {
        var timeline = new Timeline(line -> line.contains("a"));
        timeline.begins(1, 1);
        timeline.begins(2, 2);
        timeline.wrote(2, List.of("@H start shop a 7", "@E shop a 8", "@H end shop a 9"));
        timeline.wrote(1, List.of("@I a k 1 3", "@A a 6", "not of a journal", "@I b k 2 4"));
        timeline.passed("shop", List.of("a"), 10);
        timeline.away(new Outage(5, 6));
        timeline.killed(2, 11);
        timeline.left(1, 12);

        assertThat(timeline.tell(oracle)).isZero();
        oracle.atRest();
        assertThat(oracle.faults()).isEmpty();
        assertThat(oracle.effects()).isOne();
    }

    /** One that we stop says so itself, too, when it wakes: that counts once. */
    @Test
    void aTimelineTellsOfStallsThatNobodyBroughtAbout() {
        var timeline = new Timeline();
        timeline.begins(1, 1);
        timeline.paused(1, 10);
        timeline.wrote(
                1, List.of("@I a k 1 2", "@A a 3", "@H start shop a 4", "@P 9", "@E shop a 20", "@H end shop a 21"));
        timeline.begins(2, 5);
        timeline.wrote(2, List.of("@H start shop a 11", "@P 2000000012", "@E shop a 2000000013"));

        assertThat(timeline.tell(oracle)).isZero();

        assertThat(oracle.faults()).isEmpty();
        assertThat(oracle.repeated()).isOne();
        assertThat(oracle.zombieAttempts()).isOne();
    }
}
