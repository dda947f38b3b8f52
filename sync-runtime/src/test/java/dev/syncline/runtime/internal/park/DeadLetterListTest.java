package dev.syncline.runtime.internal.park;

import static dev.syncline.runtime.internal.park.Events.event;
import static dev.syncline.runtime.internal.park.ParkRig.NOW;
import static org.assertj.core.api.Assertions.assertThat;

import dev.syncline.runtime.DeadLetter;
import dev.syncline.runtime.DeadLetters.Selection;
import dev.syncline.spi.Position;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class DeadLetterListTest {

    private final ParkRig rig = new ParkRig();

    private Parked die(String key, String id, String code) {
        var parked = rig.park(event(key, id));
        rig.store.record(
                parked.key(),
                HeadState.FRESH.failed(4, "first", "f", NOW, 1).dead(5, code, "because of " + id, NOW + 7_000));
        return parked;
    }

    private List<DeadLetter> list(Selection which) {
        return rig.store.deadLetters("shop", which, -1, 1_000);
    }

    private static List<String> ids(List<DeadLetter> letters) {
        return letters.stream().map(DeadLetter::id).toList();
    }

    @Test
    void letterSaysAllThatAPersonNeeds() {
        var parked = die("a", "1", "rejected");
        rig.park(event("a", "2"), event("a", "3"));

        var letter = list(Selection.all()).get(0);

        assertThat(letter)
                .isEqualTo(new DeadLetter(
                        "shop",
                        parked.letter(),
                        event("a", "1").received().partition(),
                        event("a", "1").received().position(),
                        "a",
                        "catalog.product.changed",
                        "/shop",
                        "1",
                        "rejected",
                        "because of 1",
                        5,
                        0,
                        Instant.ofEpochMilli(NOW),
                        Instant.ofEpochMilli(NOW + 7_000),
                        2));
        assertThat(letter.topic()).isEqualTo(Events.TOPIC);
    }

    @Test
    void onlyDeadHeadsAreListed() {
        die("dead", "1", "rejected");
        rig.store.record(rig.park(event("waiting", "2")).key(), HeadState.FRESH.failed(1, "c", "d", NOW, 1));
        rig.park(event("fresh", "3"));

        assertThat(ids(list(Selection.all()))).containsExactly("1");
        assertThat(rig.store.countDeadLetters("shop", Selection.all())).isEqualTo(1);
        assertThat(rig.store.stats().deadKeys()).isEqualTo(1);
    }

    @Test
    void selectionByKeyCodeTopicAndHandler() {
        die("a", "1", "rejected");
        die("b", "2", "no.mapper");
        die("c", "3", "no.mapper");

        assertThat(ids(list(Selection.all().withCode("no.mapper")))).containsExactly("2", "3");
        assertThat(ids(list(Selection.all().ofKey(Events.TOPIC, "a")))).containsExactly("1");
        assertThat(list(Selection.all().ofKey("other", "a"))).isEmpty();
        assertThat(list(Selection.all().ofTopic(Events.TOPIC))).hasSize(3);
        assertThat(list(Selection.all().ofHandler("other"))).isEmpty();
        assertThat(ids(list(Selection.all().ofHandler("shop").withCode("rejected"))))
                .containsExactly("1");
    }

    @Test
    void pagesFollowTheOrderOfParkingAlsoAfterARestart() {
        var expected = new ArrayList<String>();
        for (int i = 0; i < 100; i++) {
            die("k" + i, "" + i, "rejected");
            expected.add("" + i);
        }
        rig.kill();

        var seen = new ArrayList<String>();
        long after = -1;
        for (var page = rig.store.deadLetters("shop", Selection.all(), after, 7);
                !page.isEmpty();
                page = rig.store.deadLetters("shop", Selection.all(), after, 7)) {
            assertThat(page).hasSizeLessThanOrEqualTo(7);
            seen.addAll(ids(page));
            after = page.get(page.size() - 1).letter();
        }
        assertThat(seen).isEqualTo(expected);
    }

    @Test
    void listedLetterIsFoundAgainUntilItIsNoDeadLetterAnyMore() {
        die("a", "1", "rejected");
        rig.park(event("a", "2"));
        var letter = list(Selection.all()).get(0);
        rig.kill();
        var key = rig.store.find(letter);
        assertThat(key.key()).isEqualTo("a");

        rig.store.record(key, key.state().redriven(NOW));
        assertThat(rig.store.find(letter)).isNull();

        rig.store.record(key, key.state().dead(1, "rejected", "again", NOW));
        assertThat(rig.store.find(letter)).isSameAs(key);
        assertThat(list(Selection.all()).get(0).redrives()).isEqualTo(1);

        rig.store.closeHead(key, Closing.skipped("ops", "why"), NOW);
        assertThat(rig.store.find(letter)).isNull();
    }

    @Test
    void letterWithoutAKeyIsFoundByItsPlace() {
        die("", "1", "rejected");
        die("", "2", "rejected");

        for (var letter : list(Selection.all())) {
            assertThat(letter.key()).isEmpty();
            assertThat(rig.store.find(letter).head()).isEqualTo(letter.letter());
        }
    }

    @Test
    void letterThatCannotBeReadIsListedSoThatItCanBeSkipped() {
        var lost = die("", "1", "rejected");
        rig.disk.damage(lost.index());

        var letter = list(Selection.all()).get(0);

        assertThat(letter.id()).isEmpty();
        assertThat(letter.position()).isEqualTo(Position.of(0));
        assertThat(rig.store.find(letter)).isSameAs(lost.key());
    }
}
