package dev.syncline.testkit.server;

import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.admin.ConsumerGroupDescription;
import org.apache.kafka.clients.admin.ListOffsetsResult.ListOffsetsResultInfo;
import org.apache.kafka.clients.admin.NewPartitions;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.admin.RecordsToDelete;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.common.GroupState;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.acl.AccessControlEntry;
import org.apache.kafka.common.acl.AccessControlEntryFilter;
import org.apache.kafka.common.acl.AclBinding;
import org.apache.kafka.common.acl.AclBindingFilter;
import org.apache.kafka.common.acl.AclOperation;
import org.apache.kafka.common.acl.AclPermissionType;
import org.apache.kafka.common.errors.GroupIdNotFoundException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;
import org.apache.kafka.common.resource.PatternType;
import org.apache.kafka.common.resource.ResourcePattern;
import org.apache.kafka.common.resource.ResourcePatternFilter;
import org.apache.kafka.common.resource.ResourceType;

/**
 * Asks a broker and changes its topics.
 *
 * <p>Each call has a client of its own: one that outlived a call would complain in the test's log whenever the test kills the
 * server.
 */
final class KafkaAdmin {

    private static final Duration TIMEOUT = Duration.ofSeconds(30);
    private static final long PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(10);

    private final String address;

    KafkaAdmin(String address) {
        this.address = address;
    }

    void createTopic(String topic, int partitions, Map<String, String> configs) {
        with(admin -> {
            NewTopic wanted = new NewTopic(topic, partitions, (short) 1).configs(configs);
            get(admin.createTopics(List.of(wanted)).all());
            awaitTopic(admin, topic, found -> hasLeaders(found, partitions));
            return true;
        });
    }

    void addPartitions(String topic, int newTotal) {
        with(admin -> {
            get(admin.createPartitions(Map.of(topic, NewPartitions.increaseTo(newTotal)))
                    .all());
            awaitTopic(admin, topic, found -> hasLeaders(found, newTotal));
            return true;
        });
    }

    void deleteTopic(String topic) {
        with(admin -> {
            get(admin.deleteTopics(List.of(topic)).all());
            awaitTopic(admin, topic, Optional::isEmpty);
            return true;
        });
    }

    Set<String> topics() {
        return with(admin -> Set.copyOf(get(admin.listTopics().names())));
    }

    Map<Integer, Long> startOffsets(String topic) {
        return with(admin -> offsets(admin, topic, OffsetSpec.earliest()));
    }

    Map<Integer, Long> endOffsets(String topic) {
        return with(admin -> offsets(admin, topic, OffsetSpec.latest()));
    }

    void deleteRecords(String topic, int partition, long beforeOffset) {
        with(admin -> get(admin.deleteRecords(
                        Map.of(new TopicPartition(topic, partition), RecordsToDelete.beforeOffset(beforeOffset)))
                .all()));
    }

    Map<Integer, KafkaServer.Commit> commits(String group, String topic) {
        return with(admin -> {
            Map<Integer, KafkaServer.Commit> commits = new TreeMap<>();
            get(admin.listConsumerGroupOffsets(group).partitionsToOffsetAndMetadata())
                    .forEach((partition, commit) -> {
                        if (partition.topic().equals(topic) && commit != null) {
                            commits.put(
                                    partition.partition(), new KafkaServer.Commit(commit.offset(), commit.metadata()));
                        }
                    });
            return commits;
        });
    }

    int members(String group) {
        return with(admin -> {
            try {
                ConsumerGroupDescription found =
                        get(admin.describeConsumerGroups(List.of(group)).all()).get(group);
                return found == null || found.groupState() == GroupState.DEAD
                        ? 0
                        : found.members().size();
            } catch (ExecutionException e) {
                if (e.getCause() instanceof GroupIdNotFoundException) {
                    return 0;
                }
                throw e;
            }
        });
    }

    void allow(String user, String operation, String resourceType, String resource) {
        AclOperation allowed = AclOperation.fromString(operation.toUpperCase(Locale.ROOT));
        ResourceType type = ResourceType.fromString(resourceType.toUpperCase(Locale.ROOT));
        if (allowed.isUnknown() || type.isUnknown()) {
            throw new IllegalArgumentException("Kafka knows no operation " + operation + " on " + resourceType);
        }
        var binding = new AclBinding(
                new ResourcePattern(type, resource, PatternType.LITERAL),
                new AccessControlEntry("User:" + user, "*", allowed, AclPermissionType.ALLOW));
        with(admin -> {
            get(admin.createAcls(List.of(binding)).all());
            awaitAcls(admin, binding.toFilter(), found -> found.contains(binding));
            return true;
        });
    }

    void disallow(String user) {
        var filter = new AclBindingFilter(
                ResourcePatternFilter.ANY,
                new AccessControlEntryFilter("User:" + user, null, AclOperation.ANY, AclPermissionType.ANY));
        with(admin -> {
            get(admin.deleteAcls(List.of(filter)).all());
            awaitAcls(admin, filter, Collection::isEmpty);
            return true;
        });
    }

    /** A change is confirmed when it is in the log of metadata, which the broker that is asked reads a moment later. */
    private static void awaitAcls(Admin admin, AclBindingFilter filter, Predicate<Collection<AclBinding>> isThere)
            throws Exception {
        long deadline = System.nanoTime() + TIMEOUT.toNanos();
        while (!isThere.test(get(admin.describeAcls(filter).values()))) {
            if (System.nanoTime() - deadline > 0) {
                throw new TimeoutException("the change to " + filter + " has no effect");
            }
            LockSupport.parkNanos(PAUSE_NANOS);
        }
    }

    private static Map<Integer, Long> offsets(Admin admin, String topic, OffsetSpec which) throws Exception {
        TopicDescription found =
                get(admin.describeTopics(List.of(topic)).allTopicNames()).get(topic);
        Map<TopicPartition, OffsetSpec> question = Objects.requireNonNull(found).partitions().stream()
                .collect(Collectors.toMap(info -> new TopicPartition(topic, info.partition()), info -> which));
        Map<Integer, Long> answer = new TreeMap<>();
        for (Map.Entry<TopicPartition, ListOffsetsResultInfo> entry :
                get(admin.listOffsets(question).all()).entrySet()) {
            answer.put(entry.getKey().partition(), entry.getValue().offset());
        }
        return answer;
    }

    /** The controller answers first; the broker learns of it a moment later. */
    private static void awaitTopic(Admin admin, String topic, Predicate<Optional<TopicDescription>> condition)
            throws Exception {
        long deadline = System.nanoTime() + TIMEOUT.toNanos();
        while (!condition.test(describe(admin, topic))) {
            if (System.nanoTime() - deadline > 0) {
                throw new IllegalStateException("the broker did not take over the change of topic " + topic);
            }
            LockSupport.parkNanos(PAUSE_NANOS);
        }
    }

    private static Optional<TopicDescription> describe(Admin admin, String topic) throws Exception {
        try {
            return Optional.ofNullable(
                    get(admin.describeTopics(List.of(topic)).allTopicNames()).get(topic));
        } catch (ExecutionException e) {
            if (e.getCause() instanceof UnknownTopicOrPartitionException) {
                return Optional.empty();
            }
            throw e;
        }
    }

    private static boolean hasLeaders(Optional<TopicDescription> topic, int partitions) {
        return topic.map(TopicDescription::partitions).filter(found -> found.size() == partitions).stream()
                        .flatMap(Collection::stream)
                        .filter(info -> info.leader() != null && !info.leader().isEmpty())
                        .count()
                == partitions;
    }

    private static <T> T get(KafkaFuture<T> future) throws Exception {
        return future.get(TIMEOUT.toSeconds(), TimeUnit.SECONDS);
    }

    private <T> T with(Question<T> question) {
        try (Admin admin = Admin.create(Map.of(
                AdminClientConfig.BOOTSTRAP_SERVERS_CONFIG,
                address,
                AdminClientConfig.CLIENT_ID_CONFIG,
                "syncline-testkit"))) {
            return question.ask(admin);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new ServerException("interrupted while asking Kafka on " + address, e);
        } catch (ExecutionException e) {
            Throwable cause = Objects.requireNonNullElse(e.getCause(), e);
            throw new ServerException("Kafka on " + address + ": " + cause.getMessage(), cause);
        } catch (Exception e) {
            throw new ServerException("Kafka on " + address + " was asked in vain: " + e.getMessage(), e);
        }
    }

    private interface Question<T> {
        T ask(Admin admin) throws Exception;
    }
}
