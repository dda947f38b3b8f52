package dev.syncline.testkit.kill;

import dev.syncline.testkit.kill.KillOracle.Fault;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * What a series of kills has shown. Immutable.
 *
 * @param seed of the series
 * @param kills how often the application was killed
 * @param killsAtWork how many of them hit it at work, see {@link KillOracle#end()}
 * @param killsByPoint how many of them there were of each kind
 * @param accepted events that were accepted
 * @param effects effects of all handlers
 * @param repeated effects that came again after a crash
 * @param mostRepeats the highest number of effects of one handler and life that came again
 * @param failedAttempts calls of handlers that ended without an effect
 * @param givenUp events given up
 * @param rests how often all was found at rest
 * @param restarts from the start of a process to the first call of a handler, shortest first; without the first start, and
 *     without lives that were killed before
 * @param faults what must not be, and was; empty if all is well
 * @param told the first faults, a line each
 */
public record KillReport(
        long seed,
        int kills,
        int killsAtWork,
        Map<String, Integer> killsByPoint,
        long accepted,
        long effects,
        long repeated,
        int mostRepeats,
        long failedAttempts,
        long givenUp,
        int rests,
        List<Duration> restarts,
        Map<Fault, Long> faults,
        List<String> told) {

    public KillReport {
        killsByPoint = Map.copyOf(killsByPoint);
        restarts = restarts.stream().sorted().toList();
        faults = Map.copyOf(faults);
        told = List.copyOf(told);
    }

    /** Of what an oracle has found. */
    static KillReport of(
            long seed,
            int kills,
            int killsAtWork,
            Map<String, Integer> killsByPoint,
            int rests,
            List<Duration> restarts,
            KillOracle oracle) {
        return new KillReport(
                seed,
                kills,
                killsAtWork,
                killsByPoint,
                oracle.accepted(),
                oracle.effects(),
                oracle.repeated(),
                oracle.mostRepeatsOfALife(),
                oracle.failedAttempts(),
                oracle.givenUp(),
                rests,
                restarts,
                oracle.faults(),
                oracle.told());
    }

    /** How often a fault was found. */
    public long count(Fault fault) {
        return faults.getOrDefault(fault, 0L);
    }

    /** How many kills in a hundred hit the application at work; 100 if there were none. */
    public int percentAtWork() {
        return kills == 0 ? 100 : Math.floorDiv(100 * killsAtWork, kills);
    }

    /** Half of the restarts were at most that long; zero if there were none. */
    public Duration medianRestart() {
        return restarts.isEmpty() ? Duration.ZERO : restarts.get(restarts.size() / 2);
    }

    /** The longest restart; zero if there were none. */
    public Duration longestRestart() {
        return restarts.isEmpty() ? Duration.ZERO : restarts.get(restarts.size() - 1);
    }

    /** All that counts, in one line. */
    public String line() {
        return String.format(
                Locale.ROOT,
                "%d kills (%d %% at work), %d events, %d lost, %d phantoms, %d reordered, %d overlapping, %d repeated (at most %d"
                        + " by one kill), restart %.1f s, at most %.1f s, seed %d",
                kills,
                percentAtWork(),
                accepted,
                count(Fault.LOST),
                count(Fault.PHANTOM),
                count(Fault.REORDERED) + count(Fault.SET_BACK),
                count(Fault.OVERLAP),
                repeated,
                mostRepeats,
                medianRestart().toMillis() / 1000.0,
                longestRestart().toMillis() / 1000.0,
                seed);
    }

    /** Every figure on a line of its own, for people. */
    public String table() {
        StringBuilder table = new StringBuilder();
        row(table, "kills", kills);
        row(table, "at work when killed", percentAtWork() + " %");
        killsByPoint.entrySet().stream()
                .sorted(Map.Entry.comparingByKey())
                .forEach(point -> row(table, "  by " + point.getKey(), point.getValue()));
        row(table, "events accepted", accepted);
        row(table, "effects", effects);
        row(table, "failed attempts", failedAttempts);
        row(table, "given up", givenUp);
        row(table, "repeated effects", repeated + ", at most " + mostRepeats + " of one handler by one kill");
        for (Fault fault : Fault.values()) {
            row(table, fault.text(), count(fault));
        }
        row(table, "found at rest", rests + " times");
        row(
                table,
                "restart to first call",
                String.format(
                        Locale.ROOT,
                        "median %.2f s, longest %.2f s, of %d",
                        medianRestart().toMillis() / 1000.0,
                        longestRestart().toMillis() / 1000.0,
                        restarts.size()));
        row(table, "seed", seed);
        return table + told.stream().map(line -> "  " + line + "\n").collect(Collectors.joining());
    }

    static void row(StringBuilder table, String name, Object value) {
        table.append(String.format(Locale.ROOT, "%-28s %s%n", name, value));
    }
}
