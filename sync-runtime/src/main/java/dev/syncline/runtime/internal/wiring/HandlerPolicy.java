package dev.syncline.runtime.internal.wiring;

import dev.syncline.api.Delivery;
import java.time.Duration;
import java.util.List;
import java.util.Set;

/**
 * How one handler is run: every value resolved, none inherited any more.
 *
 * @param target the system it writes to; empty if it did not say
 * @param concurrency number of lanes, 1 or more
 * @param batch most events per attempt of methods that take a list
 * @param idempotent whether the same event twice is harmless, so that a failed batch may be halved
 * @param retry pauses before the attempts in place; empty: none
 * @param retryLater pauses before the later ones, the last repeats; empty: none
 * @param giveUpAfter pauses of later attempts in all, after which a head is a dead letter
 * @param timeout how long an attempt may run before it is interrupted; zero: any time
 * @param brakes when it stops by itself
 * @param reactions what becomes of events by what is thrown
 * @param modes the modes that it takes; all if it did not say
 * @param ignoresDeletes whether deletes that no method takes are settled
 * @param adopt ids of store directories whose partitions are taken over as they are; {@code *} for all; by default none
 * @param maxUncommitted most events of one partition between the acknowledged position and the newest taken
 * @param maxBytes most bytes of events in memory
 */
public record HandlerPolicy(
        String target,
        int concurrency,
        int batch,
        boolean idempotent,
        List<Duration> retry,
        List<Duration> retryLater,
        Duration giveUpAfter,
        Duration timeout,
        Brakes brakes,
        Reactions reactions,
        Set<Delivery.Mode> modes,
        boolean ignoresDeletes,
        Set<String> adopt,
        int maxUncommitted,
        long maxBytes) {

    public HandlerPolicy {
        retry = List.copyOf(retry);
        retryLater = List.copyOf(retryLater);
        modes = Set.copyOf(modes);
        adopt = Set.copyOf(adopt);
    }
}
