package dev.syncline.testkit.simulation;

import dev.syncline.api.BatchOutcome;
import dev.syncline.api.Outcome;
import dev.syncline.testkit.internal.Scheduler;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.random.RandomGenerator;

/** How a simulated handler feels about events, as a seed decides; all is well once it is healed. */
final class Mood {

    private static final long LATE = TimeUnit.MILLISECONDS.toNanos(300);

    /** Beyond most timeouts, and beyond the patience with which partitions are given up. */
    private static final long HANGS = TimeUnit.SECONDS.toNanos(25);

    private final Topology topology;
    private final Scheduler scheduler;
    private final RandomGenerator random;
    private final Map<String, Integer> failuresLeft = new HashMap<>();
    private final Set<String> rejected = new HashSet<>();
    private boolean isHealed;

    Mood(Topology topology, Scheduler scheduler) {
        this.topology = topology;
        this.scheduler = scheduler;
        this.random = scheduler.random();
    }

    void heal() {
        isHealed = true;
    }

    CompletionStage<Outcome> answer(String id, Outcome good) {
        if (isHealed) {
            return CompletableFuture.completedFuture(good);
        }
        if (isRejected(id)) {
            return CompletableFuture.completedFuture(Outcome.reject("does not like it"));
        }
        fail(id);
        if (topology.has(Fault.HANDLER_ASKS_AGAIN) && random.nextInt(60) == 0) {
            return CompletableFuture.completedFuture(
                    Outcome.retryAfter(Duration.ofMillis(random.nextInt(15_000)), "not yet"));
        }
        if (topology.has(Fault.HANDLER_SKIPS) && good.events().isEmpty() && random.nextInt(20) == 0) {
            return CompletableFuture.completedFuture(Outcome.skip("not needed"));
        }
        if (topology.has(Fault.HANDLER_HOLDS) && random.nextInt(100) == 0) {
            return CompletableFuture.completedFuture(
                    Outcome.hold(Duration.ofMillis(random.nextInt(3_000)), "target is away"));
        }
        if (topology.has(Fault.HANDLER_HANGS) && random.nextInt(400) == 0) {
            return after(random.nextLong(HANGS), good);
        }
        if (topology.has(Fault.HANDLER_LATE) && random.nextInt(5) == 0) {
            return after(random.nextLong(LATE), good);
        }
        return CompletableFuture.completedFuture(good);
    }

    /** The same for a list: one that throws fails all of it, the others answer for themselves. */
    CompletionStage<BatchOutcome> answerAll(List<String> ids) {
        var answers = ids.stream()
                .map(id -> answer(id, Outcome.done()).toCompletableFuture())
                .toList();
        return CompletableFuture.allOf(answers.toArray(CompletableFuture<?>[]::new))
                .thenApply(all -> {
                    var outcome = BatchOutcome.done();
                    for (int i = 0; i < answers.size(); i++) {
                        outcome = outcome.except(i, answers.get(i).join());
                    }
                    return outcome;
                });
    }

    /** Mostly for ever; where persons redrive, the cause may be mended. */
    private boolean isRejected(String id) {
        boolean areRedriven = topology.has(Fault.OPERATOR);
        if (rejected.contains(id)) {
            return !areRedriven || random.nextBoolean() || !rejected.remove(id);
        }
        if ((areRedriven && random.nextInt(30) == 0)
                || (topology.has(Fault.HANDLER_REJECTS) && random.nextInt(200) == 0)) {
            rejected.add(id);
            return true;
        }
        return false;
    }

    private void fail(String id) {
        boolean isError = topology.has(Fault.HANDLER_ERRORS) && random.nextInt(100) == 0;
        if (isError) {
            throw new AssertionError("simulated error");
        }
        if (!topology.has(Fault.HANDLER_THROWS)) {
            return;
        }
        int left = failuresLeft.computeIfAbsent(id, one -> random.nextInt(20) == 0 ? 1 + random.nextInt(7) : 0);
        if (left > 0) {
            failuresLeft.put(id, left - 1);
            throw new IllegalStateException("simulated failure");
        }
    }

    private CompletionStage<Outcome> after(long nanos, Outcome good) {
        var answer = new CompletableFuture<Outcome>();
        scheduler.after(nanos, "answer", () -> answer.complete(good));
        return answer;
    }
}
