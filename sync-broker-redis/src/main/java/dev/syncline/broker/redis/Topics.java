package dev.syncline.broker.redis;

import dev.syncline.spi.Subscription;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletionStage;

/**
 * The topics of a subscription, looked up until all are found.
 *
 * <p>Threading: the polling thread.
 */
final class Topics {

    private static final long PAUSE_NANOS = Duration.ofMillis(200).toNanos();

    private final Subscription subscription;
    private final RedisOptions options;
    private final Link link;
    private final Problems problems;
    private final Map<String, Topic> found = new TreeMap<>();
    private boolean isLookingUp;
    private long nextNanos = System.nanoTime();

    Topics(Subscription subscription, RedisOptions options, Link link, Problems problems) {
        this.subscription = subscription;
        this.options = options;
        this.link = link;
        this.problems = problems;
    }

    /** Those that were found, in order of their names. */
    Collection<Topic> found() {
        return found.values();
    }

    boolean isComplete() {
        return found.size() == subscription.topics().size();
    }

    /** It is not there any more. */
    void missing(String topic) {
        found.remove(topic);
        problems.add(Topic.missing(topic));
    }

    /** Looks up what is not found yet, now and then; {@code then} runs when all are found. */
    void lookUp(Session session, long nowNanos, Runnable then) {
        if (isLookingUp || isComplete() || nowNanos - nextNanos < 0) {
            return;
        }
        isLookingUp = true;
        nextNanos = nowNanos + PAUSE_NANOS;
        var names = subscription.topics().stream()
                .filter(topic -> !found.containsKey(topic))
                .sorted()
                .toList();
        link.on(
                all(session, names),
                "cannot look up topics " + names,
                topics -> {
                    isLookingUp = false;
                    topics.forEach(topic -> found.put(topic.name(), topic));
                    then.run();
                },
                reason -> {
                    isLookingUp = false;
                    if (reason.isRetryable()) {
                        link.down(reason);
                    } else {
                        problems.add(reason);
                    }
                });
    }

    private CompletionStage<List<Topic>> all(Session session, List<String> names) {
        return names.stream()
                .map(name -> Topic.find(session, name, options).thenApply(List::of))
                .reduce((one, other) -> one.thenCombine(other, Topics::joined))
                .orElseThrow();
    }

    private static List<Topic> joined(List<Topic> some, List<Topic> others) {
        var all = new ArrayList<>(some);
        all.addAll(others);
        return all;
    }

    void disconnected() {
        isLookingUp = false;
    }
}
