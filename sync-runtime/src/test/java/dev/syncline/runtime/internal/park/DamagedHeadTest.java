package dev.syncline.runtime.internal.park;

import static dev.syncline.runtime.internal.park.Events.event;
import static dev.syncline.runtime.internal.park.ParkRig.NOW;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.syncline.runtime.DeadLetter;
import dev.syncline.runtime.DeadLetters.Selection;
import dev.syncline.runtime.internal.dispatch.Parking;
import java.time.InstantSource;
import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A parked letter whose bytes the disk has damaged: its key waits for a person, whatever comes. */
class DamagedHeadTest {

    private static final Selection DAMAGED = Selection.all().withCode("letter.damaged");

    private final ParkRig rig = new ParkRig();
    private Parked head;

    @BeforeEach
    void parkTwoOfAKey() {
        head = rig.park(event("k", "1"));
        rig.store.force(rig.store.record(head.key(), HeadState.FRESH.failed(3, "away", "no answer", NOW, 5_000)));
        rig.park(event("k", "2"));
    }

    private LaneParking parking() {
        return new LaneParking(rig.store, () -> rig.store, Events.READER, InstantSource.system(), noted -> {});
    }

    private Parking.Parked parked(LaneParking parking) {
        return parking.parked(shard -> true).get(0);
    }

    private void damage() {
        rig.disk.damage(head.index());
    }

    private List<DeadLetter> dead() {
        return rig.store.deadLetters("shop", Selection.all(), -1, 10);
    }

    private void restart(boolean isPowerLoss) {
        if (isPowerLoss) {
            rig.losePower();
        } else {
            rig.kill();
        }
    }

    @Test
    void s4_isLostToTheLaneAndThenADeadLetterThatSaysSo() {
        damage();
        var parking = parking();
        var key = parked(parking);

        assertThat(parking.head(key)).isNull();
        parking.lost(key);

        assertThat(key.failure().isDead()).isTrue();
        assertThat(key.failure().attempts()).as("no attempt was spent").isEqualTo(3);
        assertThat(rig.store.countDeadLetters("shop", DAMAGED)).isEqualTo(1);
        assertThat(dead()).singleElement().satisfies(letter -> {
            assertThat(letter.code()).isEqualTo("letter.damaged");
            assertThat(letter.key()).isEqualTo("k");
            assertThat(letter.lettersBehind()).isEqualTo(1);
            assertThat(letter.firstFailure().toEpochMilli()).isEqualTo(NOW);
        });
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void s10_s12_keepsItsKeyFromGoingOnAfterARestart(boolean isPowerLoss) {
        damage();

        restart(isPowerLoss);

        assertThat(rig.key("k").size()).isEqualTo(2);
        assertThat(dead()).extracting(DeadLetter::code).containsExactly("letter.damaged");
        assertThat(dead().get(0).letter()).isEqualTo(head.letter());
        assertThat(rig.alarms).contains(head.index());
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void isGivenUpForGoodByASkipAndWhatIsBehindItFollows(boolean isFoundByARestart) {
        damage();
        if (isFoundByARestart) {
            rig.kill();
        }
        var parking = parking();
        var key = parked(parking);
        if (!isFoundByARestart) {
            parking.head(key);
            parking.lost(key);
        }

        assertThat(parking.skip(key, "ops", "the disk lost it")).isTrue();
        assertThat(parking.head(key)).isNotNull();

        rig.losePower();
        assertThat(dead()).isEmpty();
        assertThat(rig.drain(rig.key("k"))).containsExactly("2");
    }

    @Test
    void isGivenUpForGoodByADropWithWhatIsBehindIt() {
        damage();
        rig.kill();
        var parking = parking();

        assertThat(parking.drop(parked(parking), "ops", "the disk lost it")).isEqualTo(2);

        rig.losePower();
        assertThat(rig.store.stats().letters()).isZero();
        assertThat(rig.store.liveBytes()).isZero();
    }

    @Test
    void cannotBeRedrivenAndSaysWhy() {
        rig.store.force(rig.store.record(head.key(), HeadState.FRESH.dead(4, "rejected", "no", NOW)));
        damage();
        var parking = parking();
        var key = parked(parking);

        assertThatThrownBy(() -> parking.redrive(key))
                .isInstanceOf(LetterDamagedException.class)
                .hasMessageContainingAll("letter " + head.letter(), "\"k\"", "skips it");
        assertThat(dead())
                .as("from now on the list says so, too")
                .extracting(DeadLetter::code)
                .containsExactly("letter.damaged");
    }

    /** As after a power failure that took its pages before they were forced: its event was not settled. */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void s11_isAsBeforeWhenItsEventComesAgain(boolean isFoundByARestart) {
        damage();
        if (isFoundByARestart) {
            rig.kill();
        }
        var parking = parking();
        var key = parked(parking);
        if (!isFoundByARestart) {
            parking.head(key);
            parking.lost(key);
        }

        assertThat(parking.contains(key, event("k", "1"))).isFalse();
        parking.append(key, event("k", "1"));
        parking.force();

        assertThat(key.failure().isDead()).isFalse();
        assertThat(key.failure().attempts()).isEqualTo(3);
        rig.losePower();
        assertThat(dead()).isEmpty();
        assertThat(rig.key("k").head()).as("its name, for ever").isEqualTo(head.letter());
        assertThat(rig.drain(rig.key("k"))).containsExactly("1", "2");
    }

    @Test
    void anotherEventOfItsIdIsNotTakenForIt() {
        damage();
        rig.kill();

        rig.park(event("k", "1", "other data", java.util.Map.of()));

        assertThat(rig.key("k").size()).isEqualTo(3);
        assertThat(dead()).extracting(DeadLetter::code).containsExactly("letter.damaged");
    }

    @Test
    void s24_holdsNoFileAndSurvivesCompaction() {
        var small = new ParkRig(4_000);
        var lost = small.park(event("k", "1"));
        small.store.record(lost.key(), HeadState.FRESH.failed(1, "c", "d", NOW, 1));
        small.disk.damage(lost.index());
        small.kill();
        Consumer<ParkRig> fill = rig -> {
            for (int i = 0; i < 200; i++) {
                rig.store.closeHead(
                        rig.store.append(event("filler", "f" + i), NOW).key(), Closing.DONE, NOW);
            }
            rig.store.force(rig.disk.lastIndex());
            rig.compact();
        };
        fill.accept(small);
        assertThat(small.disk.firstIndex()).isGreaterThan(lost.index());

        small.kill();
        assertThat(small.store.deadLetters("shop", Selection.all(), -1, 10))
                .extracting(DeadLetter::code)
                .containsExactly("letter.damaged");
    }
}
