package dev.syncline.broker.kafka;

import dev.syncline.api.BrokerException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.Config;
import org.apache.kafka.clients.admin.DescribeConfigsOptions;
import org.apache.kafka.clients.admin.DescribeTopicsOptions;
import org.apache.kafka.clients.admin.DescribeTransactionsOptions;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.acl.AclOperation;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.errors.AuthorizationException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One look at whether topics can keep parked events: they are there, nothing in them is deleted by time, size or key, and we
 * may do with them what a log needs. Makes those that are missing, if asked to. Says everything that is refused.
 */
final class LogTopicCheck {

    private static final Logger LOG = LoggerFactory.getLogger(LogTopicCheck.class);

    private static final String POLICY = "cleanup.policy";
    private static final String RETENTION = "retention.ms";
    private static final String RETENTION_BYTES = "retention.bytes";
    private static final String MAX_BYTES = "max.message.bytes";

    /** What a topic that keeps everything has, until it is told to drop what is below an offset. */
    private static final Map<String, String> KEEPS =
            new TreeMap<>(Map.of(POLICY, "delete", RETENTION, "-1", RETENTION_BYTES, "-1"));

    private static final List<AclOperation> NEEDED =
            List.of(AclOperation.READ, AclOperation.WRITE, AclOperation.DELETE, AclOperation.DESCRIBE_CONFIGS);

    private final Admin admin;
    private final KafkaSettings settings;
    private final KafkaFailures failures;
    private final long deadlineNanos;
    private final List<String> problems = new ArrayList<>();

    LogTopicCheck(Admin admin, KafkaSettings settings, KafkaFailures failures, Duration atMost) {
        this.admin = admin;
        this.settings = settings;
        this.failures = failures;
        this.deadlineNanos = System.nanoTime() + atMost.toNanos();
    }

    /**
     * Looks.
     *
     * @return the largest message of each topic, in bytes
     * @throws BrokerException retryable if Kafka is away, refused with all that is refused
     */
    Map<String, Integer> run(Collection<String> topics) {
        var names = new HashSet<>(topics);
        try {
            new BrokerCheck(admin, settings, failures, left(), KEEPS).run(names, names, "");
        } catch (BrokerException refused) {
            if (refused.isRetryable()) {
                throw refused;
            }
            throw BrokerException.refused(
                    refused.getMessage() + "; a topic for parked events has one partition and " + KEEPS, refused);
        }
        var described = await(
                admin.describeTopics(
                                names,
                                new DescribeTopicsOptions()
                                        .includeAuthorizedOperations(true)
                                        .timeoutMs(millisLeft()))
                        .allTopicNames(),
                "look at topics " + topics);
        described.values().forEach(this::permitted);
        refuse();
        var resources = names.stream()
                .map(topic -> new ConfigResource(ConfigResource.Type.TOPIC, topic))
                .toList();
        var configs = await(
                admin.describeConfigs(resources, new DescribeConfigsOptions().timeoutMs(millisLeft()))
                        .all(),
                "look at the settings of topics " + topics);
        var largest = new TreeMap<String, Integer>();
        configs.forEach((resource, config) -> {
            keepsAll(resource.name(), config);
            largest.put(resource.name(), Integer.valueOf(value(config, MAX_BYTES)));
        });
        refuse();
        names.forEach(this::transactions);
        refuse();
        return largest;
    }

    private void permitted(TopicDescription topic) {
        var permitted = topic.authorizedOperations();
        if (permitted != null && !permitted.contains(AclOperation.ALL)) {
            for (var needed : NEEDED) {
                if (!permitted.contains(needed)) {
                    problems.add("no permission to " + needed + " topic \"" + topic.name() + "\" on kafka://"
                            + settings.address() + "; grant it to the user that signs in here");
                }
            }
        }
        int replicas = topic.partitions().get(0).replicas().size();
        if (replicas == 1) {
            LOG.warn(
                    "topic \"{}\" on kafka://{} has one replica: what is parked there lies on one disk, too",
                    topic.name(),
                    settings.address());
        }
    }

    private void keepsAll(String topic, Config config) {
        var wrong = new ArrayList<String>();
        var right = new ArrayList<String>();
        KEEPS.forEach((name, wanted) -> {
            var is = value(config, name);
            if (!is.equals(wanted)) {
                wrong.add(name + "=" + is);
                right.add(name + "=" + wanted);
            }
        });
        if (!wrong.isEmpty()) {
            problems.add("topic \"" + topic + "\" on kafka://" + settings.address() + " has " + String.join(", ", wrong)
                    + ", so that Kafka would delete parked events by itself; set " + String.join(", ", right));
        }
    }

    private static String value(Config config, String name) {
        var entry = config.get(name);
        return entry == null || entry.value() == null ? "" : entry.value();
    }

    private void transactions(String topic) {
        var id = KafkaLogStore.transactionalId(topic);
        var options = new DescribeTransactionsOptions().timeoutMs(millisLeft());
        try {
            admin.describeTransactions(List.of(id), options).all().get(millisLeft(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw failures.away("interrupted", interrupted);
        } catch (ExecutionException failed) {
            if (KafkaFailures.unwrap(failed) instanceof AuthorizationException) {
                problems.add("no permission to WRITE and DESCRIBE transactional id \"" + id + "\" on kafka://"
                        + settings.address() + "; grant it to the user that signs in here");
            } // else it is new, or who takes the log will hear of it
        } catch (TimeoutException late) {
            throw failures.away("tried to look at transactional id \"" + id + "\"", late);
        }
    }

    private void refuse() {
        if (problems.size() == 1) {
            throw BrokerException.refused(problems.get(0), null);
        } else if (!problems.isEmpty()) {
            throw BrokerException.refused(
                    problems.size() + " things are refused:\n  - " + String.join("\n  - ", problems), null);
        }
    }

    private <T> T await(KafkaFuture<T> answer, String doing) {
        try {
            return answer.get(millisLeft(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException late) {
            throw failures.away("tried to " + doing, late);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw failures.away("interrupted", interrupted);
        } catch (ExecutionException failed) {
            throw failures.of(failed, doing);
        }
    }

    private Duration left() {
        return Duration.ofMillis(millisLeft());
    }

    private int millisLeft() {
        return (int) Math.max(1, TimeUnit.NANOSECONDS.toMillis(deadlineNanos - System.nanoTime()));
    }
}
