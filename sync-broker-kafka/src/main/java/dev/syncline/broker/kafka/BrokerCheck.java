package dev.syncline.broker.kafka;

import dev.syncline.api.BrokerException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ConsumerGroupDescription;
import org.apache.kafka.clients.admin.CreateTopicsOptions;
import org.apache.kafka.clients.admin.DescribeConsumerGroupsOptions;
import org.apache.kafka.clients.admin.DescribeTopicsOptions;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.acl.AclOperation;
import org.apache.kafka.common.errors.GroupIdNotFoundException;
import org.apache.kafka.common.errors.TopicExistsException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;
import org.jspecify.annotations.Nullable;

/** One look at whether topics and group can be used as asked, with one deadline. Says everything that is refused. */
final class BrokerCheck {

    private final Admin admin;
    private final KafkaSettings settings;
    private final KafkaFailures failures;
    private final Map<String, String> topicConfigs;
    private final long deadlineNanos;
    private final List<BrokerException> refusals = new ArrayList<>();

    BrokerCheck(Admin admin, KafkaSettings settings, KafkaFailures failures, Duration atMost) {
        this(admin, settings, failures, atMost, Map.of());
    }

    /** @param topicConfigs of topics that are made */
    BrokerCheck(
            Admin admin,
            KafkaSettings settings,
            KafkaFailures failures,
            Duration atMost,
            Map<String, String> topicConfigs) {
        this.topicConfigs = topicConfigs;
        this.admin = admin;
        this.settings = settings;
        this.failures = failures;
        this.deadlineNanos = System.nanoTime() + atMost.toNanos();
    }

    void run(Set<String> publish, Set<String> subscribe, String group) {
        var topics = new TreeSet<>(publish);
        topics.addAll(subscribe);
        var found = describe(topics, settings.createTopics());
        found.forEach((topic, description) -> {
            if (publish.contains(topic)) {
                permitted(description.authorizedOperations(), AclOperation.WRITE, "topic \"" + topic + "\"");
            }
            if (subscribe.contains(topic)) {
                permitted(description.authorizedOperations(), AclOperation.READ, "topic \"" + topic + "\"");
                pinned(description);
            }
        });
        if (!group.isEmpty()) {
            group(group);
        }
        refuse();
    }

    private void refuse() {
        if (refusals.size() == 1) {
            throw refusals.get(0);
        } else if (!refusals.isEmpty()) {
            var text = new StringBuilder().append(refusals.size()).append(" things are refused:");
            refusals.forEach(refusal -> text.append("\n  - ").append(refusal.getMessage()));
            var all = BrokerException.refused(text.toString(), refusals.get(0).getCause());
            refusals.forEach(all::addSuppressed);
            throw all;
        }
    }

    private Map<String, TopicDescription> describe(Set<String> topics, boolean create) {
        var found = new TreeMap<String, TopicDescription>();
        var missing = new TreeSet<String>();
        var options =
                new DescribeTopicsOptions().includeAuthorizedOperations(true).timeoutMs(millisLeft());
        admin.describeTopics(topics, options).topicNameValues().forEach((topic, answer) -> {
            try {
                found.put(topic, await(answer, "look at topic \"" + topic + "\""));
            } catch (RefusedException refused) {
                if (!(refused.getCause() instanceof UnknownTopicOrPartitionException)) {
                    refusals.add(refused.said);
                } else if (create) {
                    missing.add(topic);
                } else {
                    refusals.add(failures.missing(topic, settings.createTopics(), refused.getCause()));
                }
            }
        });
        if (!missing.isEmpty()) {
            found.putAll(create(missing));
        }
        return found;
    }

    private Map<String, TopicDescription> create(Set<String> missing) {
        var asked = missing.stream()
                .map(topic -> new NewTopic(
                                topic,
                                Optional.ofNullable(settings.topicPartitions()),
                                Optional.ofNullable(settings.topicReplication()))
                        .configs(topicConfigs))
                .toList();
        var made = new TreeSet<String>();
        admin.createTopics(asked, new CreateTopicsOptions().timeoutMs(millisLeft()))
                .values()
                .forEach((topic, answer) -> {
                    try {
                        await(answer, "create topic \"" + topic + "\"");
                        made.add(topic);
                    } catch (RefusedException refused) {
                        if (refused.getCause() instanceof TopicExistsException) {
                            made.add(topic); // somebody was faster
                        } else {
                            refusals.add(refused.said);
                        }
                    }
                });
        return made.isEmpty() ? Map.of() : awaitMade(made);
    }

    /** A topic that was made is not known to every broker at once. */
    private Map<String, TopicDescription> awaitMade(Set<String> made) {
        var options = new DescribeTopicsOptions().includeAuthorizedOperations(true);
        var found = new TreeMap<String, TopicDescription>();
        while (true) {
            admin.describeTopics(made, options.timeoutMs(millisLeft()))
                    .topicNameValues()
                    .forEach((topic, answer) -> {
                        try {
                            found.put(topic, await(answer, "look at topic \"" + topic + "\""));
                        } catch (RefusedException notYet) {
                            // asked again below
                        }
                    });
            if (found.keySet().containsAll(made)) {
                return found;
            }
            if (deadlineNanos - System.nanoTime() <= 0) {
                throw failures.away("topics " + made + " were created and are not there yet", null);
            }
        }
    }

    private void permitted(@Nullable Set<AclOperation> permitted, AclOperation needed, String what) {
        if (permitted != null && !permitted.contains(needed) && !permitted.contains(AclOperation.ALL)) {
            refusals.add(BrokerException.refused(
                    "no permission to " + needed + " " + what + " on kafka://" + settings.address()
                            + "; grant it to the user that signs in here",
                    null));
        }
    }

    private void pinned(TopicDescription topic) {
        if (!settings.pinned().isEmpty()
                && settings.pinned().last() >= topic.partitions().size()) {
            refusals.add(BrokerException.refused(
                    "option partitions.pinned names partition "
                            + settings.pinned().last() + ", but topic \"" + topic.name() + "\" has "
                            + topic.partitions().size() + ", counted from 0",
                    null));
        }
    }

    private void group(String group) {
        var options = new DescribeConsumerGroupsOptions()
                .includeAuthorizedOperations(true)
                .timeoutMs(millisLeft());
        ConsumerGroupDescription description;
        try {
            description = await(
                    Objects.requireNonNull(admin.describeConsumerGroups(List.of(group), options)
                            .describedGroups()
                            .get(group)),
                    "look at group \"" + group + "\"");
        } catch (RefusedException refused) {
            if (!(refused.getCause() instanceof GroupIdNotFoundException)) {
                refusals.add(refused.said);
            } // else it is new
            return;
        }
        permitted(description.authorizedOperations(), AclOperation.READ, "group \"" + group + "\"");
        // a classic group that is about to agree has no assignor yet; then joining will tell
        boolean sharesOut = !description.members().isEmpty()
                && !description.partitionAssignor().isEmpty()
                && !description.partitionAssignor().equals(Pins.Assignor.NAME);
        if (!settings.pinned().isEmpty() && sharesOut) {
            throw BrokerException.retryable(
                    "group \"" + group
                            + "\" still has members that subscribe; with option partitions.pinned it must have none",
                    null);
        }
    }

    private int millisLeft() {
        return (int) Math.max(1, TimeUnit.NANOSECONDS.toMillis(deadlineNanos - System.nanoTime()));
    }

    /** The answer; throws at once what is retryable. */
    private <T> T await(KafkaFuture<T> answer, String doing) throws RefusedException {
        try {
            return answer.get(Math.max(0, deadlineNanos - System.nanoTime()), TimeUnit.NANOSECONDS);
        } catch (TimeoutException late) {
            throw failures.away("tried to " + doing, late);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw failures.away("interrupted", interrupted);
        } catch (ExecutionException failed) {
            var failure = KafkaFailures.unwrap(failed);
            if (failure instanceof org.apache.kafka.common.errors.TimeoutException) {
                throw failures.away("tried to " + doing, failure);
            }
            var said = failures.of(failure, doing);
            if (said.isRetryable() && !(failure instanceof UnknownTopicOrPartitionException)) {
                throw said;
            }
            throw new RefusedException(said, failure);
        }
    }

    /** Kafka answered, and the answer is no. */
    private static final class RefusedException extends Exception {

        private static final long serialVersionUID = 1L;

        final transient BrokerException said;

        RefusedException(BrokerException said, Throwable cause) {
            super(cause);
            this.said = said;
        }
    }
}
