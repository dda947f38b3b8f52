package dev.syncline.testkit.simulation;

import java.time.Duration;
import java.util.EnumSet;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;

/**
 * What a seed decides before anything happens.
 *
 * @param handlers 1 to 3
 * @param applications 1 or 2; the second one only reads
 * @param partitions 1 to 8
 * @param keys 1 to 50, used as Zipf says
 * @param events that are published
 * @param lanes of each handler
 * @param isDisk whether what is published survives a power failure
 * @param session after which the broker gives silent members up
 * @param span over which events are published, about
 * @param timeout of attempts
 * @param batch most events of a list; 0 if no handler takes lists
 * @param faults that happen
 */
record Topology(
        int handlers,
        int applications,
        int partitions,
        int keys,
        int events,
        int lanes,
        boolean isDisk,
        Duration session,
        Duration span,
        Duration timeout,
        int batch,
        Set<Fault> faults) {

    /** Draws what came with later versions of the simulation from {@code later}. */
    static Topology of(SplittableRandom random, SplittableRandom later, int mostEvents) {
        int handlers = 1 + random.nextInt(3);
        var faults = EnumSet.noneOf(Fault.class);
        int likely = 1 + random.nextInt(5);
        for (var fault : EnumSet.complementOf(EnumSet.copyOf(Fault.LATER))) {
            if (random.nextInt(10) < likely) {
                faults.add(fault);
            }
        }
        if (random.nextInt(20) == 0) {
            faults.clear();
        } else {
            Fault.LATER.stream().filter(fault -> later.nextInt(3) == 0).forEach(faults::add);
        }
        boolean isDisk = random.nextBoolean();
        return new Topology(
                handlers,
                handlers == 1 ? 1 : 1 + random.nextInt(2),
                1 + random.nextInt(8),
                1 + random.nextInt(50),
                mostEvents / 10 + random.nextInt(mostEvents - mostEvents / 10),
                1 + random.nextInt(4),
                isDisk,
                Duration.ofSeconds(10 + random.nextInt(30)),
                Duration.ofSeconds(2 + random.nextInt(30)),
                Duration.ofSeconds(1 + random.nextInt(12)),
                later.nextBoolean() ? 2 + later.nextInt(20) : 0,
                Set.copyOf(faults));
    }

    boolean has(Fault fault) {
        return faults.contains(fault);
    }

    Map<String, String> settings() {
        return Map.of(
                "defaults.concurrency",
                String.valueOf(lanes),
                "outbox.durability",
                isDisk ? "disk" : "process",
                "defaults.timeout",
                timeout.toSeconds() + "s",
                "defaults.batch",
                String.valueOf(Math.max(1, batch)),
                "defaults.retry-later",
                "1s 5s 30s 1m");
    }

    @Override
    public String toString() {
        return handlers + " handlers in " + applications + " applications, " + partitions + " partitions, " + keys
                + " keys, " + events + " events in " + span + ", " + lanes + " lanes, " + (isDisk ? "DISK" : "PROCESS")
                + ", session "
                + session + (batch == 0 ? "" : ", lists of " + batch) + ", timeout " + timeout + ", faults "
                + (faults.isEmpty() ? "none" : EnumSet.copyOf(faults));
    }
}
