package dev.syncline.broker.kafka;

import dev.syncline.broker.kafka.KafkaSettings.Protocol;
import java.time.Duration;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.DescribeFeaturesOptions;
import org.apache.kafka.clients.admin.FeatureMetadata;
import org.apache.kafka.common.KafkaFuture;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Finds out how the broker wants groups to be run: by its finalized feature {@code group.version}, asked once.
 * Thread-safe.
 */
final class ProtocolChoice {

    private static final Logger log = LoggerFactory.getLogger(ProtocolChoice.class);

    private static final String FEATURE = "group.version";
    private static final int ANSWER_MILLIS = 5_000;

    private final KafkaSettings settings;
    private final Supplier<Admin> admin;
    private final KafkaFailures failures;
    private @Nullable Protocol chosen;
    private @Nullable KafkaFuture<FeatureMetadata> asked;

    ProtocolChoice(KafkaSettings settings, Supplier<Admin> admin, KafkaFailures failures) {
        this.settings = settings;
        this.admin = admin;
        this.failures = failures;
        if (!settings.pinned().isEmpty()) {
            chosen = Protocol.CLASSIC; // the other one leaves no choice of partitions to members
        } else if (settings.protocol() != Protocol.AUTO) {
            chosen = settings.protocol();
        }
    }

    /**
     * The choice, or null if the broker has not answered within that time.
     *
     * @throws dev.syncline.api.BrokerException if the broker is away
     */
    @Nullable
    Protocol await(Duration atMost) {
        var question = question();
        if (question == null) {
            return chosen();
        }
        try {
            return choose(question.get(atMost.toNanos(), TimeUnit.NANOSECONDS));
        } catch (TimeoutException notYet) {
            return null;
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw failures.away("interrupted while waiting", interrupted);
        } catch (ExecutionException failed) {
            forget(question);
            throw failures.of(failed, "ask Kafka at " + settings.address() + " how it runs groups");
        }
    }

    /** What is still to be answered; null if the choice is made. */
    private synchronized @Nullable KafkaFuture<FeatureMetadata> question() {
        if (chosen != null) {
            return null;
        }
        if (asked == null) {
            asked = admin.get()
                    .describeFeatures(new DescribeFeaturesOptions().timeoutMs(ANSWER_MILLIS))
                    .featureMetadata();
        }
        return asked;
    }

    private synchronized @Nullable Protocol chosen() {
        return chosen;
    }

    private synchronized void forget(KafkaFuture<FeatureMetadata> question) {
        if (asked == question) {
            asked = null;
        }
    }

    private synchronized Protocol choose(FeatureMetadata features) {
        if (chosen == null) {
            var version = features.finalizedFeatures().get(FEATURE);
            chosen = version != null && version.maxVersionLevel() >= 1 ? Protocol.CONSUMER : Protocol.CLASSIC;
            log.info("Kafka at {} runs groups by the {} protocol", settings.address(), chosen);
        }
        return chosen;
    }

    /** The broker has the feature but does not let it be used: returns whether the other way may be tried. */
    synchronized boolean fallBack() {
        if (settings.protocol() != Protocol.AUTO || chosen != Protocol.CONSUMER) {
            return false;
        }
        chosen = Protocol.CLASSIC;
        log.info("Kafka at {} refuses the consumer protocol; going on with the classic one", settings.address());
        return true;
    }
}
