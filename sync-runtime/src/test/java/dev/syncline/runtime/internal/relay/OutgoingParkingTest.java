package dev.syncline.runtime.internal.relay;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import dev.syncline.runtime.DeadLetter;
import dev.syncline.runtime.DeadLetters.Selection;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

/** What a broker refuses for good parks its key on the way out. Inputs 31 and 57. */
class OutgoingParkingTest {

    private static final Logger RELAY_LOG = (Logger) LoggerFactory.getLogger(RelayDuty.class.getPackageName());
    private static final Duration TICK = Duration.ofMillis(50);
    private static final int SMALL = 10;
    private static final int LARGE = 2000;

    private final Random random = new Random(7);
    private final SimBroker broker = new SimBroker(random, 3);
    private final RelayRig rig = new RelayRig(random, RelaySettings.defaults()).broker("one", broker);

    @BeforeEach
    void start() {
        RELAY_LOG.setLevel(Level.OFF);
        broker.maxBytes = 1000;
        rig.start();
    }

    @AfterEach
    void loud() {
        RELAY_LOG.setLevel(null);
    }

    private void publish(String key, int bytes) {
        rig.publish("one", "orders", key, bytes);
    }

    private void settle() {
        rig.settleFor(Duration.ofSeconds(5), TICK);
    }

    private OutgoingParking parking() {
        return Objects.requireNonNull(rig.parking.get("one"));
    }

    private List<DeadLetter> dead() {
        return parking().deadLetters(Selection.all(), -1, 100);
    }

    private List<String> ids(String key) {
        return broker.ids("orders").stream().filter(id -> id.startsWith(key)).toList();
    }

    private void parkBig() {
        publish("big", SMALL);
        publish("big", LARGE);
        publish("big", SMALL);
        publish("other", SMALL);
        settle();
    }

    @Test
    void input31_itsKeyWaitsAndTheOthersGoOn() {
        parkBig();
        for (int i = 0; i < 50; i++) {
            publish("k" + i % 5, SMALL);
        }
        publish("big", SMALL);
        settle();

        assertThat(ids("big")).containsOnly("big#1");
        assertThat(Set.copyOf(broker.ids("orders"))).hasSize(52);
        assertThat(dead()).singleElement().satisfies(letter -> {
            assertThat(letter.handler()).isEqualTo("relay:one");
            assertThat(letter.topic()).isEqualTo("orders");
            assertThat(letter.key()).isEqualTo("big");
            assertThat(letter.id()).isEqualTo("big#2");
            assertThat(letter.code()).isEqualTo("refused.by.broker");
            assertThat(letter.reason()).isEqualTo("too large");
            assertThat(letter.lettersBehind()).isEqualTo(2);
        });
        assertThat(parking().problems())
                .singleElement()
                .asString()
                .contains("big", "orders", "big#2", "relay:one", "too large");
        assertThat(rig.duty.status().problems()).isEmpty();
        assertThat(rig.duty.status().unshipped()).isZero();
    }

    @Test
    void s11_itIsOnTheDiskBeforeTheCursorPasses() {
        rig.onSave = cursors -> {
            var mark = cursors.destinations().get(new Destination("one", "orders"));
            if (mark != null && mark.position().major() > 1 && !rig.isParkedForGood("one", "orders", "big#2")) {
                throw new AssertionError("passed, and not on the disk");
            }
        };
        parkBig();

        rig.crash();
        settle();

        assertThat(dead()).extracting(DeadLetter::id).containsExactly("big#2");
        assertThat(dead().get(0).lettersBehind()).isEqualTo(1);
    }

    @Test
    void s12_whatIsHandedInAgainGoesFirstThenWhatWaitsThenWhatComes() {
        parkBig();
        broker.maxBytes = Integer.MAX_VALUE;
        settle();
        assertThat(ids("big")).as("nothing goes by itself").containsOnly("big#1");

        rig.redriveAll();
        publish("big", SMALL);
        settle();

        assertThat(ids("big")).containsExactly("big#1", "big#2", "big#3", "big#4");
        assertThat(dead()).isEmpty();
        assertThat(parking().isIdle()).isTrue();
        publish("big", SMALL);
        settle();
        assertThat(ids("big")).endsWith("big#4", "big#5");
    }

    @Test
    void whatIsRefusedAgainIsDeadAgain() {
        parkBig();

        rig.redriveAll();
        settle();

        assertThat(ids("big")).containsOnly("big#1");
        assertThat(dead()).singleElement().satisfies(letter -> {
            assertThat(letter.redrives()).isEqualTo(1);
            assertThat(letter.lettersBehind()).isEqualTo(1);
        });
    }

    @Test
    void skippedAloneTheOthersOfItsKeyFollow() {
        parkBig();
        var letter = dead().get(0);

        assertThat(parking().skip(parking().find(letter), letter.letter(), "me", "too large"))
                .isTrue();
        settle();

        assertThat(ids("big")).containsExactly("big#1", "big#3");
        assertThat(parking().isIdle()).isTrue();
        assertThat(parking().find(letter)).isNull();
    }

    @Test
    void droppedWithAllBehindItLaterOnesGoAsTheyCome() {
        parkBig();
        var letter = dead().get(0);

        assertThat(parking().drop(parking().find(letter), letter.letter(), "me", "test data"))
                .isEqualTo(2);
        publish("big", SMALL);
        settle();

        assertThat(ids("big")).containsExactly("big#1", "big#4");
    }

    @Test
    void s7_aBrokerThatIsAwayWhileItIsHandedInAgainGetsItLater() {
        parkBig();
        broker.maxBytes = Integer.MAX_VALUE;
        broker.isAway = true;
        rig.redriveAll();
        publish("big", SMALL);
        settle();
        rig.crash();
        settle();
        broker.isAway = false;

        rig.settleFor(Duration.ofSeconds(20), TICK);

        assertThat(ids("big")).containsExactly("big#1", "big#2", "big#3", "big#4");
        assertThat(parking().isIdle()).isTrue();
    }

    /** As a power failure may do to what is not forced yet: the cursor has not passed it, so it is read again. */
    @Test
    void s7_whatIsLostIsParkedAgainBeforeWhatStandsBehindIt() {
        parkBig();
        var before = rig.cursors;
        publish("big", SMALL);
        publish("big", SMALL);
        settle();
        var disk = Objects.requireNonNull(rig.parkLogs.get("one"));
        disk.damage(disk.lastIndex() - 1);
        rig.cursors = before;

        rig.crash();
        settle();
        broker.maxBytes = Integer.MAX_VALUE;
        rig.redriveAll();
        settle();

        assertThat(rig.damaged).hasSize(1);
        assertThat(ids("big")).containsExactly("big#1", "big#2", "big#3", "big#4", "big#5");
        assertThat(parking().isIdle()).isTrue();
    }

    /** Damaged when the cursor had passed it already: what stands behind it does not come again. */
    @Test
    void s1_whatStandsBehindWhatIsLostForGoodStillGoes() {
        parkBig();
        publish("big", SMALL);
        publish("big", SMALL);
        settle();
        var disk = Objects.requireNonNull(rig.parkLogs.get("one"));
        disk.damage(disk.lastIndex() - 1);

        rig.crash();
        settle();
        broker.maxBytes = Integer.MAX_VALUE;
        rig.redriveAll();
        settle();

        assertThat(rig.damaged).hasSize(1);
        assertThat(ids("big")).containsExactly("big#1", "big#2", "big#3", "big#5");
        assertThat(parking().isIdle()).isTrue();
    }

    /** The broker lost all: what was before the head goes again, what is behind it still waits. */
    @Test
    void s26_aRewindSendsWhatWasBeforeTheHead() {
        parkBig();
        broker.loseAll();

        rig.duty.rewind("one", Mark.START, rig.now);
        settle();

        assertThat(ids("big")).containsExactly("big#1");
        assertThat(dead())
                .singleElement()
                .satisfies(letter -> assertThat(letter.lettersBehind()).isEqualTo(1));
        broker.maxBytes = Integer.MAX_VALUE;
        rig.redriveAll();
        settle();
        assertThat(ids("big")).containsExactly("big#1", "big#2", "big#3");
    }

    @Test
    void input57_aRefusalOfTheDestinationStopsItAndParksNothing() {
        broker.denied = Set.of("orders");
        publish("big", SMALL);
        publish("other", SMALL);
        settle();

        assertThat(dead()).isEmpty();
        assertThat(rig.duty.status().problems()).hasSize(1);
        assertThat(rig.duty.status().unshipped()).isEqualTo(2);
        broker.denied = Set.of();
        rig.settleFor(Duration.ofSeconds(40), TICK);
        assertThat(broker.ids("orders")).containsExactlyInAnyOrder("big#1", "other#1");
    }

    /** Input 63: never passed and lost. */
    @Test
    void input63_whatCannotBeParkedStopsItsDestination() {
        rig.parkLogs.get("one").close();
        parkBig();

        assertThat(rig.duty.status().problems()).singleElement().asString().contains("cannot be parked");
        assertThat(ids("big")).containsOnly("big#1");
        assertThat(rig.duty.status().unshipped()).isPositive();
        rig.onSave.accept(rig.cursors);
        broker.maxBytes = Integer.MAX_VALUE;
        rig.settleFor(Duration.ofSeconds(40), TICK);
        assertThat(Set.copyOf(ids("big"))).hasSizeLessThanOrEqualTo(3);
        assertThat(ids("big").indexOf("big#3"))
                .isGreaterThanOrEqualTo(ids("big").indexOf("big#2"));
    }
}
