package dev.syncline.runtime.internal.park;

import static dev.syncline.runtime.internal.park.Events.event;
import static dev.syncline.runtime.internal.park.ParkRig.NOW;
import static org.assertj.core.api.Assertions.assertThat;

import dev.syncline.runtime.internal.envelope.Envelope;
import dev.syncline.spi.Position;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Parked events behind one that a power failure, or the disk, has taken. */
class DoubtsTest {

    private final ParkRig rig = ParkRig.tearing();
    private final Envelope first = event("k", "1");
    private final Envelope second = event("k", "2");
    private final Envelope third = event("k", "3");
    private final Envelope fourth = event("k", "4");

    /** The second of three is damaged; none of them was settled. */
    @BeforeEach
    void loseTheSecond() {
        rig.store.append(first, NOW);
        long lost = rig.store.append(second, NOW).index();
        rig.store.append(third, NOW);
        rig.disk.damage(lost);
        rig.kill();
    }

    private void acknowledged(Envelope upTo) {
        Position done = upTo.received().position();
        rig.store.doubts().assigned(upTo.received().partition(), at -> at.compareTo(done) <= 0);
    }

    /** As a lane does with an event of a key that is parked. */
    private void comes(Envelope event) {
        rig.store.doubts().arrives(event, NOW);
        rig.park(event);
    }

    private List<String> parked() {
        return rig.contents().getOrDefault("k", List.of());
    }

    @Test
    void s7_waitUntilTheyComeAgainBehindIt() {
        assertThat(rig.key("k").size()).isEqualTo(1);
        assertThat(rig.store.contains(third)).isFalse();

        comes(first);
        comes(second);
        comes(third);

        assertThat(rig.store.doubts().isEmpty()).isTrue();
        assertThat(rig.drain(rig.key("k"))).containsExactly("1", "2", "3");
    }

    @Test
    void s7_areInOrderAfterTheNextPowerFailureToo() {
        comes(first);
        comes(second);
        comes(third);
        rig.losePower();
        acknowledged(third);

        rig.store.doubts().confirm(shard -> true);

        assertThat(rig.drain(rig.key("k"))).containsExactly("1", "2", "3");
    }

    @Test
    void s1_areThereAgainIfTheyWereAcknowledged() {
        acknowledged(third);

        var keys = rig.store.doubts().confirm(shard -> true);

        assertThat(keys).containsExactly(rig.key("k"));
        assertThat(rig.store.doubts().isEmpty()).isTrue();
        assertThat(rig.drain(rig.key("k"))).containsExactly("1", "3");
    }

    @Test
    void s1_areThereAgainAsSoonAsAnEventComesThatTellsSo() {
        acknowledged(third);

        assertThat(rig.store.doubts().arrives(fourth, NOW)).isSameAs(rig.key("k"));

        rig.park(fourth);
        assertThat(rig.drain(rig.key("k"))).containsExactly("1", "3", "4");
    }

    @Test
    void waitWhereOnlyWhatIsBeforeThemWasAcknowledged() {
        acknowledged(first);

        assertThat(rig.store.doubts().confirm(shard -> true)).isEmpty();
        assertThat(rig.key("k").size()).isEqualTo(1);
    }

    /** The broker has dropped it meanwhile, by its retention or by compaction. */
    @Test
    void s1_areParkedAnewIfALaterOneComesInstead() {
        comes(second);

        assertThat(rig.store.doubts().arrives(fourth, NOW)).isSameAs(rig.key("k"));
        rig.park(fourth);

        assertThat(rig.store.doubts().isEmpty()).isTrue();
        rig.losePower();
        acknowledged(fourth);
        rig.store.doubts().confirm(shard -> true);
        assertThat(rig.drain(rig.key("k"))).containsExactly("1", "2", "3", "4");
    }

    @Test
    void s6_areGoneIfTheyComeAgainAndAreHandledAtOnce() {
        rig.store.doubts().arrives(third, NOW);
        rig.store.forceAll();
        rig.losePower();
        acknowledged(third);

        assertThat(rig.store.doubts().confirm(shard -> true)).isEmpty();
        assertThat(rig.drain(rig.key("k"))).containsExactly("1");
    }

    @Test
    void s7_countOnceWhereTheEndOfTheFirstOneIsLostAsWell() {
        comes(first);
        comes(second);
        rig.store.doubts().arrives(third, NOW);
        long end = rig.disk.lastIndex();
        rig.park(third);
        rig.disk.damage(end);
        rig.kill();
        acknowledged(third);

        rig.store.doubts().confirm(shard -> true);

        assertThat(rig.drain(rig.key("k"))).containsExactly("1", "2", "3");
    }

    @Test
    void s1_keepHowItStandsWithTheHead() {
        var other = rig.park(event("other", "5"));
        rig.store.force(rig.store.record(other.key(), HeadState.FRESH.dead(4, "rejected", "no", NOW)));
        rig.kill();
        assertThat(rig.key("other")).isNull();
        acknowledged(event("other", "5"));

        rig.store.doubts().confirm(shard -> true);

        assertThat(rig.key("other").state().isDead()).isTrue();
        assertThat(rig.key("other").state().attempts()).isEqualTo(4);
    }

    @Test
    void s24_compactionWaitsForThemAndGoesOn() {
        for (int i = 0; i < 100; i++) {
            rig.store.closeHead(rig.store.append(event("filler", "f" + i), NOW).key(), Closing.DONE, NOW);
        }
        rig.store.forceAll();
        assertThat(rig.store.compact(10_000)).isZero();

        acknowledged(third);
        rig.store.doubts().confirm(shard -> true);
        rig.compact();

        assertThat(rig.disk.firstIndex()).isPositive();
        assertThat(parked()).containsExactly("1", "3");
    }

    @Test
    void nothingIsInDoubtWhereTheLogConfirmsInOrder() {
        var elsewhere = ParkStore.over(rig.disk, ParkRig.STORE, rig.settings, (index, why) -> {});

        assertThat(elsewhere.doubts().isEmpty()).isTrue();
    }
}
