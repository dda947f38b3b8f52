package dev.syncline.verification.relay;

import dev.syncline.verification.place.Shipped;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;

/**
 * What the turns were, and what the broker shows of them. A relay ships each partition in the order of the outbox, and one that
 * takes over begins at the lowest entry that was not confirmed. So with one relay at a time the numbers in a partition grow,
 * but for a step back at each turn; two at once would step back again and again.
 *
 * <p>Threading: one thread.
 */
final class Ledger {

    /**
     * @param life that took over
     * @param endMillis when the end of the one before began, in milliseconds since the epoch
     * @param isKill whether that was a kill
     * @param wasStandingBy whether the one that took over was there already
     */
    private record Turn(int life, long endMillis, boolean isKill, boolean wasStandingBy, Duration held) {}

    private final List<Turn> turns = new ArrayList<>();
    private final Set<String> accepted = new HashSet<>();
    private final List<String> faults = new ArrayList<>();
    private long endMillis;
    private long endNanos;
    private int kills;

    /** It is about to be killed, or told to leave. */
    void ends(Contender holder) {
        endMillis = System.currentTimeMillis();
        endNanos = System.nanoTime();
    }

    /** It is gone. */
    void ended(Contender holder) {
        accepted.addAll(holder.accepted());
        endNanos = Math.max(endNanos, holder.said(HolderApplication.LEAVES).orElse(endNanos));
    }

    /** Another has taken over. */
    void turn(Contender before, Contender next, boolean isKill, boolean wasStandingBy) {
        kills += isKill ? 1 : 0;
        OptionalLong held = next.said(HolderApplication.HOLDS);
        var after = Duration.ofNanos(held.orElseThrow() - endNanos);
        if (after.isNegative()) {
            faults.add(next + " held the directory while " + before + " did");
        }
        turns.add(new Turn(next.life, endMillis, isKill, wasStandingBy, after));
    }

    int kills() {
        return kills;
    }

    String lastTurn() {
        var turn = turns.get(turns.size() - 1);
        return String.format(
                Locale.ROOT,
                "turn %d, kill %d: %s, %s held after %.2f s",
                turns.size(),
                kills,
                turn.isKill ? "killed" : "left",
                turn.wasStandingBy ? "who stood by" : "who was started then",
                turn.held.toMillis() / 1000.0);
    }

    /** @param shipped all that lies at the broker, partition by partition */
    Report report(List<Shipped> shipped) {
        var seen = new HashSet<String>();
        var newest = new HashMap<Integer, Long>();
        var last = new HashMap<Integer, Long>();
        var stepsBack = new HashMap<Integer, Integer>();
        Map<Integer, Long> firstOfLife = new HashMap<>();
        long repeated = 0;
        for (var message : shipped) {
            int partition = message.partition();
            firstOfLife.merge(life(message), message.millis(), Math::min);
            if (message.number() <= last.getOrDefault(partition, 0L)) {
                stepsBack.merge(partition, 1, Integer::sum);
            }
            last.put(partition, message.number());
            if (!seen.add(message.id())) {
                repeated++;
            } else if (message.number() < newest.getOrDefault(partition, 0L)) {
                faults.add(message + " came first behind number " + newest.get(partition));
            }
            newest.merge(partition, message.number(), Math::max);
        }
        stepsBack.forEach((partition, steps) -> {
            if (steps > turns.size()) {
                faults.add("partition " + partition + " steps back " + steps + " times in " + turns.size() + " turns");
            }
        });
        accepted.stream()
                .filter(id -> !seen.contains(id))
                .forEach(id -> faults.add(id + " was accepted, and is not at the broker"));
        return new Report(
                turns.size(),
                kills,
                accepted.size(),
                repeated,
                stepsBack.values().stream().mapToInt(steps -> steps).max().orElse(0),
                takeovers(true, firstOfLife),
                takeovers(false, firstOfLife),
                List.copyOf(faults));
    }

    private static int life(Shipped message) {
        return Integer.parseInt(message.id().substring(0, message.id().indexOf('-')));
    }

    /** From kills to the first message of the next that is at the broker; of those that were killed before none is. */
    private List<Duration> takeovers(boolean wasStandingBy, Map<Integer, Long> firstOfLife) {
        return turns.stream()
                .filter(turn -> turn.isKill && turn.wasStandingBy == wasStandingBy)
                .flatMap(turn -> Optional.ofNullable(firstOfLife.get(turn.life))
                        .map(first -> Duration.ofMillis(first - turn.endMillis))
                        .stream())
                .sorted()
                .toList();
    }
}
