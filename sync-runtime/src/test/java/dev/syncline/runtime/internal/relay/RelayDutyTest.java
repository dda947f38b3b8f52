package dev.syncline.runtime.internal.relay;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import dev.syncline.api.OutboxException;
import dev.syncline.runtime.internal.outbox.Outgoing;
import dev.syncline.spi.Position;
import dev.syncline.spi.TopicPartition;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

class RelayDutyTest {

    private static final Logger RELAY_LOG = (Logger) LoggerFactory.getLogger(RelayDuty.class.getPackageName());
    private static final Duration TICK = Duration.ofMillis(50);

    private final Random random = new Random(7);
    private final SimBroker broker = new SimBroker(random, 3);
    private final RelayRig rig =
            new RelayRig(random, RelaySettings.defaults().withWindow(8, 10_000)).broker("one", broker);

    @BeforeEach
    void quiet() {
        RELAY_LOG.setLevel(Level.OFF);
    }

    @AfterEach
    void loud() {
        RELAY_LOG.setLevel(null);
    }

    @Test
    void shipsEverythingAndSaysSo() {
        rig.start();
        publish("orders", 20);

        rig.settle();

        assertThat(broker.ids("orders")).hasSize(20).doesNotHaveDuplicates();
        assertThat(rig.duty.status().unshipped()).isZero();
        assertThat(rig.duty.status().shippedN()).isEqualTo(20);
        assertThat(rig.duty.status().problems()).isEmpty();
    }

    @Test
    void saysWhereTheNewestOfWhatWasShippedStands() {
        rig.start();
        publish("orders", 20);

        rig.settle();

        var stands = rig.confirmed.of("one");
        assertThat(stands.values().stream().mapToLong(Position::major).sum())
                .as("positions of a simulated partition count its messages")
                .isEqualTo(20);
        assertThat(rig.confirmed.of("here")).isEmpty();
    }

    @Test
    void aRepeatThatIsConfirmedLateDoesNotMoveThatBack() {
        var partition = new TopicPartition("orders", 0);
        rig.confirmed.add("one", partition, Position.of(7));

        rig.confirmed.add("one", partition, Position.of(3));

        assertThat(rig.confirmed.of("one")).containsExactly(Map.entry(partition, Position.of(7)));
    }

    @Test
    void entriesOfAnEmbeddedBrokerAreNoneOfItsBusiness() {
        rig.start();
        rig.publish("here", "orders", "k");
        rig.publish("one", "orders", "k");

        rig.settle();

        assertThat(broker.ids("orders")).hasSize(1);
        assertThat(rig.duty.status().destinations()).hasSize(1);
        assertThat(rig.duty.status().shippedN()).isEqualTo(2);
    }

    @Test
    void noMoreIsOnItsWayThanTheWindowHolds() {
        rig.start();
        broker.silent = Set.of("orders");
        publish("orders", 50);
        publish("stock", 3);

        rig.settle();

        assertThat(broker.unanswered()).isEqualTo(8);
        assertThat(broker.ids("stock")).as("nobody waits for it").hasSize(3);
    }

    @Test
    void aMessageLargerThanTheWindowIsSentAlone() {
        rig.start();
        rig.publish("one", "orders", "k", 20_000);
        rig.publish("one", "orders", "k", 10);

        rig.settle();

        assertThat(broker.ids("orders")).containsExactly("k#1", "k#2");
    }

    @Test
    void batchesAreBoundedAndMayGoToSeveralTopics() {
        var sizes = new ArrayList<Integer>();
        var small = new RelayRig(random, RelaySettings.defaults().withBatch(5, 1_000_000))
                .broker("one", new RecordingBroker(sizes));
        small.start();
        for (int i = 0; i < 12; i++) {
            small.publish("one", i % 2 == 0 ? "orders" : "stock", "k" + i);
        }

        small.run();

        assertThat(sizes).containsExactly(5, 5, 2);
    }

    @Nested
    class AfterARestart {

        @Test
        void s1_goesOnAtTheLowestUnanswered() {
            rig.start();
            publish("orders", 4);
            rig.settle();
            broker.silent = Set.of("orders");
            publish("orders", 3);
            rig.settleFor(Duration.ofSeconds(1), TICK);
            assertThat(broker.ids("orders")).hasSize(4);

            broker.silent = Set.of();
            rig.crash();
            rig.settle();

            assertThat(List.copyOf(Set.copyOf(broker.ids("orders")))).hasSize(7);
            assertThat(broker.ids("orders").size()).isLessThanOrEqualTo(10); // at most the three on their way again
        }

        @Test
        void whatWasSavedAsDoneIsNotRepeated() {
            rig.start();
            publish("orders", 10);
            rig.settleFor(Duration.ofSeconds(1), TICK);

            rig.crash();
            rig.settle();

            assertThat(broker.ids("orders")).hasSize(10);
        }

        @Test
        void s1_withoutCursorsItBeginsAtTheOldestEntry() {
            rig.start();
            publish("orders", 10);
            rig.settleFor(Duration.ofSeconds(1), TICK);

            rig.cursors = Cursors.NONE;
            rig.crash();
            rig.settle();

            assertThat(broker.ids("orders")).hasSize(20);
        }

        /** The topic came up between the last save and the crash: nothing is known of it. */
        @Test
        void s1_aDestinationThatWasNotSavedYetLosesNothing() {
            rig.start();
            publish("orders", 3);
            rig.settleFor(Duration.ofSeconds(1), TICK);
            broker.isAway = true;
            rig.onSave = saved -> {
                throw new OutboxException("too early");
            };
            publish("stock", 3);
            rig.run();
            assertThat(rig.cursors.destinations()).hasSize(1);

            broker.isAway = false;
            rig.onSave = saved -> {};
            rig.crash();
            rig.settle();

            assertThat(Set.copyOf(broker.ids("stock"))).hasSize(3);
        }

        /** After a power failure the outbox may end before the cursors: the same places are given again. */
        @Test
        void s1_cursorsAheadOfAnOutboxThatLostItsEndDoNotSkipWhatComes() {
            rig.start();
            rig.outbox.append(List.of(new Outgoing("one", rig.next("one", "orders", "k", 1))));
            var end = new Mark(new Position(rig.outbox.lastIndex() + 500, 0), 501);
            rig.cursors = Cursors.of(end, Map.of(new Destination("one", "orders"), end));
            rig.start();

            publish("orders", 3);
            rig.settle();

            assertThat(broker.ids("orders")).hasSize(3);
        }

        /** The simulation of the whole pipeline found this: the first events that came afterwards were passed over. */
        @Test
        void s1_cursorsAheadAreTakenBackOnTheDiskBeforeAnythingComes() {
            rig.start();
            rig.outbox.append(List.of(new Outgoing("one", rig.next("one", "orders", "k", 1))));
            var end = new Mark(new Position(rig.outbox.lastIndex() + 4, 0), 4);
            rig.cursors = Cursors.of(end, Map.of(new Destination("one", "orders"), end));
            rig.start();

            publish("orders", 5);
            rig.crash(); // before it shipped and saved
            rig.settle();

            assertThat(broker.ids("orders")).hasSize(5);
        }
    }

    @Nested
    class WhenABrokerIsAway {

        @Test
        void l1_goesOnWithinFiveSecondsAfterItIsBackHoweverLongItWas() {
            for (int seconds : new int[] {1, 7, 60, 600}) {
                var sim = new SimBroker(random, 2);
                var one = new RelayRig(random, RelaySettings.defaults())
                        .broker("one", sim)
                        .start();
                sim.isAway = true;
                for (int i = 0; i < 5; i++) {
                    one.publish("one", "t" + i, "k");
                }
                one.settleFor(Duration.ofSeconds(seconds), TICK);
                assertThat(one.duty.status().problems()).isNotEmpty();

                sim.isAway = false;
                one.settleFor(Duration.ofSeconds(5), TICK);

                for (int i = 0; i < 5; i++) {
                    assertThat(sim.ids("t" + i)).as("after %d s", seconds).contains("k#1");
                }
                assertThat(one.duty.status().problems()).isEmpty();
            }
        }

        @Test
        void itIsNotTriedInAStorm() {
            rig.start();
            broker.isAway = true;
            for (int i = 0; i < 10; i++) {
                publish("t" + i, 3);
            }

            rig.settleFor(Duration.ofMinutes(1), TICK);

            // 100 ms, 200 ms, … 3 s, each up to half longer: not more than one every 3 s in the long run
            assertThat(broker.producersMade).isBetween(12, 30);
            assertThat(broker.producersOpen).isLessThanOrEqualTo(1);
        }

        @Test
        void whatItFailsWithIsToldWithItsDestination() {
            rig.start();
            broker.isAway = true;
            publish("orders", 1);

            rig.settle();

            assertThat(rig.duty.status().problems())
                    .singleElement()
                    .asString()
                    .contains("orders")
                    .contains("\"one\"")
                    .contains("away");
            assertThat(rig.duty.status().unshipped()).isEqualTo(1);
        }

        @Test
        void afterAFailureOneMessageGoesAheadAlone() {
            rig.start();
            broker.isAway = true;
            publish("orders", 30);
            rig.settleFor(Duration.ofSeconds(1), TICK);
            broker.isAway = false;
            broker.silent = Set.of("orders");

            rig.settleFor(Duration.ofSeconds(5), TICK);

            assertThat(broker.unanswered()).isEqualTo(1);
        }

        @Test
        void l4_anotherBrokerGoesOn() {
            var other = new SimBroker(random, 2);
            rig.broker("two", other).start();
            broker.isAway = true;
            publish("orders", 30);
            rig.settle();
            for (int i = 0; i < 30; i++) {
                rig.publish("two", "orders", "k");
            }

            rig.settle();

            assertThat(other.ids("orders")).hasSize(30).doesNotHaveDuplicates();
        }
    }

    @Nested
    class WhenADestinationIsRefusedForGood {

        @Test
        void input57_itAloneStopsAndTheOthersAreNotDisturbed() {
            rig.start();
            broker.denied = Set.of("orders");
            for (int i = 0; i < 20; i++) {
                publish("orders", 1);
                publish("stock", 1);
            }

            rig.settleFor(Duration.ofMinutes(5), Duration.ofSeconds(1));

            assertThat(broker.ids("orders")).isEmpty();
            assertThat(broker.ids("stock")).as("no repeats").hasSize(20).doesNotHaveDuplicates();
            assertThat(rig.duty.status().problems())
                    .singleElement()
                    .asString()
                    .contains("orders")
                    .contains("refused")
                    .contains("wait in the outbox")
                    .contains("every 30 s");
        }

        /** What the others have on its way stays on its way, at the refusal and at every retry. */
        @Test
        void l4_theProducerOfTheOthersIsNotClosed() {
            rig.start();
            broker.silent = Set.of("stock");
            broker.denied = Set.of("orders");
            publish("stock", 5);
            publish("orders", 5);
            rig.settle();
            assertThat(rig.duty.status().problems()).hasSize(1);
            assertThat(broker.producersMade).isEqualTo(1);
            assertThat(broker.unanswered()).isEqualTo(5);

            rig.settleFor(Duration.ofSeconds(35), Duration.ofSeconds(1));

            assertThat(broker.producersMade).as("one for the retry").isEqualTo(2);
            assertThat(broker.unanswered()).as("still on their way").isEqualTo(5);
            broker.silent = Set.of();
            rig.settle();
            assertThat(broker.ids("stock")).hasSize(5).doesNotHaveDuplicates();
        }

        @Test
        void itIsTriedAgainEveryThirtySecondsAndThenGoesOn() {
            rig.start();
            broker.denied = Set.of("orders");
            publish("orders", 20);
            rig.settleFor(Duration.ofMinutes(5), Duration.ofSeconds(1));
            assertThat(broker.producersMade).isBetween(9, 12);

            broker.denied = Set.of();
            rig.settleFor(Duration.ofSeconds(31), Duration.ofSeconds(1));

            assertThat(broker.ids("orders")).hasSize(20).doesNotHaveDuplicates();
            assertThat(rig.duty.status().problems()).isEmpty();
        }

        /** Input 31: one message is too large; the key of another partition must not be repeated for ever. */
        @Test
        void input31_ifItsKeyCannotBeParkedRetriesSendTheRefusedMessageAlone() {
            rig.canPark = false;
            rig.start();
            broker.maxBytes = 1000;
            rig.publish("one", "orders", "big", 2000);
            for (int i = 0; i < 30; i++) {
                publish("orders", 1);
            }

            rig.settleFor(Duration.ofMinutes(10), Duration.ofSeconds(1));

            // the window once, then nothing but the large one
            assertThat(broker.ids("orders")).hasSizeLessThanOrEqualTo(8).doesNotHaveDuplicates();
            assertThat(rig.duty.status().problems()).hasSize(1);
        }

        @Test
        void whatIsStillOnItsWayIsAnsweredBeforeItStartsAgain() {
            rig.canPark = false;
            rig.start();
            broker.maxBytes = 1000;
            rig.publish("one", "orders", "big", 2000);
            publish("orders", 6);
            rig.run();
            int before = broker.unanswered();
            assertThat(before).isEqualTo(7);
            while (rig.duty.status().problems().isEmpty()) {
                broker.step();
                rig.run();
                rig.advance(TICK);
            }

            rig.advance(Duration.ofSeconds(31));
            rig.run();

            assertThat(broker.producersMade)
                    .as("as long as answers are missing")
                    .isEqualTo(1);
            rig.settle();
            rig.settleFor(Duration.ofSeconds(31), Duration.ofSeconds(1));
            assertThat(broker.producersMade).isGreaterThan(1);
        }
    }

    @Nested
    class WhenOneDestinationFailsWhileTheOthersDoNot {

        @Test
        void l4_theOthersAreRepeatedAFewTimesAndThenLeftAlone() {
            rig.start();
            broker.failing = Set.of("orders");
            publish("orders", 5);
            for (int i = 0; i < 200; i++) {
                publish("stock", 1);
                rig.settleFor(TICK, TICK);
            }
            int before = broker.ids("stock").size();
            int made = broker.producersMade;
            broker.silent = Set.of("stock"); // on its way from now on
            publish("stock", 5);

            rig.settleFor(Duration.ofSeconds(50), TICK);

            assertThat(broker.unanswered()).as("still on their way").isEqualTo(5);
            assertThat(broker.producersMade).as("orders is tried again").isGreaterThan(made);
            broker.silent = Set.of();
            rig.settle();
            assertThat(broker.ids("stock")).hasSize(before + 5);
            assertThat(rig.duty.status().problems()).hasSize(1);
        }

        @Test
        void itGoesOnByItselfWhenAllIsWell() {
            rig.start();
            broker.failing = Set.of("orders");
            publish("orders", 5);
            for (int i = 0; i < 100; i++) {
                publish("stock", 1);
                rig.settleFor(TICK, TICK);
            }

            broker.failing = Set.of();
            rig.settleFor(Duration.ofSeconds(5), TICK);

            assertThat(Set.copyOf(broker.ids("orders"))).hasSize(5);
            assertThat(rig.duty.status().problems()).isEmpty();
        }
    }

    @Nested
    class WhenNoAnswerComes {

        @Test
        void l7_theClientIsMadeAnewAfterAMinute() {
            rig.start();
            broker.silent = Set.of("orders");
            publish("orders", 3);
            rig.settleFor(Duration.ofSeconds(58), Duration.ofSeconds(1));
            assertThat(broker.producersMade).isEqualTo(1);
            assertThat(rig.duty.status().problems()).isEmpty();

            rig.settleFor(Duration.ofSeconds(4), Duration.ofSeconds(1));
            assertThat(broker.producersMade).isEqualTo(2);
            assertThat(rig.duty.status().problems()).singleElement().asString().contains("no answer for 60 s");

            broker.silent = Set.of();
            rig.settleFor(Duration.ofSeconds(5), TICK);
            assertThat(Set.copyOf(broker.ids("orders"))).hasSize(3);
            assertThat(rig.duty.status().problems()).isEmpty();
        }

        @Test
        void answersKeepTheClientHoweverLongABacklogTakes() {
            rig.start();
            publish("orders", 500);
            for (int i = 0; i < 200; i++) {
                rig.run();
                broker.step();
                rig.advance(Duration.ofSeconds(1));
            }

            assertThat(broker.producersMade).isEqualTo(1);
        }

        /** A client that hangs in its close is waited for, since it may still send; the others are not. */
        @Test
        void s7_noNewProducerBeforeTheOldOneIsClosed() {
            var other = new SimBroker(random, 2);
            rig.broker("two", other).start();
            broker.isAway = true;
            publish("orders", 3);
            while (rig.closings.isEmpty()) {
                rig.run();
                broker.step();
            }

            broker.isAway = false;
            for (int i = 0; i < 100; i++) {
                rig.publish("two", "orders", "k");
                rig.run();
                other.step();
                rig.advance(Duration.ofSeconds(1));
            }

            assertThat(broker.producersMade).isEqualTo(1);
            assertThat(other.ids("orders")).isNotEmpty();
            rig.settleFor(Duration.ofSeconds(5), TICK);
            assertThat(broker.producersMade).isEqualTo(2);
            assertThat(Set.copyOf(broker.ids("orders"))).hasSize(3);
        }
    }

    @Nested
    class Cursor {

        @Test
        void s26_oneDeadTopicPinsTheOutboxButNotTheCursorsOfOthers() {
            rig.start();
            broker.denied = Set.of("orders");
            publish("orders", 1);
            long pinned = rig.outbox.lastIndex();
            publish("stock", 50);

            rig.settleFor(Duration.ofSeconds(10), TICK);

            assertThat(rig.duty.lowestNeeded()).isEqualTo(pinned);
            assertThat(rig.cursors
                            .destinations()
                            .get(new Destination("one", "stock"))
                            .position())
                    .isEqualTo(new Position(rig.outbox.lastIndex(), 1));
        }

        @Test
        void whenAllIsShippedNothingIsNeeded() {
            rig.start();
            publish("orders", 50);
            publish("stock", 1);
            publish("orders", 50);

            rig.settleFor(Duration.ofSeconds(10), TICK);

            assertThat(rig.duty.lowestNeeded()).isEqualTo(rig.outbox.lastIndex());
        }

        /** Else an idle topic, or one that is read in place, would keep the outbox for ever. */
        @Test
        void readingMovesOnOverEntriesOfOthers() {
            rig.start();
            publish("orders", 1);
            rig.settleFor(Duration.ofSeconds(10), TICK);
            for (int i = 0; i < 50; i++) {
                rig.publish("here", "stock", "k");
            }

            rig.settleFor(Duration.ofSeconds(10), TICK);

            assertThat(rig.duty.lowestNeeded()).isEqualTo(rig.outbox.lastIndex());
        }

        @Test
        void isSavedFiveTimesASecondAtMost() {
            rig.start();
            for (int i = 0; i < 100; i++) {
                publish("orders", 1);
                rig.settle();
                rig.advance(Duration.ofMillis(10));
            }

            assertThat(rig.saves).isBetween(4, 6);
        }

        @Test
        void isNotSavedWhileNothingHappens() {
            rig.start();
            publish("orders", 1);
            rig.settleFor(Duration.ofSeconds(10), TICK);
            int before = rig.saves;

            rig.settleFor(Duration.ofMinutes(10), Duration.ofSeconds(1));

            assertThat(rig.saves).isEqualTo(before);
            assertThat(rig.duty.nanosToNextTimer(rig.now))
                    .isGreaterThan(Duration.ofHours(1).toNanos());
        }

        @Test
        void diskThatFailsIsAProblemAndStopsNobody() {
            rig.start();
            rig.onSave = saved -> {
                throw new OutboxException("disk on fire");
            };
            publish("orders", 5);
            rig.settleFor(Duration.ofSeconds(1), TICK);
            assertThat(rig.duty.status().problems()).singleElement().asString().contains("disk on fire");
            assertThat(broker.ids("orders")).hasSize(5);

            rig.onSave = saved -> {};
            rig.settleFor(Duration.ofSeconds(1), TICK);

            assertThat(rig.duty.status().problems()).isEmpty();
            assertThat(rig.saves).isPositive();
        }
    }

    @Nested
    class WhenABrokerIsNotConfiguredAnyMore {

        @Test
        void itsEntriesAreKeptAndTheProblemIsTold() {
            rig.start();
            publish("orders", 1);
            rig.publish("gone", "orders", "k");
            long pinned = rig.outbox.lastIndex();
            publish("orders", 50);

            rig.settleFor(Duration.ofSeconds(10), TICK);

            assertThat(rig.duty.status().problems())
                    .singleElement()
                    .asString()
                    .contains("\"gone\"")
                    .contains("no broker of that name");
            assertThat(rig.duty.lowestNeeded()).isEqualTo(pinned);
            assertThat(rig.duty.status().unshipped()).isEqualTo(1);
            assertThat(broker.ids("orders")).hasSize(51);
        }

        @Test
        void whenItIsBackItsEntriesAreShipped() {
            rig.start();
            rig.publish("gone", "orders", "k");
            publish("orders", 5);
            rig.settleFor(Duration.ofSeconds(10), TICK);

            var back = new SimBroker(random, 2);
            rig.broker("gone", back);
            rig.crash();
            rig.settle();

            assertThat(back.ids("orders")).containsExactly("k#1");
            assertThat(rig.duty.status().problems()).isEmpty();
        }
    }

    @Nested
    class WhenABrokerLostWhatItHadConfirmed {

        @Test
        void s26_whatWentToItSinceThenGoesAgainInOrder() {
            rig.start();
            publish(5);
            var to = end();
            publish(5);
            rig.settle();

            long entries = rig.duty.rewind("one", to, rig.now);
            rig.publish("one", "orders", "k");
            rig.settleFor(Duration.ofSeconds(1), TICK);

            assertThat(entries).isEqualTo(5);
            assertThat(broker.ids("orders"))
                    .containsExactly(
                            "k#1", "k#2", "k#3", "k#4", "k#5", "k#6", "k#7", "k#8", "k#9", "k#10", // then again
                            "k#6", "k#7", "k#8", "k#9", "k#10", "k#11");
            assertThat(rig.duty.status().problems()).isEmpty();
            assertThat(rig.duty.status().unshipped()).isZero();
        }

        @Test
        void s26_aCrashRightAfterTheAnswerForgetsNothingOfIt() {
            rig.start();
            publish(3);
            rig.settle();
            rig.advance(Duration.ofSeconds(1));
            rig.run();

            rig.duty.rewind("one", Mark.START, rig.now);
            rig.crash();
            rig.settle();

            assertThat(broker.ids("orders")).containsExactly("k#1", "k#2", "k#3", "k#1", "k#2", "k#3");
        }

        @Test
        void s26_theStatusSaysAtOnceWhatIsToGoAgain() {
            rig.start();
            publish(3);
            rig.settle();

            rig.duty.rewind("one", Mark.START, rig.now);

            assertThat(rig.duty.status().unshipped()).isEqualTo(3);
            assertThat(rig.duty.status().shippedN()).isZero();
            assertThat(rig.duty.lowestNeeded()).isZero();
            assertThat(rig.confirmed.of("one")).as("positions may begin anew").isEmpty();
        }

        @Test
        void s26_whatIsOnItsWayDoesNotArriveAmongIt() {
            rig.start();
            publish(3);
            rig.settle();
            publish(3);
            rig.run(); // handed over, not arrived

            rig.duty.rewind("one", Mark.START, rig.now);
            rig.settleFor(Duration.ofSeconds(1), TICK);

            var ids = broker.ids("orders");
            assertThat(ids.subList(ids.lastIndexOf("k#1"), ids.size()))
                    .containsExactly("k#1", "k#2", "k#3", "k#4", "k#5", "k#6");
        }

        @Test
        void s26_aDestinationThatIsRefusedGoesOnThereWhenItIsTakenAgain() {
            rig.start();
            publish(3);
            rig.settle();
            broker.loseAll();
            broker.denied = Set.of("orders");
            publish(1);
            rig.settleFor(Duration.ofSeconds(1), TICK);

            rig.duty.rewind("one", Mark.START, rig.now);
            broker.denied = Set.of();
            rig.settleFor(Duration.ofSeconds(40), TICK);

            assertThat(broker.ids("orders")).containsExactly("k#1", "k#2", "k#3", "k#4");
        }

        @Test
        void s26_whatIsBehindAlreadyStaysThere() {
            broker.isAway = true;
            rig.start();
            publish(3);
            rig.settle();

            assertThat(rig.duty.rewind("one", end(), rig.now)).isZero();
            assertThat(rig.duty.rewind("another", Mark.START, rig.now)).isZero();
            broker.isAway = false;
            rig.settleFor(Duration.ofSeconds(10), TICK);

            assertThat(broker.ids("orders")).containsExactly("k#1", "k#2", "k#3");
        }

        @Test
        void s26_aBrokerThatSaysSoGetsAllOfItAgainByItself() {
            rig.start();
            publish(5);
            rig.publish("one", "stock", "s");
            rig.settle();
            broker.loseAll();
            rig.settleFor(Duration.ofSeconds(1), TICK);

            broker.hasLostAll = true;
            publish(1);
            rig.settleFor(Duration.ofSeconds(2), TICK);

            assertThat(broker.ids("orders")).containsExactly("k#1", "k#2", "k#3", "k#4", "k#5", "k#6");
            assertThat(broker.ids("stock")).as("it may not have found out yet").containsExactly("s#1");
            assertThat(rig.duty.status().problems()).isEmpty();
        }

        @Test
        void s26_aCrashRightAfterABrokerSaidSoForgetsNothingOfIt() {
            rig.start();
            publish(3);
            rig.settleFor(Duration.ofSeconds(1), TICK);
            broker.loseAll();
            rig.settleFor(Duration.ofSeconds(1), TICK);
            broker.hasLostAll = true;
            publish(1);
            while (broker.hasLostAll || rig.duty.status().problems().isEmpty()) {
                rig.run();
                broker.step();
            }

            rig.crash();
            rig.settle();

            assertThat(broker.ids("orders")).containsExactly("k#1", "k#2", "k#3", "k#4");
        }

        @Test
        void s26_whatCannotBeSavedIsToldAndGoesAgainEvenSo() {
            rig.start();
            publish(2);
            rig.settle();
            rig.onSave = cursors -> {
                throw new OutboxException("disk");
            };

            assertThatThrownBy(() -> rig.duty.rewind("one", Mark.START, rig.now))
                    .isInstanceOf(OutboxException.class)
                    .hasMessageContaining("disk");
            rig.settleFor(Duration.ofSeconds(1), TICK);

            assertThat(broker.ids("orders")).containsExactly("k#1", "k#2", "k#1", "k#2");
        }

        private void publish(int count) {
            for (int i = 0; i < count; i++) {
                rig.publish("one", "orders", "k");
            }
        }

        private Mark end() {
            return new Mark(new Position(rig.outbox.lastIndex() + 1, 0), rig.outbox.lastN());
        }
    }

    private void publish(String topic, int count) {
        for (int i = 0; i < count; i++) {
            rig.publish("one", topic, "k" + i % 5);
        }
    }
}
