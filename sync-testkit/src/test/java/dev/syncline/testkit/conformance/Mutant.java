package dev.syncline.testkit.conformance;

import dev.syncline.api.BrokerException;
import dev.syncline.spi.AssignmentListener;
import dev.syncline.spi.Broker;
import dev.syncline.spi.BrokerConsumer;
import dev.syncline.spi.BrokerProducer;
import dev.syncline.spi.Bytes;
import dev.syncline.spi.Message;
import dev.syncline.spi.Position;
import dev.syncline.spi.Received;
import dev.syncline.spi.SendResult;
import dev.syncline.spi.Subscription;
import dev.syncline.spi.Subscription.Start;
import dev.syncline.spi.TopicPartition;
import dev.syncline.testkit.conformance.BrokenBroker.BrokenConsumer;
import dev.syncline.testkit.conformance.BrokenBroker.BrokenListener;
import dev.syncline.testkit.conformance.BrokenBroker.BrokenProducer;
import java.text.Normalizer;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BiFunction;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.UnaryOperator;

/** Brokers broken on purpose, each with a test that must notice, and what it must say. */
enum Mutant {
    ACKNOWLEDGES_NOTHING(
            consumers(sound -> new BrokenConsumer(sound) {
                @Override
                public void acknowledge(Map<TopicPartition, Acknowledgement> positions) {}

                @Override
                public boolean acknowledgeNow(Map<TopicPartition, Acknowledgement> positions, Duration atMost) {
                    return true;
                }
            }),
            BrokerConformance.Acknowledging.class,
            "s9_nextOwnerGoesOnAfterWhatWasAcknowledged",
            "k#0"),

    ACKNOWLEDGES_WHAT_IT_DELIVERS(
            consumers(sound -> new BrokenConsumer(sound) {
                @Override
                public void poll(Duration atMost, Consumer<Received> sink) {
                    var last = new HashMap<TopicPartition, Acknowledgement>();
                    sound.poll(atMost, received -> {
                        last.put(received.partition(), new Acknowledgement(received.position(), ""));
                        sink.accept(received);
                    });
                    sound.acknowledge(last);
                }
            }),
            BrokerConformance.Acknowledging.class,
            "l2_withoutAcknowledgementEverythingComesAgain",
            "not within"),

    ACKNOWLEDGES_ONE_TOO_FAR(
            consumers(sound -> new BrokenConsumer(sound) {
                @Override
                public boolean acknowledgeNow(Map<TopicPartition, Acknowledgement> positions, Duration atMost) {
                    var further = new HashMap<TopicPartition, Acknowledgement>();
                    positions.forEach((partition, position) -> further.put(
                            partition,
                            new Acknowledgement(Position.of(position.position().major() + 1), position.metadata())));
                    return sound.acknowledgeNow(further, atMost);
                }
            }),
            BrokerConformance.Acknowledging.class,
            "s9_nextOwnerGoesOnAfterWhatWasAcknowledged",
            "not within"),

    ACKNOWLEDGES_ONE_TOO_FEW(
            consumers(sound -> new BrokenConsumer(sound) {
                @Override
                public boolean acknowledgeNow(Map<TopicPartition, Acknowledgement> positions, Duration atMost) {
                    var shorter = new HashMap<TopicPartition, Acknowledgement>();
                    positions.forEach((partition, position) -> shorter.put(
                            partition,
                            new Acknowledgement(
                                    Position.of(Math.max(0, position.position().major() - 1)), position.metadata())));
                    return sound.acknowledgeNow(shorter, atMost);
                }
            }),
            BrokerConformance.Acknowledging.class,
            "s9_acknowledgedMessagesDoNotComeAgain",
            "later"),

    FORGETS_METADATA(
            consumers(sound -> new BrokenConsumer(sound) {
                @Override
                public boolean acknowledgeNow(Map<TopicPartition, Acknowledgement> positions, Duration atMost) {
                    var bare = new HashMap<TopicPartition, Acknowledgement>();
                    positions.forEach(
                            (partition, position) -> bare.put(partition, new Acknowledgement(position.position(), "")));
                    return sound.acknowledgeNow(bare, atMost);
                }
            }),
            BrokerConformance.Acknowledging.class,
            "positionAndMetadataComeBackAtAssignment",
            "store=4f1d;"),

    SAYS_THAT_A_LOST_OWNER_ACKNOWLEDGED(
            consumers(sound -> new BrokenConsumer(sound) {
                @Override
                public boolean acknowledgeNow(Map<TopicPartition, Acknowledgement> positions, Duration atMost) {
                    sound.acknowledgeNow(positions, atMost);
                    return true;
                }
            }),
            BrokerConformance.AfterAConsumerDies.class,
            "s13_acknowledgementOfALostOwnerHasNoEffect",
            "the zombie's acknowledgement was confirmed"),

    CALLS_LOST_REVOKED(
            listeners(sound -> new BrokenListener(sound) {
                @Override
                public void onLost(Set<TopicPartition> partitions) {
                    sound.onRevoked(partitions);
                }
            }),
            BrokerConformance.AfterAConsumerDies.class,
            "s13_acknowledgementOfALostOwnerHasNoEffect",
            "the zombie is told that it lost"),

    REORDERS(
            consumers(sound -> new BrokenConsumer(sound) {
                @Override
                public void poll(Duration atMost, Consumer<Received> sink) {
                    var polled = new ArrayList<Received>();
                    sound.poll(atMost, polled::add);
                    Collections.reverse(polled);
                    polled.forEach(sink);
                }
            }),
            BrokerConformance.OrderOfKeys.class,
            "s7_messagesOfAPartitionComeInTheOrderSent",
            "rules of BrokerConsumer"),

    DELIVERS_TWICE(
            consumers(sound -> new BrokenConsumer(sound) {
                @Override
                public void poll(Duration atMost, Consumer<Received> sink) {
                    sound.poll(atMost, sink.andThen(sink));
                }
            }),
            BrokerConformance.OrderOfKeys.class,
            "messagesWithoutKeyAllArrive",
            "rules of BrokerConsumer"),

    DELIVERS_AFTER_A_REVOCATION(
            (sound, run) -> new BrokenBroker(sound) {
                @Override
                public BrokerConsumer consumer(Subscription subscription, AssignmentListener listener) {
                    var revoked = new HashSet<TopicPartition>();
                    var late = new HashMap<TopicPartition, Received>();
                    var watching = new BrokenListener(listener) {
                        @Override
                        public void onRevoked(Set<TopicPartition> partitions) {
                            revoked.addAll(partitions);
                            sound.onRevoked(partitions);
                        }
                    };
                    return new BrokenConsumer(sound.consumer(subscription, watching)) {
                        @Override
                        public void poll(Duration atMost, Consumer<Received> sink) {
                            sound.poll(atMost, received -> {
                                late.put(received.partition(), received);
                                sink.accept(received);
                            });
                            revoked.forEach(partition -> {
                                var received = late.remove(partition);
                                if (received != null) {
                                    sink.accept(received);
                                }
                            });
                        }
                    };
                }
            },
            BrokerConformance.SeveralConsumers.class,
            "s9_acknowledgementDuringRevocationCounts",
            "which is not owned"),

    TELLS_REVOCATIONS_TOO_LATE(
            (sound, run) -> new BrokenBroker(sound) {
                @Override
                public BrokerConsumer consumer(Subscription subscription, AssignmentListener listener) {
                    var late = new HashSet<TopicPartition>();
                    var holding = new BrokenListener(listener) {
                        @Override
                        public void onRevoked(Set<TopicPartition> partitions) {
                            late.addAll(partitions);
                        }
                    };
                    return new BrokenConsumer(sound.consumer(subscription, holding)) {
                        private int polls;

                        @Override
                        public void poll(Duration atMost, Consumer<Received> sink) {
                            sound.poll(atMost, sink);
                            if (!late.isEmpty() && ++polls % 4 == 0) {
                                listener.onRevoked(Set.copyOf(late));
                                late.clear();
                            }
                        }
                    };
                }
            },
            BrokerConformance.SeveralConsumers.class,
            "s8_partitionIsGivenUpBeforeAnotherOwnsIt",
            "owned at once"),

    GIVES_UP_BEFORE_IT_TELLS(
            (sound, run) -> new BrokenBroker(sound) {
                @Override
                public BrokerConsumer consumer(Subscription subscription, AssignmentListener listener) {
                    var closing = new AtomicBoolean();
                    var silent = new BrokenListener(listener) {
                        @Override
                        public void onRevoked(Set<TopicPartition> partitions) {
                            if (!closing.get()) {
                                sound.onRevoked(partitions);
                            }
                        }
                    };
                    return new BrokenConsumer(sound.consumer(subscription, silent)) {
                        @Override
                        public void close() {
                            closing.set(true);
                            sound.close();
                        }
                    };
                }
            },
            BrokerConformance.SeveralConsumers.class,
            "closingTellsThatPartitionsAreRevoked",
            "3"),

    DELIVERS_BEFORE_IT_ASSIGNS(
            (sound, run) -> new BrokenBroker(sound) {
                @Override
                public BrokerConsumer consumer(Subscription subscription, AssignmentListener listener) {
                    var late = new ArrayList<AssignmentListener.Assigned>();
                    var holding = new BrokenListener(listener) {
                        @Override
                        public void onAssigned(List<Assigned> partitions) {
                            late.addAll(partitions);
                        }
                    };
                    return new BrokenConsumer(sound.consumer(subscription, holding)) {
                        @Override
                        public void poll(Duration atMost, Consumer<Received> sink) {
                            sound.poll(atMost, sink);
                            if (!late.isEmpty()) {
                                listener.onAssigned(List.copyOf(late));
                                late.clear();
                            }
                        }
                    };
                }
            },
            BrokerConformance.Groups.class,
            "assignmentIsToldBeforeTheFirstMessage",
            "before the assignment"),

    TELLS_ON_ANOTHER_THREAD(
            listeners(sound -> new BrokenListener(sound) {
                @Override
                public void onAssigned(List<Assigned> partitions) {
                    var thread = new Thread(() -> sound.onAssigned(partitions));
                    thread.start();
                    try {
                        thread.join();
                    } catch (InterruptedException interrupted) {
                        throw new AssertionError(interrupted);
                    }
                }
            }),
            BrokerConformance.Groups.class,
            "oneConsumerOwnsEveryPartitionOfEveryTopic",
            "on another thread"),

    FORGETS_WHERE_A_GROUP_BEGAN(
            (sound, run) -> new BrokenBroker(sound) {
                @Override
                public BrokerConsumer consumer(Subscription subscription, AssignmentListener listener) {
                    return new BrokenConsumer(sound.consumer(subscription, listener)) {
                        @Override
                        public void close() {
                            super.close();
                            run.forget(subscription);
                        }
                    };
                }

                @Override
                public void forgetGroup(String group, Duration atMost) {
                    sound.forgetGroup(group, atMost);
                }
            },
            BrokerConformance.Groups.class,
            "s9_groupThatBeganAtTheLatestKeepsWhereItBegan",
            "not within"),

    FORGETS_NO_GROUP(
            (sound, run) -> new BrokenBroker(sound) {
                @Override
                public void forgetGroup(String group, Duration atMost) {}
            },
            BrokerConformance.Groups.class,
            "forgottenGroupBeginsAnew",
            "not within"),

    LOSES_UNKNOWN_ATTRIBUTES(
            messages(message -> {
                var known = new HashMap<>(message.attributes());
                known.remove("unknown");
                return new Message(message.topic(), message.key(), known, message.headers(), message.data());
            }),
            BrokerConformance.RoundTrip.class,
            "s4_everyAttributeComesBackUnchanged",
            "unknown"),

    TAKES_EMPTY_FOR_ABSENT(
            messages(message -> {
                var data = message.data();
                return data != null && data.length() == 0
                        ? new Message(message.topic(), message.key(), message.attributes(), message.headers(), null)
                        : message;
            }),
            BrokerConformance.RoundTrip.class,
            "s4_emptyDataIsNotAbsent",
            "0 bytes"),

    TAKES_ABSENT_FOR_EMPTY(
            messages(message -> message.data() == null
                    ? new Message(
                            message.topic(), message.key(), message.attributes(), message.headers(), Bytes.empty())
                    : message),
            BrokerConformance.RoundTrip.class,
            "s4_absentDataStaysAbsent",
            "null"),

    SENDS_THE_WHOLE_ARRAY(
            messages(message -> {
                var data = message.data();
                return new Message(
                        message.topic(),
                        message.key(),
                        message.attributes(),
                        message.headers(),
                        data == null ? null : Bytes.wrap(data.array()));
            }),
            BrokerConformance.RoundTrip.class,
            "s4_dataInTheMiddleOfAnArrayComesBack",
            "bytes"),

    NORMALISES_KEYS(
            messages(message -> {
                var key = Normalizer.normalize(message.key(), Normalizer.Form.NFC);
                var attributes = new HashMap<>(message.attributes());
                attributes.computeIfPresent("partitionkey", (name, old) -> key);
                return new Message(message.topic(), key, attributes, message.headers(), message.data());
            }),
            BrokerConformance.RoundTrip.class,
            "s4_keysInUnicodeComeBackAndStayApart",
            "caf"),

    MIXES_HEADERS_AND_ATTRIBUTES(
            messages(message -> {
                var attributes = new HashMap<>(message.attributes());
                attributes.putAll(message.headers());
                return new Message(message.topic(), message.key(), attributes, Map.of(), message.data());
            }),
            BrokerConformance.RoundTrip.class,
            "s4_headersOfTheTransportComeBackBesideTheAttributes",
            "traceparent"),

    SHARES_PARTITIONS_BY_ANOTHER_RULE(
            messages(message -> new Message(
                    message.topic(),
                    new StringBuilder(message.key()).reverse().toString(),
                    message.attributes(),
                    message.headers(),
                    message.data())),
            BrokerConformance.OrderOfKeys.class,
            "s7_partitionOfAKeyIsTheOneKafkaChooses",
            ""),

    PAUSES_NOTHING(
            consumers(sound -> new BrokenConsumer(sound) {
                @Override
                public void pause(Set<TopicPartition> partitions) {}
            }),
            BrokerConformance.FlowControl.class,
            "s7_pauseAndResumeKeepTheOrderAndLoseNothing",
            "which is paused"),

    LOSES_WHAT_WAS_FETCHED_AT_A_PAUSE(
            consumers(sound -> new BrokenConsumer(sound) {
                private boolean drop;

                @Override
                public void pause(Set<TopicPartition> partitions) {
                    drop = true;
                    super.pause(partitions);
                }

                @Override
                public void poll(Duration atMost, Consumer<Received> sink) {
                    sound.poll(atMost, received -> {
                        if (!drop) {
                            sink.accept(received);
                        }
                        drop = false;
                    });
                }
            }),
            BrokerConformance.FlowControl.class,
            "s7_pauseAndResumeKeepTheOrderAndLoseNothing",
            "not within"),

    DELIVERS_MORE_THAN_ASKED_FOR(
            (sound, run) -> new BrokenBroker(sound) {
                @Override
                public BrokerConsumer consumer(Subscription asked, AssignmentListener listener) {
                    return sound.consumer(
                            new Subscription(asked.group(), asked.topics(), asked.start(), asked.member(), 1000),
                            listener);
                }
            },
            BrokerConformance.FlowControl.class,
            "pollDeliversAtMostWhatWasAskedFor",
            "more than 7 messages"),

    SEEKS_ONE_TOO_FAR(
            consumers(sound -> new BrokenConsumer(sound) {
                @Override
                public void seekAfter(TopicPartition partition, Position position) {
                    sound.seekAfter(partition, Position.of(position.major() + 1));
                }
            }),
            BrokerConformance.Seeking.class,
            "seekAfterGoesBack",
            "not within"),

    SEEKS_NO_TIME(
            consumers(sound -> new BrokenConsumer(sound) {
                @Override
                public void seekTo(TopicPartition partition, Instant time) {
                    sound.seekTo(partition, Start.EARLIEST);
                }
            }),
            BrokerConformance.Seeking.class,
            "seekToATimeGivesWhatWasSentFromThenOn",
            "before#0"),

    WAITS_FOR_A_TIME_AHEAD(
            consumers(sound -> new BrokenConsumer(sound) {
                private boolean ahead;

                @Override
                public void seekTo(TopicPartition partition, Instant time) {
                    ahead = time.isAfter(Instant.now());
                    sound.seekTo(partition, time);
                }

                @Override
                public void poll(Duration atMost, Consumer<Received> sink) {
                    sound.poll(atMost, received -> {
                        if (!ahead) {
                            sink.accept(received);
                        }
                    });
                }
            }),
            BrokerConformance.Seeking.class,
            "seekToATimeAheadGivesTheNextMessage",
            "not within"),

    ACKNOWLEDGES_BY_SEEKING(
            consumers(sound -> new BrokenConsumer(sound) {
                @Override
                public void seekTo(TopicPartition partition, Start start) {
                    sound.seekTo(partition, start);
                    if (start == Start.LATEST) {
                        sound.acknowledge(Map.of(partition, new Acknowledgement(Position.of(5), "")));
                    }
                }
            }),
            BrokerConformance.Seeking.class,
            "s9_seekingDoesNotMoveTheAcknowledgedPosition",
            "not within"),

    COUNTS_THE_LAG_FROM_WHAT_WAS_DELIVERED(
            consumers(sound -> new BrokenConsumer(sound) {
                @Override
                public OptionalLong lag(TopicPartition partition) {
                    return OptionalLong.of(0);
                }
            }),
            BrokerConformance.Lag.class,
            "lagCountsWhatIsNotAcknowledged",
            "a lag of 10"),

    KEEPS_THE_LAG_OF_BEFORE(
            consumers(sound -> new BrokenConsumer(sound) {
                private OptionalLong last = OptionalLong.empty();

                @Override
                public OptionalLong lag(TopicPartition partition) {
                    var now = super.lag(partition);
                    last = now.isPresent() ? now : last;
                    return last;
                }
            }),
            BrokerConformance.WhileTheServerIsAway.class,
            "lagIsUnknownWhileTheServerDoesNotAnswer",
            "no lag"),

    KNOWS_NO_LAG(
            consumers(sound -> new BrokenConsumer(sound) {
                @Override
                public OptionalLong lag(TopicPartition partition) {
                    return OptionalLong.empty();
                }
            }),
            BrokerConformance.Lag.class,
            "lagIsZeroWhenEverythingIsAcknowledged",
            "a lag of 0"),

    DOES_NOT_WAKE(
            consumers(sound -> new BrokenConsumer(sound) {
                @Override
                public void wakeup() {}
            }),
            BrokerConformance.WakingAndClosing.class,
            "wakeupBeforeAPollEndsThatPoll",
            "ended early"),

    GOES_ON_AFTER_CLOSE(
            consumers(sound -> new BrokenConsumer(sound) {
                private boolean closed;

                @Override
                public void poll(Duration atMost, Consumer<Received> sink) {
                    if (!closed) {
                        sound.poll(atMost, sink);
                    }
                }

                @Override
                public void close() {
                    closed = true;
                    sound.close();
                }
            }),
            BrokerConformance.WakingAndClosing.class,
            "closedConsumerRefusesEveryCall",
            "Expecting code to raise"),

    SENDS_BEHIND_A_FAILED_MESSAGE(
            (sound, run) -> new BrokenBroker(sound) {
                @Override
                public BrokerProducer producer() {
                    return new BrokenProducer(sound.producer()) {
                        @Override
                        public void send(List<Message> batch, SendListener listener) {
                            for (int i = 0; i < batch.size(); i++) {
                                sendByAProducerThatKnowsOfNoFailure(i, batch.get(i), listener);
                            }
                        }
                    };
                }

                private void sendByAProducerThatKnowsOfNoFailure(
                        int index, Message message, BrokerProducer.SendListener listener) {
                    try (var fresh = sound.producer()) {
                        fresh.send(List.of(message), (none, result) -> listener.onResult(index, result));
                    }
                }
            },
            BrokerConformance.Sending.class,
            "s7_nothingBehindAFailedMessageIsSent",
            ""),

    ANSWERS_OUT_OF_ORDER(
            producers(sound -> new BrokenProducer(sound) {
                @Override
                public void send(List<Message> batch, SendListener listener) {
                    var results = new HashMap<Integer, SendResult>();
                    sound.send(batch, results::put);
                    for (int i = batch.size() - 1; i >= 0; i--) {
                        listener.onResult(i, results.get(i));
                    }
                }
            }),
            BrokerConformance.Sending.class,
            "resultsComeInOrderWithinAPartition",
            "index of the result"),

    ANSWERS_TWICE(
            producers(sound -> new BrokenProducer(sound) {
                @Override
                public void send(List<Message> batch, SendListener listener) {
                    sound.send(batch, (index, result) -> {
                        listener.onResult(index, result);
                        listener.onResult(index, result);
                    });
                }
            }),
            BrokerConformance.Sending.class,
            "resultsComeInOrderWithinAPartition",
            "a second result"),

    DOES_NOT_ANSWER_AT_CLOSE(
            producers(sound -> new BrokenProducer(sound) {
                private volatile boolean closing;

                @Override
                public void send(List<Message> batch, SendListener listener) {
                    sound.send(batch, (index, result) -> {
                        if (!closing) {
                            listener.onResult(index, result);
                        }
                    });
                }

                @Override
                public void close() {
                    closing = true;
                    sound.close();
                }
            }),
            BrokerConformance.WhileTheServerIsAway.class,
            "closeAbandonsWhatAPausedServerDoesNotAnswer",
            "answers when close returned"),

    SENDS_AFTER_CLOSE(
            (sound, run) -> new BrokenBroker(sound) {
                @Override
                public BrokerProducer producer() {
                    return new BrokenProducer(sound.producer()) {
                        @Override
                        public void close() {}
                    };
                }
            },
            BrokerConformance.Sending.class,
            "afterCloseNothingIsAttempted",
            "Sent"),

    BLOCKS_WHILE_AWAY(
            (sound, run) -> new BrokenBroker(sound) {
                @Override
                public BrokerProducer producer() {
                    return new BrokenProducer(sound.producer()) {
                        @Override
                        public void send(List<Message> batch, SendListener listener) {
                            try {
                                check(Set.of(), Set.of(), "", Duration.ofSeconds(4));
                            } catch (BrokerException away) {
                                // waited for it
                            }
                            super.send(batch, listener);
                        }

                        private void check(Set<String> publish, Set<String> subscribe, String group, Duration atMost) {
                            run.client.check(publish, subscribe, group, atMost);
                        }
                    };
                }
            },
            BrokerConformance.WhileTheServerIsAway.class,
            "sendingDoesNotWaitForABrokerThatIsAway",
            "how long it took"),

    JUMPS_OVER_A_GAP(
            (sound, run) -> new BrokenBroker(sound) {
                @Override
                public BrokerConsumer consumer(Subscription subscription, AssignmentListener listener) {
                    var owned = new HashSet<TopicPartition>();
                    var watching = new BrokenListener(listener) {
                        @Override
                        public void onAssigned(List<Assigned> partitions) {
                            partitions.forEach(assigned -> owned.add(assigned.partition()));
                            sound.onAssigned(partitions);
                        }
                    };
                    return new BrokenConsumer(sound.consumer(subscription, watching)) {
                        @Override
                        public void poll(Duration atMost, Consumer<Received> sink) {
                            try {
                                sound.poll(atMost, sink);
                            } catch (BrokerException gap) {
                                owned.forEach(partition -> sound.seekTo(partition, Start.EARLIEST));
                            }
                        }
                    };
                }
            },
            BrokerConformance.Refusals.class,
            "s18_positionThatIsGoneIsRefusedUntilASeek",
            "a poll that is refused"),

    CHECKS_NOTHING(
            (sound, run) -> new BrokenBroker(sound) {
                @Override
                public void check(Set<String> publish, Set<String> subscribe, String group, Duration atMost) {}
            },
            BrokerConformance.Refusals.class,
            "checkNamesEveryMissingTopic",
            "Expecting code to raise"),

    IGNORES_UNKNOWN_OPTIONS(
            (sound, run) -> sound,
            BrokerConformance.Refusals.class,
            "unknownOptionsAreAllNamed",
            "Expecting code to raise"),

    HIDES_DEFECTS(
            consumers(sound -> new BrokenConsumer(sound) {
                @Override
                public void poll(Duration atMost, Consumer<Received> sink) {
                    sound.poll(
                            atMost,
                            one -> sink.accept(new Received(
                                    one.partition(), one.position(), one.message(), one.timestamp(), null)));
                }
            }),
            BrokerConformance.BadInput.class,
            "attributeTwiceWithDifferentValuesIsADefect",
            "defect"),

    SPREADS_EQUAL_KEYS(
            (sound, run) -> new BrokenBroker(sound) {
                @Override
                public BrokerProducer producer() {
                    return new BrokenProducer(sound.producer()) {
                        @Override
                        public void send(List<Message> batch, SendListener listener) {
                            sound.send(
                                    batch.stream()
                                            .map(one -> new Message(
                                                    one.topic(),
                                                    one.key() + System.identityHashCode(this),
                                                    one.attributes(),
                                                    one.headers(),
                                                    one.data()))
                                            .toList(),
                                    listener);
                        }
                    };
                }
            },
            BrokerConformance.OrderOfKeys.class,
            "s7_equalKeysShareAPartitionWhoeverSends",
            "partition of k"),

    SHARES_NOTHING(
            (sound, run) -> new BrokenBroker(sound) {
                @Override
                public BrokerConsumer consumer(Subscription subscription, AssignmentListener listener) {
                    return new BrokenConsumer(sound.consumer(subscription, listener)) {
                        private final boolean first = run.isFirst(subscription.group());

                        @Override
                        public void poll(Duration atMost, Consumer<Received> sink) {
                            if (first) {
                                sound.poll(atMost, sink);
                            }
                        }
                    };
                }
            },
            BrokerConformance.SeveralConsumers.class,
            "l6_secondConsumerGetsAShare",
            "both own two partitions"),

    SAYS_THAT_SOMETHING_WAS_ACKNOWLEDGED(
            listeners(sound -> new BrokenListener(sound) {
                @Override
                public void onAssigned(List<Assigned> partitions) {
                    sound.onAssigned(partitions.stream()
                            .map(one -> new Assigned(one.partition(), Position.of(0), one.metadata()))
                            .toList());
                }
            }),
            BrokerConformance.Acknowledging.class,
            "nothingAcknowledgedIsSaidAtAssignment",
            "0-0"),

    ACKNOWLEDGES_WHEN_IT_LEAVES(
            consumers(sound -> new BrokenConsumer(sound) {
                private final Map<TopicPartition, Acknowledgement> last = new HashMap<>();

                @Override
                public void poll(Duration atMost, Consumer<Received> sink) {
                    sound.poll(atMost, received -> {
                        last.put(received.partition(), new Acknowledgement(received.position(), ""));
                        sink.accept(received);
                    });
                }

                @Override
                public void close() {
                    try {
                        sound.acknowledge(last);
                    } catch (IllegalStateException notOurs) {
                        // closed before, or given up
                    }
                    sound.close();
                }
            }),
            BrokerConformance.Histories.class,
            "s9_everyOwnerGoesOnWhereItMust(long)",
            "acknowledged"),

    WAITS_LONGER_THAN_ASKED(
            consumers(sound -> new BrokenConsumer(sound) {
                @Override
                public void poll(Duration atMost, Consumer<Received> sink) {
                    sound.poll(atMost.toMillis() == 300 ? atMost.plusSeconds(6) : atMost, sink);
                }
            }),
            BrokerConformance.FlowControl.class,
            "pollReturnsInTimeWithNothingThere",
            "how long a poll"),

    SAYS_NOTHING_OF_REFUSALS(
            consumers(sound -> new BrokenConsumer(sound) {
                @Override
                public void poll(Duration atMost, Consumer<Received> sink) {
                    try {
                        sound.poll(atMost, sink);
                    } catch (BrokerException refused) {
                        // tries again for ever
                    }
                }
            }),
            BrokerConformance.Refusals.class,
            "consumerOfAMissingTopicIsRefused",
            "a poll that is refused"),

    CONFIRMS_WHAT_WAS_REFUSED(
            producers(sound -> new BrokenProducer(sound) {
                @Override
                public void send(List<Message> batch, SendListener listener) {
                    sound.send(
                            batch,
                            (index, result) -> listener.onResult(
                                    index,
                                    result instanceof SendResult.Failed
                                            ? new SendResult.Sent(
                                                    new TopicPartition(
                                                            batch.get(index).topic(), 0),
                                                    Position.of(0))
                                            : result));
                }
            }),
            BrokerConformance.Refusals.class,
            "sendingToADeniedTopicIsRefused",
            "Sent"),

    CONFIRMS_OTHER_POSITIONS(
            producers(sound -> new BrokenProducer(sound) {
                @Override
                public void send(List<Message> batch, SendListener listener) {
                    sound.send(
                            batch,
                            (index, result) -> listener.onResult(
                                    index,
                                    result instanceof SendResult.Sent sent
                                            ? new SendResult.Sent(sent.partition(), Position.of(7))
                                            : result));
                }
            }),
            BrokerConformance.RoundTrip.class,
            "confirmedPositionsAreThoseOfTheMessages",
            "7-0"),

    FORGETS_LATE_ANSWERS(
            producers(sound -> new BrokenProducer(sound) {
                private final List<Runnable> late = new ArrayList<>();

                @Override
                public void send(List<Message> batch, SendListener listener) {
                    sound.send(batch, (index, result) -> late.add(() -> listener.onResult(index, result)));
                    if (late.size() > 100) {
                        late.forEach(Runnable::run);
                        late.clear();
                    }
                }
            }),
            BrokerConformance.Sending.class,
            "closeAnswersEveryMessageOnce",
            "answers when close returned"),

    REFUSES_EMPTY_BATCHES(
            producers(sound -> new BrokenProducer(sound) {
                @Override
                public void send(List<Message> batch, SendListener listener) {
                    batch.get(0);
                    sound.send(batch, listener);
                }
            }),
            BrokerConformance.Sending.class,
            "emptyBatchIsNothing",
            "IndexOutOfBounds"),

    CHECKS_TOO_MUCH(
            (sound, run) -> new BrokenBroker(sound) {
                @Override
                public void check(Set<String> publish, Set<String> subscribe, String group, Duration atMost) {
                    if (group.isEmpty()) {
                        throw BrokerException.refused("a group needs a name", null);
                    }
                    sound.check(publish, subscribe, group, atMost);
                }
            },
            BrokerConformance.Refusals.class,
            "checkPassesWhatCanBeUsed",
            "a group needs a name"),

    KNOWS_ONLY_GROUPS_THAT_WERE(
            (sound, run) -> new BrokenBroker(sound) {
                @Override
                public void forgetGroup(String group, Duration atMost) {
                    throw BrokerException.refused("no group " + group, null);
                }
            },
            BrokerConformance.Groups.class,
            "groupThatNeverWasIsForgottenAlready",
            "no group"),

    TELLS_SECRETS((sound, run) -> sound, BrokerConformance.Refusals.class, "secretsAreNotInTheMessage", "canary-5b1f"),

    LOSES_ONE_IN_A_THOUSAND(
            consumers(sound -> new BrokenConsumer(sound) {
                private int count;

                @Override
                public void poll(Duration atMost, Consumer<Received> sink) {
                    sound.poll(atMost, received -> {
                        if (++count % 1000 != 0) {
                            sink.accept(received);
                        }
                    });
                }
            }),
            BrokerConformance.UnderLoad.class,
            "s7_tenThousandMessagesArriveInOrderOfTheirKeys",
            "not within"),

    LEAKS_A_THREAD(
            (sound, run) -> new BrokenBroker(sound) {
                @Override
                public BrokerConsumer consumer(Subscription subscription, AssignmentListener listener) {
                    var thread = new Thread(run::waitForTheEnd, "leaked by a mutant");
                    thread.setDaemon(true);
                    thread.start();
                    return sound.consumer(subscription, listener);
                }
            },
            BrokerConformance.AfterClose.class,
            "s23_noThreadIsLeftAfterClose",
            "leaked by a mutant");

    /** What one run of a mutant shares: its server's first client, and the end of the run. */
    static final class Run {

        private final CountDownLatch end = new CountDownLatch(1);
        private final Broker client;
        private final Set<String> groups = new HashSet<>();

        Run(Broker client) {
            this.client = client;
        }

        void end() {
            end.countDown();
        }

        private void waitForTheEnd() {
            try {
                end.await();
            } catch (InterruptedException interrupted) {
                Thread.currentThread().interrupt();
            }
        }

        private boolean isFirst(String group) {
            return groups.add(group);
        }

        private void forget(Subscription subscription) {
            if (subscription.start() == Start.LATEST) {
                client.forgetGroup(subscription.group(), Duration.ofSeconds(1));
            }
        }
    }

    /** Where it must be noticed. */
    final Class<?> situation;

    /** The test that must notice. */
    final String test;

    /** What the failure must say. */
    final String complaint;

    @SuppressWarnings("ImmutableEnumChecker") // the functions have no state: what they make has
    private final BiFunction<Broker, Run, Broker> breaks;

    Mutant(BiFunction<Broker, Run, Broker> breaks, Class<?> situation, String test, String complaint) {
        this.breaks = breaks;
        this.situation = situation;
        this.test = test;
        this.complaint = complaint;
    }

    Broker broken(Broker sound, Run run) {
        return breaks.apply(sound, run);
    }

    private static BiFunction<Broker, Run, Broker> consumers(Function<BrokerConsumer, BrokerConsumer> breaks) {
        return (sound, run) -> new BrokenBroker(sound) {
            @Override
            public BrokerConsumer consumer(Subscription subscription, AssignmentListener listener) {
                return breaks.apply(sound.consumer(subscription, listener));
            }
        };
    }

    private static BiFunction<Broker, Run, Broker> producers(Function<BrokerProducer, BrokerProducer> breaks) {
        return (sound, run) -> new BrokenBroker(sound) {
            @Override
            public BrokerProducer producer() {
                return breaks.apply(sound.producer());
            }
        };
    }

    private static BiFunction<Broker, Run, Broker> listeners(Function<AssignmentListener, AssignmentListener> breaks) {
        return (sound, run) -> new BrokenBroker(sound) {
            @Override
            public BrokerConsumer consumer(Subscription subscription, AssignmentListener listener) {
                return sound.consumer(subscription, breaks.apply(listener));
            }
        };
    }

    private static BiFunction<Broker, Run, Broker> messages(UnaryOperator<Message> breaks) {
        return producers(sound -> new BrokenProducer(sound) {
            @Override
            public void send(List<Message> batch, SendListener listener) {
                sound.send(batch.stream().map(breaks).toList(), listener);
            }
        });
    }
}
