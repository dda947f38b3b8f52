package dev.syncline.runtime.internal.ingest;

import dev.syncline.runtime.internal.envelope.LogText;
import dev.syncline.runtime.internal.settle.Budget;
import dev.syncline.spi.GroupView;
import dev.syncline.spi.Position;
import dev.syncline.spi.TopicPartition;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * What others are told of an ingest: a status that the poll thread publishes now and then, and when somebody asks for one
 * that is newer than the asking.
 *
 * <p>Threading: the poll thread, except {@link #status}, {@link #ask} and {@link #isAsked}.
 */
final class Lookout {

    /** As lag: what was known before may have been overtaken long ago. */
    private static final long UNKNOWN = -1;

    private static final long LOOK_AT_LAG_EVERY = TimeUnit.MILLISECONDS.toNanos(250);

    private final Assignment assignment;
    private final Budget budget;
    private final AtomicLong asked = new AtomicLong();
    private long lastLook;
    private @Nullable String brokerProblem;
    private volatile IngestStatus status = IngestStatus.STARTING;

    Lookout(Assignment assignment, Budget budget, long now) {
        this.assignment = assignment;
        this.budget = budget;
        this.lastLook = now - LOOK_AT_LAG_EVERY;
    }

    IngestStatus status() {
        return status;
    }

    /** Asks for a look that begins from now on; its {@link IngestStatus#look} is at least what this returns. */
    long ask() {
        return asked.incrementAndGet();
    }

    /** The newest request. */
    long asked() {
        return asked.get();
    }

    /** Whether somebody waits for a look. */
    boolean isAsked() {
        return asked.get() != status.look();
    }

    /** The broker is away or refuses. */
    void onFailure(RuntimeException failure) {
        brokerProblem = LogText.of(String.valueOf(failure.getMessage()));
        publish(UNKNOWN, status.look());
    }

    /** Whether nothing is taken and not settled. */
    boolean isSettled() {
        return assignment.carried() == 0 && budget.events() == 0;
    }

    /** The broker has answered; publishes a status if one is due or was asked for before that. */
    void onAnswer(long now, long askedBefore) {
        brokerProblem = null;
        boolean isDue = now - lastLook >= LOOK_AT_LAG_EVERY || askedBefore != status.look();
        if (isDue || status.isIdle() != isSettled() || status.isAssigned() != assignment.isAssigned()) {
            lastLook = now;
            publish(lag(), askedBefore);
        }
    }

    private long lag() {
        long sum = 0;
        for (var intake : assignment.partitions()) {
            var lag = assignment.consumer().lag(intake.partition);
            if (lag.isEmpty()) {
                return UNKNOWN;
            }
            sum += lag.getAsLong();
        }
        return sum;
    }

    /** What the broker cannot tell of nobody waits for. */
    private @Nullable Set<TopicPartition> unattended() {
        return assignment.consumer() instanceof GroupView group
                ? group.unattended().orElse(null)
                : Set.of();
    }

    private void publish(long lag, long look) {
        var problems = new ArrayList<String>();
        if (brokerProblem != null) {
            problems.add(brokerProblem);
        }
        for (var intake : assignment.partitions()) {
            if (intake.refusal != null) {
                problems.add(intake.refusal);
            } else if (intake.isStolen) {
                problems.add(intake.partition + " was taken by another instance in the shared state: nothing of it is"
                        + " read here until the broker says whose it is");
            } else if (!intake.isOpen) {
                problems.add("the shared state of " + intake.partition + " is not taken yet");
            }
        }
        long windowed = 0;
        var reached = new HashMap<TopicPartition, Optional<Position>>();
        for (var intake : assignment.partitions()) {
            windowed += intake.window.size();
            reached.put(intake.partition, Optional.ofNullable(intake.reached));
        }
        long unread = lag < 0 ? -1 : Math.max(0, lag - windowed);
        status = new IngestStatus(
                assignment.isAssigned(), lag, unread, isSettled(), problems, look, unattended(), reached);
    }
}
