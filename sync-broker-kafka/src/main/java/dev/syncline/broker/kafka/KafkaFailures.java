package dev.syncline.broker.kafka;

import dev.syncline.api.BrokerException;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.consumer.OffsetOutOfRangeException;
import org.apache.kafka.common.InvalidRecordException;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.config.ConfigException;
import org.apache.kafka.common.errors.ApiException;
import org.apache.kafka.common.errors.AuthenticationException;
import org.apache.kafka.common.errors.ClusterAuthorizationException;
import org.apache.kafka.common.errors.CorruptRecordException;
import org.apache.kafka.common.errors.FencedInstanceIdException;
import org.apache.kafka.common.errors.GroupAuthorizationException;
import org.apache.kafka.common.errors.GroupMaxSizeReachedException;
import org.apache.kafka.common.errors.GroupNotEmptyException;
import org.apache.kafka.common.errors.InconsistentGroupProtocolException;
import org.apache.kafka.common.errors.InterruptException;
import org.apache.kafka.common.errors.InvalidTimestampException;
import org.apache.kafka.common.errors.InvalidTopicException;
import org.apache.kafka.common.errors.PolicyViolationException;
import org.apache.kafka.common.errors.RecordBatchTooLargeException;
import org.apache.kafka.common.errors.RecordTooLargeException;
import org.apache.kafka.common.errors.RetriableException;
import org.apache.kafka.common.errors.TopicAuthorizationException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;
import org.apache.kafka.common.errors.UnreleasedInstanceIdException;
import org.apache.kafka.common.errors.UnsupportedAssignorException;
import org.apache.kafka.common.errors.UnsupportedVersionException;
import org.jspecify.annotations.Nullable;

/**
 * Reads the exceptions of Kafka's clients and says them as ours: whether waiting helps, what is refused, and what to
 * do. The one place that does.
 */
final class KafkaFailures {

    private final String address;

    KafkaFailures(KafkaSettings settings) {
        this.address = settings.address();
    }

    /** The exception that a future or a constructor wrapped. */
    static Throwable unwrap(Throwable wrapped) {
        var failure = wrapped;
        while ((failure instanceof ExecutionException || failure instanceof CompletionException)
                && failure.getCause() != null) {
            failure = failure.getCause();
        }
        return failure;
    }

    /** No answer for so long. */
    BrokerException away(String what, @Nullable Throwable cause) {
        return BrokerException.retryable("Kafka at " + address + " does not answer: " + what, cause);
    }

    /** A client could not be made. */
    BrokerException unmade(KafkaException failure) {
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            // the only thing that the checks at open() cannot see and that may come right by itself
            if (cause instanceof ConfigException
                    && String.valueOf(cause.getMessage()).contains("bootstrap")) {
                return BrokerException.retryable("no host of kafka://" + address + " can be resolved", failure);
            }
        }
        return BrokerException.refused(
                "cannot connect to kafka://" + address + ": " + deepest(failure).getMessage(), failure);
    }

    BrokerException missing(String topic, boolean creating, Throwable cause) {
        return BrokerException.refused(
                "topic \"" + topic + "\" is missing on kafka://" + address + "; create it"
                        + (creating ? "" : ", or set topics.create=true"),
                cause);
    }

    /** What a call for topics, groups or positions met. */
    BrokerException of(Throwable wrapped, String doing) {
        var failure = unwrap(wrapped);
        if (failure instanceof TopicAuthorizationException denied) {
            return denied("topics " + denied.unauthorizedTopics(), doing, failure);
        } else if (failure instanceof GroupAuthorizationException denied) {
            return denied("group \"" + denied.groupId() + "\"", doing, failure);
        } else if (failure instanceof ClusterAuthorizationException) {
            return denied("the cluster", doing, failure);
        } else if (failure instanceof AuthenticationException) {
            return refused(doing, "Kafka does not accept who we are; check the sasl.… and ssl.… options", failure);
        } else if (failure instanceof OffsetOutOfRangeException gone) {
            return refused(
                    doing,
                    "Kafka no longer has the positions " + gone.offsetOutOfRangePartitions()
                            + ": events were deleted unread, or the topic is another one. Nothing was skipped; restore "
                            + "them, or seek to where to go on",
                    failure);
        } else if (failure instanceof InvalidTopicException invalid) {
            return refused(doing, "Kafka allows no topic of the name " + invalid.invalidTopics(), failure);
        } else if (failure instanceof FencedInstanceIdException) {
            return refused(doing, "another process uses the same group.instance.id; give each its own", failure);
        } else if (failure instanceof InconsistentGroupProtocolException
                || failure instanceof UnsupportedAssignorException) {
            return refused(
                    doing,
                    "the group has members that assign partitions in another way; end them, or choose group.protocol",
                    failure);
        } else if (failure instanceof UnsupportedVersionException) {
            return refused(doing, "the broker is too old, or group.protocol=consumer is switched off there", failure);
        } else if (failure instanceof UnreleasedInstanceIdException) {
            return BrokerException.retryable(
                    "cannot " + doing + ": the last process with this group.instance.id counts as alive until its "
                            + "session ends",
                    failure);
        } else if (failure instanceof GroupMaxSizeReachedException) {
            return refused(doing, "the group has all the members that the broker allows", failure);
        } else if (failure instanceof GroupNotEmptyException) {
            return refused(doing, "the group is in use; stop what reads under it", failure);
        } else if (failure instanceof InterruptException) {
            return BrokerException.retryable("interrupted while about to " + doing, failure);
        } else if (failure instanceof UnknownTopicOrPartitionException || failure instanceof RetriableException) {
            return BrokerException.retryable("cannot " + doing + " now: " + failure.getMessage(), failure);
        } else if (failure instanceof ApiException
                || String.valueOf(failure.getMessage()).toLowerCase(Locale.ROOT).contains("corrupt")) {
            return refused(doing, String.valueOf(failure.getMessage()), failure);
        }
        return BrokerException.retryable("cannot " + doing + ": " + failure.getMessage(), failure);
    }

    /**
     * What a message met. Refused is what lies in the message, which then parks its key, or in its topic; whatever concerns the producer as a whole is
     * retryable, or else everything on its way would be parked for a password.
     */
    BrokerException ofMessage(Throwable failure, String topic) {
        var doing = "send to topic \"" + topic + "\"";
        if (failure instanceof RecordTooLargeException || failure instanceof RecordBatchTooLargeException) {
            return BrokerException.refusedMessage(
                    "cannot " + doing + ": the message is too large; raise max.request.size here and"
                            + " max.message.bytes of the topic, or put the data elsewhere and send a reference",
                    failure);
        } else if (failure instanceof InvalidRecordException
                || failure instanceof InvalidTimestampException
                || failure instanceof PolicyViolationException
                || failure instanceof CorruptRecordException) {
            return BrokerException.refusedMessage("cannot " + doing + ": " + failure.getMessage(), failure);
        } else if (failure instanceof TopicAuthorizationException) {
            return denied("topic \"" + topic + "\"", doing + " (WRITE)", failure);
        } else if (failure instanceof InvalidTopicException) {
            return refused(doing, "Kafka allows no topic of that name", failure);
        }
        return BrokerException.retryable("could not " + doing + ": " + failure.getMessage(), failure);
    }

    /** Whether the failure says something about the topic, so that asking again is of no use. */
    static boolean isAboutTopic(Throwable failure) {
        return failure instanceof TopicAuthorizationException || failure instanceof InvalidTopicException;
    }

    /** Whether a consumer that threw this is of no use any more and another one has to be made. */
    static boolean endsMembership(Throwable failure) {
        return FATAL.contains(failure.getClass()) || failure instanceof AuthenticationException;
    }

    private static final Set<Class<? extends Throwable>> FATAL = Set.of(
            FencedInstanceIdException.class,
            UnreleasedInstanceIdException.class,
            GroupAuthorizationException.class,
            TopicAuthorizationException.class,
            GroupMaxSizeReachedException.class,
            InconsistentGroupProtocolException.class,
            UnsupportedAssignorException.class,
            UnsupportedVersionException.class,
            InvalidTopicException.class);

    private static BrokerException denied(String what, String doing, Throwable cause) {
        return BrokerException.refused(
                "cannot " + doing + ": no permission for " + what + "; grant it to the user that signs in here", cause);
    }

    private static BrokerException refused(String doing, String why, Throwable cause) {
        return BrokerException.refused("cannot " + doing + ": " + why, cause);
    }

    private static Throwable deepest(Throwable failure) {
        var deepest = failure;
        while (deepest.getCause() != null) {
            deepest = deepest.getCause();
        }
        return deepest;
    }
}
