package dev.syncline.runtime.internal.inbox;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A topic gets more partitions while events of a key wait in the old one. The relay sends each event once or more, to the
 * partition that is right at the time, going back to an unanswered one as it does; the consumer reads both partitions at
 * any pace, begins again where it had acknowledged, and opens its inbox anew. Whatever the order: each event is handled.
 */
class PartitionChangeTest {

    @TempDir
    Path data;

    private int repeats;
    private int handled;

    @Test
    void s27_nothingFreshIsDroppedHoweverTwoPartitionsAreInterleaved() {
        var stage = new Stage(data);
        for (int seed = 0; seed < 3_000; seed++) {
            run(stage.inMemoryInbox(InboxSettings.defaults()), new Random(seed), "k" + seed, seed);
        }
        var onDisk = stage.inbox(InboxSettings.defaults());
        for (int seed = 0; seed < 1_000; seed++) {
            if (seed % 200 == 0) {
                onDisk.close();
                onDisk = stage.inbox(InboxSettings.defaults());
            }
            run(onDisk, new Random(seed), "k" + seed, seed);
        }
        // the price that is stated: what was done before the change and is sent again behind something newer
        assertThat(repeats).isLessThan(handled / 10);
    }

    private void run(ShardedInbox inbox, Random random, String key, int seed) {
        var partitions = List.of(new ArrayList<Long>(), new ArrayList<Long>());
        int last = 5 + random.nextInt(20);
        int changeAt = random.nextInt(last);
        for (long n = 1, sent = 0; sent <= last * 2L && n <= last; sent++) {
            partitions.get(sent < changeAt ? 0 : 1).add(n);
            n = random.nextInt(6) == 0 ? Math.max(1, n - random.nextInt(3)) : n + 1;
        }
        Set<Long> all = new HashSet<>(partitions.get(0));
        all.addAll(partitions.get(1));

        Set<Long> done = new HashSet<>();
        int[] at = {0, 0};
        int[] acknowledged = {0, 0};
        while (at[0] < partitions.get(0).size() || at[1] < partitions.get(1).size()) {
            int p = random.nextInt(2);
            if (at[p] == partitions.get(p).size()) {
                p = 1 - p;
            }
            if (random.nextInt(15) == 0) {
                at[p] = acknowledged[p]; // read again after a rebalance
                continue;
            }
            long n = partitions.get(p).get(at[p]++);
            var event = Events.own(1_000L * seed + n).key(key).partition(p).arrives();
            var seen = inbox.check(event);
            if (seen == Seen.NEW) {
                handled++;
                repeats += done.contains(n) ? 1 : 0;
                if (random.nextInt(10) != 0) { // else killed between effect and mark: it comes again
                    inbox.mark(event);
                } else {
                    at[p]--;
                    handled--;
                    continue;
                }
                done.add(n);
            } else if (!done.contains(n)) {
                throw new AssertionError("seed " + seed + ": fresh event " + n + " of partition " + p + " dropped as "
                        + seen + "; done " + done + " of " + partitions);
            }
            if (random.nextInt(3) == 0) {
                acknowledged[p] = at[p];
            }
        }
        assertThat(done).isEqualTo(all);
    }
}
